/** Commands that build, move or deploy an image, and what they name as source and target. */
import { hasOption, operands, optionValue, optionValues } from "./arguments";
import { containerTools, globalOptions } from "./containerRun";
import { gateWords } from "./gateCommand";
import { programName, type Argument, type Invocation } from "./invocation";

/** `digest`, `tag`, or `unknown` when the reference is in a variable. */
export type Pinning = "digest" | "tag" | "unknown";

export interface Delivery {
    /** `definition`: names the image that a later deployment runs (`imagedefinitions.json` of CodePipeline). */
    kind: "build" | "push" | "copy" | "tag" | "pull" | "deploy" | "definition";
    tool: string;
    /** Image reference, repository name or service; null when the command does not name it. */
    target: string | null;
    source: string | null;
    /** How the source is named; for pushes and deployments `unknown`. */
    pinning: Pinning;
}

type Found = Omit<Delivery, "tool">[];

const buildOptions =
    "-t --tag -f --file --build-arg --platform --target --label --cache-from --cache-to -o --output --secret --ssh --network --progress --builder --iidfile --metadata-file --provenance --sbom --attest --add-host --memory -m --shm-size --ulimit --isolation --annotation --build-context --allow --call".split(
        " ",
    );
const awsOptions = [
    "--region",
    "--profile",
    "--output",
    "--query",
    "--endpoint-url",
    "--cli-input-json",
    "--cli-input-yaml",
];

/** How an image reference names its image. */
export function pinningOf(reference: string): Pinning {
    if (/@sha256:|@\$\{?\w*DIGEST|@\$\{?\w+/i.test(reference)) return "digest";
    if (/^\$\{?\w+\}?$/.test(reference)) return "unknown";
    return "tag";
}

/** Everything that a command delivers; empty when it is something else. */
export function deliveries(
    invocation: Invocation,
    environment: (name: string) => string | undefined,
): Delivery[] {
    const words = gateWords(invocation.words);
    const tool = programName(words[0]?.text ?? "");
    const read = (name: string) => invocation.environment.get(name) ?? environment(name);
    return [...find(tool, words.slice(1), read), ...written(tool, words.slice(1), invocation)].map(
        (delivery) => ({ ...delivery, tool }),
    );
}

/** Files in which CodePipeline's ECS actions look for images (CodePipeline User Guide, "Image definitions file reference"). */
export const definitionFile = /(?:^|\/)(?:imagedefinitions|imageDetail)\.json$/;

/** `printf '[{"name":"app","imageUri":"%s"}]' "$IMAGE" > imagedefinitions.json`. */
function written(tool: string, words: Argument[], { redirects }: Invocation): Found {
    if (!redirects.some(({ operator, target }) => operator.startsWith(">") && definitionFile.test(target)))
        return [];
    if (tool !== "printf" && tool !== "echo") return [definition("${IMAGE}")];
    const [, uri = "%s"] =
        /"?imageUri"?\s*:\s*"([^"]*)"/i.exec(words.map(({ text }) => text).join(" ")) ?? [];
    return [definition(/^%\w$/.test(uri) ? (words.at(-1)?.text ?? uri) : uri)];
}

