/**
 * Buildspecs in the shapes that people write, among them those of the five published designs this project began with: each
 * is found by exactly the rules named, and sound ones by none. `?` marks a rule that says it cannot know.
 */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { analyseBuildspec } from "../../buildspec/analysis";
import { defaultConfiguration } from "../../harness/configuration";
import { exampleDescriptions } from "../../harness/examples";
import { ResourceReader } from "../../harness/reader";
import { projectExample } from "../../pipeline/exampleResources";
import { codebuildRules } from "../codebuild";
import { buildspecRules } from ".";

const rules = [...buildspecRules, ...codebuildRules];
/** Settings of the project that this corpus is not about. */
const settings = new Set(["CB-04", "CB-05", "CB-06", "CB-09"]);

function found(
    buildspec: string,
    variables: Record<string, string> = {},
    more: Record<string, unknown> = {},
): string[] {
    const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }));
    const resource = projectExample("p", buildspec, undefined, {
        environment: { environmentVariables },
        ...more,
    });
    const [description] = exampleDescriptions({
        title: "",
        shows: "good",
        resources: [resource],
        expect: [],
    });
    ok(description);
    const project = new ResourceReader(description);
    return rules
        .flatMap((rule) => {
            if (
                rule.level !== "resource" ||
                settings.has(rule.metadata.id) ||
                !rule.types.includes(project.type)
            )
                return [];
            const kinds = rule.evaluate(project, defaultConfiguration).map(({ kind }) => kind);
            if (kinds.includes("violation")) return [rule.metadata.id];
            return kinds.includes("inconclusive") ? [`${rule.metadata.id}?`] : [];
        })
        .sort();
}

const registry = "$ACCOUNT.dkr.ecr.$REGION.amazonaws.com";

