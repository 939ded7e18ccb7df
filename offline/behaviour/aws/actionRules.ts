/** What AWS CodePipeline refuses in one action: the configuration and the artifacts that each provider takes. */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import { isKnown } from "../valueRules";

export const categories = ["Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute"] as const;

/** One of AWS's own providers, as its page of the "Action structure reference" has it. */
interface Provider {
    categories: (typeof categories)[number][];
    needed: string[];
    optional: string[];
    /** Least and most artifacts, in and out. */
    inputs: [number, number];
    outputs: [number, number];
    check?(configuration: WireObject, where: string): string[];
}

const providers: Record<string, Provider> = {
    CodeCommit: {
        categories: ["Source"],
        needed: ["RepositoryName", "BranchName"],
        optional: ["PollForSourceChanges", "OutputArtifactFormat"],
        inputs: [0, 0],
        outputs: [1, 1],
        check: format,
    },
    CodeStarSourceConnection: {
        categories: ["Source"],
        needed: ["ConnectionArn", "FullRepositoryId", "BranchName"],
        optional: ["DetectChanges", "OutputArtifactFormat"],
        inputs: [0, 0],
        outputs: [1, 1],
        check: format,
    },
    CodeBuild: {
        categories: ["Build", "Test"],
        needed: ["ProjectName"],
        optional: [
            "PrimarySource",
            "BatchEnabled",
            "BuildspecOverride",
            "CombineArtifacts",
            "EnvironmentVariables",
        ],
        inputs: [1, 5],
        outputs: [0, 5],
        check: buildVariables,
    },
    ECS: {
        categories: ["Deploy"],
        needed: ["ClusterName", "ServiceName"],
        optional: ["FileName", "DeploymentTimeout"],
        inputs: [1, 1],
        outputs: [0, 0],
        check: ({ DeploymentTimeout: minutes }, where) =>
            isKnown(minutes) &&
            !(/^\d+$/.test(String(minutes)) && Number(minutes) >= 1 && Number(minutes) <= 60)
                ? [`${where}.DeploymentTimeout ${JSON.stringify(minutes)} is not from 1 to 60 (minutes)`]
                : [],
    },
    Manual: {
        categories: ["Approval"],
        needed: [],
        optional: ["NotificationArn", "CustomData", "ExternalEntityLink"],
        inputs: [0, 0],
        outputs: [0, 0],
        check: ({ CustomData: data }, where) =>
            isKnown(data) && String(data).length > 1000
                ? [`${where}.CustomData has ${String(data).length} characters, at most 1000 are allowed`]
                : [],
    },
    Lambda: {
        categories: ["Invoke"],
        needed: ["FunctionName"],
        optional: ["UserParameters"],
        inputs: [0, 5],
        outputs: [0, 5],
    },
    InspectorScan: {
        categories: ["Invoke"],
        needed: ["InspectorRunMode"],
        optional: [
            ..."ECRRepositoryName ImageTag CriticalThreshold HighThreshold MediumThreshold LowThreshold".split(
                " ",
            ),
        ],
        inputs: [0, 1],
        outputs: [0, 1],
    },
};

function format({ OutputArtifactFormat: value }: WireObject, where: string): string[] {
    return !isKnown(value) || ["CODE_ZIP", "CODEBUILD_CLONE_REF"].includes(String(value))
        ? []
        : [`${where}.OutputArtifactFormat ${JSON.stringify(value)} is none of CODE_ZIP, CODEBUILD_CLONE_REF`];
}

/** `EnvironmentVariables` is a JSON list of `{name, value, type}` in a text. */
function buildVariables({ EnvironmentVariables: given }: WireObject, where: string): string[] {
    if (!isKnown(given)) {
        return [];
    }
    const at = `${where}.EnvironmentVariables`;
    let variables: Wire;
    try {
        variables = JSON.parse(String(given)) as Wire;
    } catch (error) {
        return [`${at} is not JSON: ${(error as Error).message}`];
    }
    if (!Array.isArray(variables) || !variables.every(isObject)) {
        return [`${at} is not a list of objects`];
    }
    const names = variables.map(({ name }) => String(name));
    return [
        ...names
            .filter((name, position) => names.indexOf(name) !== position)
            .map((name) => `${at} has ${name} twice`),
        ...variables.flatMap(({ name, value, type }) =>
            typeof name === "string" &&
            typeof value === "string" &&
            ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER", undefined].includes(
                type as string | undefined,
            )
                ? []
                : [`${at}: ${JSON.stringify(name ?? null)} needs name, value and a type of CodeBuild's`],
        ),
    ];
}

function artifactProblems(action: WireObject, where: string, provider: Provider): string[] {
    return (["inputs", "outputs"] as const).flatMap((side) => {
        const property = side === "inputs" ? "inputArtifacts" : "outputArtifacts";
        const given = Array.isArray(action[property]) ? action[property].length : 0;
        const [least, most] = provider[side];
        return given < least || given > most
            ? [
                  `${where}: ${String(action["provider"])} takes ${least === most ? least : `${least} to ${most}`} ${property}, given: ${given}`,
              ]
            : [];
    });
}

/** Problems of one action of AWS; actions of others and unknown values are not judged. */
export function actionProblems(action: WireObject, where: string): string[] {
    const provider = action["owner"] === "AWS" ? providers[String(action["provider"])] : undefined;
    if (provider === undefined) {
        return [];
    }
    const configuration = isObject(action["configuration"] ?? {})
        ? ((action["configuration"] ?? {}) as WireObject)
        : undefined;
    const at = `${where}.configuration`;
    return [
        ...(isKnown(action["category"]) && !provider.categories.includes(action["category"] as "Build")
            ? [`${where}: ${String(action["provider"])} is no ${String(action["category"])} action`]
            : []),
        ...artifactProblems(action, where, provider),
        ...(configuration === undefined
            ? []
            : [
                  ...provider.needed
                      .filter((key) => configuration[key] === undefined || configuration[key] === "")
                      .map((key) => `${at}.${key} is needed for ${String(action["provider"])}`),
                  ...Object.keys(configuration)
                      .filter((key) => ![...provider.needed, ...provider.optional].includes(key))
                      .map((key) => `${at}.${key} is no key of ${String(action["provider"])}`),
                  ...(provider.check?.(configuration, at) ?? []),
              ]),
    ];
}