function find(tool: string, words: Argument[], environment: (name: string) => string | undefined): Found {
    if (containerTools.has(tool) || tool === "buildah") return container(words);
    const names = operands(words, []).map((word) => word.text);
    switch (tool) {
        case "gate":
            if (words[0]?.text === "imagedefinitions")
                return [definition(optionValue(words, "--image") ?? environment("GATE_IMAGE") ?? "${GATE_IMAGE}")]; // prettier-ignore
            if (words[0]?.text !== "promote") return [];
            return [
                copy(
                    optionValue(words, "--from") ?? environment("GATE_FROM") ?? "${GATE_FROM}",
                    optionValue(words, "--to") ?? environment("GATE_TO") ?? "${GATE_TO}",
                ),
            ];
        case "crane":
        case "gcrane":
        case "krane":
            return crane(words);
        case "skopeo": {
            const [command, source, target] = operands(words, ["--src-creds", "--dest-creds", "--creds", "--authfile", "--src-authfile", "--dest-authfile", "--format", "-f", "--policy", "--override-arch", "--override-os", "--retry-times", "--sign-by", "--digestfile", "--src-tls-verify", "--dest-tls-verify", "--multi-arch"]).map((word) => word.text); // prettier-ignore
            if (command !== "copy" && command !== "sync") return [];
            if (source && !source.startsWith("docker://") && !source.startsWith("$"))
                return [push(bare(target))];
            return [copy(bare(source), bare(target))];
        }
        case "oras":
            return names[0] === "cp" || names[0] === "copy"
                ? [copy(names[1], names[2])]
                : names[0] === "push"
                  ? [push(names[1])]
                  : [];
        case "regctl":
            return names[0] === "image" && names[1] === "copy" ? [copy(names[2], names[3])] : [];
        case "executor":
        case "kaniko":
            return [build(), ...optionValues(words, "--destination", "-d").map(push)];
        case "pack":
            return names[0] === "build"
                ? [build(), ...(hasOption(words, "--publish") ? [push(names[1])] : [])]
                : [];
        case "ko":
            return ["build", "publish", "apply", "resolve"].includes(names[0] ?? "")
                ? [build(), push("${KO_DOCKER_REPO}")]
                : [];
        case "docker-compose":
            return compose(names);
        case "kubectl":
        case "oc":
            return names.some((name) =>
                [
                    "apply",
                    "create",
                    "replace",
                    "patch",
                    "set",
                    "rollout",
                    "run",
                    "edit",
                    "scale",
                    "delete",
                ].includes(name),
            )
                ? [deploy(namespaceOf(words) ?? names.slice(1).join(" "))]
                : [];
        case "helm":
        case "helmfile":
            return names.some((name) => ["upgrade", "install", "rollback", "apply", "sync"].includes(name))
                ? [deploy(namespaceOf(words) ?? names[1])]
                : [];
        case "pulumi":
        case "terraform":
        case "tofu":
        case "cdk":
        case "sam":
        case "serverless":
        case "sls":
        case "copilot":
        case "ecs-cli":
        case "ecs":
        case "argocd":
            return names.some((name) =>
                ["up", "update", "apply", "deploy", "destroy", "sync", "compose"].includes(name),
            )
                ? [deploy(tool)]
                : [];
        case "aws":
            return aws(words);
        default:
            return [];
    }
}