const corpus: [title: string, expected: string[], buildspec: string, variables?: Record<string, string>][] = [
    [
        "Lacework: the staging image is scanned as latest and nobody minds",
        ["BS-02", "BS-07", "BS-12", "BS-19"],
        `
version: 0.2
env:
  parameter-store:
    LW_ACCOUNT: LW_ACCOUNT
    LW_API_KEY: LW_API_KEY
    LW_API_SECRET: LW_API_SECRET
phases:
  install:
    commands:
      - curl https://example.com/lacework/main/cli/install.sh | bash
  build:
    commands:
      - export LW_API_KEY=$LW_API_KEY
      - lacework vulnerability container scan $DOCKER_REG $IMAGE_NAME latest --poll --noninteractive --fail_on_severity critical || true
`,
        { DOCKER_REG: "123456789012.dkr.ecr.eu-central-1.amazonaws.com", IMAGE_NAME: "staging" },
    ],
    [
        "Lacework: production gets the tag of staging",
        ["BS-11"],
        `
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin $DOCKER_REG
      - docker pull $DOCKER_REG/staging-demo-app:latest
  build:
    commands:
      - docker tag $DOCKER_REG/staging-demo-app:latest $DOCKER_REG/prod-demo-app:latest
  post_build:
    commands:
      - docker push --all-tags $DOCKER_REG/prod-demo-app
`,
        { DOCKER_REG: "123456789012.dkr.ecr.eu-central-1.amazonaws.com" },
    ],
    [
        "AWS workshop: pushed, scanned by a server without TLS, judged by equality",
        ["BS-06", "BS-07", "BS-13", "BS-15", "BS-17", "BS-19", "CB-02"],
        `
version: 0.2
phases:
  pre_build:
    commands:
      - pip install anchorecli
      - $(aws ecr get-login --no-include-email)
  build:
    commands:
      - docker build -t $REPOSITORY/scratch-candidate .
      - docker push $REPOSITORY/scratch-candidate
      - anchore-cli image add $REPOSITORY/scratch-candidate:latest
      - anchore-cli --json image vuln $REPOSITORY/scratch-candidate:latest all > vuln.json
  post_build:
    commands:
      - >-
        if [ $(jq '[.vulnerabilities[] | select(.severity=="High")] | length' vuln.json) -gt 0 ]; then
        echo "findings"; fi
`,
        {
            REPOSITORY: "123456789012.dkr.ecr.us-east-2.amazonaws.com",
            ANCHORE_CLI_URL: "http://scanner-1.us-east-2.elb.amazonaws.com/v1",
            ANCHORE_CLI_PASS: "value",
        },
    ],
    [
        "AWS workshop: what is published was built again",
        ["BS-10"],
        `
version: 0.2
phases:
  build:
    commands:
      - docker build -t ${registry}/sample-prod:$COMMIT .
      - docker push ${registry}/sample-prod:$COMMIT
`,
    ],
    [
        "Inspector gate: the build names its image by a tag",
        ["BS-15"],
        `
version: 0.2
env:
  exported-variables: [IMAGE_DIGEST]
phases:
  pre_build:
    commands:
      - docker login -u AWS -p $(aws ecr get-login-password) ${registry}
  build:
    commands:
      - docker build -t ${registry}/inspector-blog-images:latest .
  post_build:
    commands:
      - docker push ${registry}/inspector-blog-images:latest
      - export IMAGE_DIGEST=$(aws ecr describe-images --repository-name inspector-blog-images --image-ids imageTag=latest --query imageDetails[0].imageDigest --output text)
`,
    ],
    [
        "AccuKnox: the socket for a container called latest, a word in its report, a push after it",
        ["BS-06", "BS-13", "BS-14", "BS-15", "BS-16"],
        `
version: 0.2
env:
  parameter-store:
    dockerLoginPassword: /docker/password
    accuknoxApiToken: /accuknox/token
phases:
  pre_build:
    commands:
      - docker login -u demo -p $dockerLoginPassword
      - docker pull $SCAN_IMAGE_NAME
  build:
    commands:
      - docker build -t $IMAGE_NAME .
  post_build:
    commands:
      - docker run --rm -v /var/run/docker.sock:/var/run/docker.sock $SCAN_IMAGE_NAME image --format json $IMAGE_NAME >> report.json
      - >
        curl --location "https://$CSPM_URL/api/v1/artifact/?tenant_id=$TENANT_ID" --header "Authorization: Bearer $accuknoxApiToken"
        --form 'file=@report.json'
      - |
        if grep -q CRITICAL report.json; then
          echo "critical findings"
          exit 1
        else
          docker push $IMAGE_NAME
        fi
`,
        { IMAGE_NAME: "demo/app:1", SCAN_IMAGE_NAME: "accuknox/accuknox-container-scan:latest" },
    ],
    [
        "Stelligent: the gate that a quote switches off, over plain HTTP, on another image",
        ["BS-02", "BS-04", "BS-06", "BS-09", "BS-13", "BS-15", "BS-17", "BS-19", "CB-02"],
        `
version: 0.2
env:
  variables:
    TAG: latest
    SOURCE_IMAGE: nginx:latest
    STAGE_REPO_NAME: tested/nginx
phases:
  install:
    commands:
      - nohup /usr/local/bin/dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 &
      - timeout 15 sh -c "until docker info; do echo .; sleep 1; done"
      - pip install awscli boto3 anchorecli
  pre_build:
    commands:
      - $(aws ecr get-login --no-include-email)
  build:
    commands:
      - anchore-cli image add $SOURCE_IMAGE
      - anchore-cli image wait $SOURCE_IMAGE
      - anchore-cli image vuln $SOURCE_IMAGE os
      - if [ '$ANCHORE_SCAN_POLICY' = "true" ]; then anchore-cli evaluate check $SOURCE_IMAGE; fi
      - docker build -t $STAGE_REPO_NAME .
  post_build:
    commands:
      - docker tag $STAGE_REPO_NAME:$TAG ${registry}/$STAGE_REPO_NAME:$TAG
      - docker push ${registry}/$STAGE_REPO_NAME:$TAG
`,
        { ANCHORE_CLI_URL: "http://scanner.example.com:8228/v1", ANCHORE_CLI_PASS: "value" },
    ],
    [
        "sound: build, scan by the same name, keep the report, push",
        [],
        `
version: 0.2
env:
  shell: bash
  exported-variables: [IMAGE_URI]
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}
      - IMAGE_URI=${registry}/app:$CODEBUILD_RESOLVED_SOURCE_VERSION
  build:
    on-failure: ABORT
    commands:
      - docker build -t $IMAGE_URI .
      - trivy image --exit-code 1 --severity HIGH,CRITICAL --format json --output trivy.json $IMAGE_URI
      - docker push $IMAGE_URI
artifacts:
  files: [trivy.json]
`,
    ],
    [
        "sound: an ordinary build of an application",
        [],
        `
version: 0.2
phases:
  install:
    runtime-versions:
      nodejs: 22
    commands:
      - npm ci
  build:
    commands:
      - npm run build
      - npm test
      - rm -rf node_modules || true
artifacts:
  base-directory: dist
  files: ["**/*"]
cache:
  paths: ["node_modules/**/*"]
`,
    ],
    [
        "folded and literal scalars, sub-shells and here-documents",
        ["BS-02", "BS-15", "BS-19", "BS-20"],
        `
version: 0.2
phases:
  build:
    commands:
      - >
        trivy image
        --exit-code 1
        app:1
        || true
      - |
        (
          set -e
          cd app
          cat <<EOF > notes
        aws codepipeline update-pipeline
        EOF
          bash <<'SCRIPT'
        aws codepipeline put-approval-result --pipeline-name p
        SCRIPT
        )
      - "{ set -x; make; }"
`,
    ],
    [
        "a scan in finally",
        ["BS-05", "BS-19"],
        `
version: 0.2
phases:
  build:
    commands: [make]
    finally:
      - grype app:1 --fail-on high
`,
    ],
    [
        "a batch: its builds may bring buildspecs of their own",
        ["BS-02?", "BS-05?", "BS-06?", "BS-07?", "BS-08?", "BS-18?", "BS-19"],
        `
version: 0.2
batch:
  fast-fail: false
  build-list:
    - identifier: one
      env:
        variables: { A: b }
  build-graph:
    - identifier: two
      depend-on: [one]
phases:
  build:
    commands:
      - grype app:1 --fail-on high
`,
    ],
    [
        "a shell whose language is not read",
        [
            "BS-02?",
            "BS-05?",
            "BS-06?",
            "BS-07?",
            "BS-08?",
            "BS-14?",
            "BS-15?",
            "BS-17?",
            "BS-18?",
            "BS-19?",
            "BS-20?",
        ],
        `
version: 0.2
env:
  shell: powershell.exe
phases:
  build:
    commands:
      - trivy image --exit-code 1 app:1
`,
    ],
];

