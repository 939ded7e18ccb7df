/** EFS-01, stack half: backups, and mount targets in private subnets. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { defaultRoute, internetGateway, subnet } from "../vpc/network.examples";
import { routingOf, subnetType } from "../vpc/topology";
import {
    backupPolicyType,
    fileSystemExample,
    fileSystemType,
    mountTargetType,
    partExample,
} from "./fileSystem";
import { protectedFilesMetadata } from "./protectedFiles";

/** AWS Backup can save a file system that its own policy leaves out. */
const backupSelectionType = "aws:backup/selection:Selection";

const files = fileSystemExample();
const backup = (status: unknown): ExampleResource =>
    partExample(backupPolicyType, "backup", { backupPolicy: { status } }, unknown);
const mounted: ExampleResource = {
    type: mountTargetType,
    name: "mount",
    props: { fileSystemId: unknown, subnetId: unknown },
    propertyDependencies: { fileSystemId: ["files"], subnetId: ["place"] },
};

export const privateFiles: StackRule = {
    level: "stack",
    metadata: protectedFilesMetadata,
    relevantTypes: [fileSystemType, mountTargetType],
    evaluate: (graph) => [
        ...graph.ofType(fileSystemType).flatMap((each) => about(each, judgeBackup(each, graph))),
        ...graph.ofType(mountTargetType).flatMap((each) => about(each, judgePlace(each, graph))),
    ],
    examples: [
        badExample("backups switched off", [files, backup("DISABLED")], "files"),
        badExample(
            "mounted in a public subnet",
            [
                files,
                backup("ENABLED"),
                mounted,
                internetGateway,
                ...subnet("place"),
                defaultRoute("place", "gatewayId", "internet"),
            ],
            "mount",
        ),
        goodExample("saved, in a private subnet", [files, backup("ENABLED"), mounted, ...subnet("place")]),
        goodExample("saved by AWS Backup", [
            files,
            { type: backupSelectionType, name: "all", props: { planId: unknown } },
        ]),
        absentExample("no backup", [files], "files"),
        openExample("backup not known yet", [files, backup(unknown)], "files"),
        openExample(
            "a subnet of which nothing is known",
            [files, backup("ENABLED"), { ...mounted, propertyDependencies: { fileSystemId: ["files"] } }],
            "mount",
        ),
    ],
};

function judgeBackup(fileSystem: ResourceReader, graph: StackGraph): Outcome {
    const { certain, possible } = graph.referrers(fileSystem, [backupPolicyType], "fileSystemId");
    const states = certain.map((policy) => policy.string("backupPolicy", "status"));
    if (states.some((status) => is(status, "ENABLED"))) return pass;
    if (graph.ofType(backupSelectionType).length > 0)
        return notApplicable("AWS Backup saves what it selects");
    const open = states.find((status) => status.kind === "unknown") ?? (certain.length === 0 && possible[0] ? { property: `${possible[0].name}.fileSystemId` } : undefined); // prettier-ignore
    if (open) return inconclusive(open, `whether ${fileSystem.name} is saved is not known yet`);
    return violation(
        `${fileSystem.name} is not saved: ${certain.length > 0 ? "its backup policy is not ENABLED" : "it has no backup policy"}.`,
        'Add aws.efs.BackupPolicy with backupPolicy: { status: "ENABLED" }.',
        { findingId: "backup", severity: "medium" },
    );
}

function judgePlace(mount: ResourceReader, graph: StackGraph): Outcome {
    const reference = graph.reference(mount, ["subnetId"], [subnetType]);
    const why = "whether the mount target lies in a private subnet cannot be told yet";
    if (reference.kind === "unknown" || reference.kind === "absent") return inconclusive(reference, why);
    if (reference.kind === "external" || reference.kind === "dangling")
        return notApplicable("the subnet is not in the stack");
    const subnets = reference.kind === "exact" ? [reference.resource] : reference.resources;
    const routings = subnets.map((each) => routingOf(graph, each));
    const exposed = routings.filter(
        (routing) =>
            routing.kind === "routes" && routing.routes.some((route) => route.toInternetGateway === true),
    );
    if (exposed.length === 0)
        return routings.some(({ kind }) => kind === "undetermined") ? inconclusive(reference, why) : pass;
    if (exposed.length < routings.length) return inconclusive(reference, why);
    return violation(
        `${mount.name} lies in a subnet with a route to an internet gateway (subnetId).`,
        "Put mount targets into private subnets.",
    );
}
