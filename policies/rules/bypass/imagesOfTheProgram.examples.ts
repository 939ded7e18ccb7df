import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { repositoryExample } from "../../pipeline/exampleResources";

const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const production = repositoryExample("production", "production");
const staging = repositoryExample("staging", "staging");
const of = (type: string, props: Record<string, unknown>, more: Partial<ExampleResource> = {}): ExampleResource[] => [production, staging, { type, name: "image", props, ...more }]; // prettier-ignore
const image = (tier: string): string => `${registry}/demo/${tier}:v1`;

const refused: [title: string, type: string, props: Record<string, unknown>][] = [
    ["a Docker image", "docker:index/image:Image", { imageName: image("production") }],
    ["an image of a registry", "docker:index/registryImage:RegistryImage", { name: image("production") }],
    [
        "an image of docker-build",
        "docker-build:index:Image",
        { tags: [image("staging"), image("production")], push: true },
    ],
    [
        "one that goes to a registry by its exports",
        "docker-build:index:Image",
        { tags: [image("production")], exports: [{ registry: {} }] },
    ],
    ["an index of images", "docker-build:index:Index", { tag: image("production"), sources: [] }],
    ["an image of awsx", "awsx:ecr:Image", { repositoryUrl: `${registry}/demo/production` }],
    ["a command", "command:local:Command", { create: `docker push ${image("production")}` }],
    [
        "a command of several, when it is updated",
        "command:local:Command",
        {
            create: "true",
            update: `docker build -t x . && crane copy ${image("staging")} ${image("production")}`,
        },
    ],
];
const accepted: [title: string, type: string, props: Record<string, unknown>][] = [
    ["a Docker image for staging", "docker:index/image:Image", { imageName: image("staging") }],
    [
        "an image that is not pushed",
        "docker:index/image:Image",
        { imageName: image("production"), skipPush: true },
    ],
    ["a build without a push", "docker-build:index:Image", { tags: [image("production")], push: false }],
    ["an image of awsx for staging", "awsx:ecr:Image", { repositoryUrl: `${registry}/demo/staging` }],
    ["a command that does something else", "command:local:Command", { create: "npm run build" }],
    ["a command that only reads", "command:local:Command", { create: `docker pull ${image("production")}` }],
    ["an image of another registry", "docker:index/image:Image", { imageName: "docker.io/example/shop:v1" }],
];

export const examples: RuleExample[] = [
    ...refused.map(([title, type, props]) => badExample(title, of(type, props), "image")),
    ...accepted.map(([title, type, props]) => goodExample(title, of(type, props))),
    badExample(
        "a name that is not known yet, of the production repository",
        of("docker-build:index:Image", { tags: [unknown], push: true }, { propertyDependencies: { tags: ["production"] } }), // prettier-ignore
        "image",
    ),
    goodExample(
        "a name that is not known yet, of the staging repository",
        of("awsx:ecr:Image", { repositoryUrl: unknown }, { propertyDependencies: { repositoryUrl: ["staging"] } }), // prettier-ignore
    ),
    goodExample("what awsx makes underneath is said once", [
        ...of("awsx:ecr:Image", { repositoryUrl: `${registry}/demo/staging` }),
        {
            type: "docker-build:index:Image",
            name: "child",
            props: { tags: unknown, push: true },
            parent: "image",
        },
    ]),
    {
        title: "no image name",
        shows: "absent",
        resources: of("docker-build:index:Image", { push: true }),
        expect: [],
    },
    openExample("a name that depends on nothing", of("docker:index/image:Image", { imageName: unknown }), "image"), // prettier-ignore
    openExample(
        "a name of one of two repositories",
        of("docker:index/image:Image", { imageName: unknown }, { propertyDependencies: { imageName: ["production", "staging"] } }), // prettier-ignore
        "image",
    ),
];