describe("buildspecs as people write them", () => {
    for (const [title, expected, buildspec, variables] of corpus) {
        it(title, () => {
            deepEqual(found(buildspec, variables), expected);
        });
    }
});

describe("any text as a buildspec", () => {
    it("never throws, and whatever cannot be read is never silent", () => {
        const piece = fc.constantFrom(
            "version: 0.2\n", "phases:\n", "  build:\n", "    commands:\n", "      - ", "grype app || true", "$(", "'", '"', "\n",
            "<<EOF\n", "if ", "\t", "env:\n", "  shell: bash\n", ": ", "{", "[", "|", "batch:\n", "docker push a", "&", "#", "\\",
        ); // prettier-ignore
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string(),
                    fc.array(piece, { maxLength: 25 }).map((all) => all.join("")),
                ),
                (text) => {
                    const analysis = analyseBuildspec(text);
                    const ids = found(`version: 0.2\n${text}`);
                    if (analyseBuildspec(`version: 0.2\n${text}`).errors.length > 0)
                        ok(ids.includes("BS-01"));
                    ok(analysis.errors.length === 0 || analysis.buildspec === null);
                },
            ),
            { numRuns: 300 },
        );
    });

    it("a scan that is swallowed stays found, whatever stands around it", () => {
        const around = fc.array(
            fc.constantFrom("make", "cd app", "export A=b", "rm -rf x || true", "echo 'it''s'", "for i in 1 2; do echo $i; done", "[ -f x ] && make", "docker build -t a .", "cat <<E\na\nE"), // prettier-ignore
            { maxLength: 5 },
        );
        fc.assert(
            fc.property(around, around, (before, after) => {
                const commands = [...before, "trivy image --exit-code 1 a || true", ...after];
                const ids = found(JSON.stringify({ version: 0.2, phases: { build: { commands } } }));
                ok(ids.includes("BS-02"), commands.join("\n"));
            }),
            { numRuns: 60 },
        );
    });
});