function container(words: Argument[]): Found {
    let rest = words.slice(globalOptions(words));
    if (["image", "builder", "buildx"].includes(rest[0]?.text ?? "")) {
        if (rest[0]?.text === "buildx" && rest[1]?.text === "imagetools") {
            if (rest[2]?.text !== "create") return [];
            const tags = optionValues(rest, "-t", "--tag");
            const [source] = operands(rest.slice(3), [
                "-t",
                "--tag",
                "-f",
                "--file",
                "--builder",
                "--progress",
                "--annotation",
            ]);
            return tags.map((target) => copy(source?.text, target));
        }
        rest = rest.slice(1 + globalOptions(rest.slice(1)));
    }
    const command = rest[0]?.text;
    const operand = operands(rest.slice(1), [...buildOptions, "--authfile", "--creds", "--format"]).map(
        (word) => word.text,
    );
    switch (command) {
        case "push":
            return [push(operand[operand.length - 1]?.replace(/^docker:\/\//, ""))];
        case "build":
        case "bud":
        case "b":
        case "bake":
        case "commit":
        case "import":
        case "load": {
            const output = optionValues(rest, "-o", "--output").join(" ");
            const pushes = hasOption(rest, "--push") || /type=registry|push=true/.test(output);
            const tags = optionValues(rest, "-t", "--tag");
            const targets = tags.length > 0 ? tags : ["${IMAGE}"];
            return [build(tags[0]), ...(pushes ? targets.map(push) : [])];
        }
        case "tag":
            return [
                {
                    kind: "tag",
                    source: operand[0] ?? null,
                    target: operand[1] ?? null,
                    pinning: pinningOf(operand[0] ?? ""),
                },
            ];
        case "pull":
            return [
                {
                    kind: "pull",
                    source: operand[0] ?? null,
                    target: null,
                    pinning: pinningOf(operand[0] ?? ""),
                },
            ];
        case "compose":
            return compose(rest.slice(1).map((word) => word.text));
        case "stack":
        case "service":
            return ["deploy", "up", "update", "create"].includes(operand[0] ?? "")
                ? [deploy(operand[1])]
                : [];
        default:
            return [];
    }
}

function compose(names: string[]): Found {
    if (names.includes("push")) return [push("${COMPOSE_IMAGES}")];
    return names.includes("build") || names.includes("up") ? [build()] : [];
}

function crane(words: Argument[]): Found {
    const names = operands(words, ["--platform", "-j", "--jobs"]).map((word) => word.text);
    switch (names[0]) {
        case "cp":
        case "copy":
            return [copy(names[1], names[2])];
        case "push":
            return [push(names[2])];
        case "tag":
            return [copy(names[1], names[1])];
        case "append":
        case "mutate":
        case "rebase":
        case "flatten":
            return [build(), push(optionValue(words, "-t", "--tag", "--new_tag") ?? names[1])];
        default:
            return [];
    }
}

const awsDeployments: Record<string, readonly string[]> = {
    ecs: [
        "update-service",
        "create-service",
        "run-task",
        "start-task",
        "deploy",
        "create-task-set",
        "update-service-primary-task-set",
    ],
    deploy: ["create-deployment"],
    lambda: ["update-function-code", "create-function", "update-alias", "publish-version"],
    cloudformation: ["deploy", "create-stack", "update-stack", "execute-change-set"],
    apprunner: ["start-deployment", "update-service", "create-service"],
    elasticbeanstalk: ["update-environment", "create-environment"],
};

function aws(words: Argument[]): Found {
    const names = operands(words, awsOptions).map((word) => word.text);
    const [service = "", command = ""] = names;
    if (service === "ecr" && command === "put-image") {
        const target = optionValue(words, "--repository-name") ?? null;
        return [
            {
                kind: "copy",
                source: null,
                target,
                pinning: optionValue(words, "--image-digest") ? "digest" : "unknown",
            },
        ];
    }
    if (service === "ecr" && command === "batch-get-image") {
        const ids = optionValue(words, "--image-ids") ?? "";
        const source = optionValue(words, "--repository-name") ?? null;
        return [
            {
                kind: "pull",
                source,
                target: null,
                pinning: ids.includes("imageDigest=")
                    ? "digest"
                    : ids.includes("imageTag=")
                      ? "tag"
                      : "unknown",
            },
        ];
    }
    if (!awsDeployments[service]?.includes(command)) return [];
    return [
        deploy(
            optionValue(
                words,
                "--service",
                "--service-name",
                "--function-name",
                "--stack-name",
                "--application-name",
                "--environment-name",
                "--task-definition",
            ),
        ),
    ];
}

const bare = (reference: string | undefined) => reference?.replace(/^docker:\/\//, "");
const build = (target?: string): Found[number] => ({
    kind: "build",
    source: null,
    target: target ?? null,
    pinning: "unknown",
});
const push = (target?: string): Found[number] => ({
    kind: "push",
    source: null,
    target: target ?? null,
    pinning: "unknown",
});
const deploy = (target?: string): Found[number] => ({
    kind: "deploy",
    source: null,
    target: target ?? null,
    pinning: "unknown",
});

/** The Kubernetes namespace says more about where it goes than the file that is applied. */
function namespaceOf(words: readonly Argument[]): string | undefined {
    const namespace = optionValue(words, "--namespace", "-n");
    return namespace === "" ? undefined : namespace;
}

/** What is deployed is the image that is named: source and target are one. */
const definition = (image: string): Found[number] => ({
    kind: "definition",
    source: image,
    target: image,
    pinning: pinningOf(image),
});

function copy(source: string | undefined, target: string | undefined): Found[number] {
    return {
        kind: "copy",
        source: source ?? null,
        target: target ?? null,
        pinning: pinningOf(source ?? ""),
    };
}
