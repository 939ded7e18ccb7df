/** CB-12: only the right people's commits start a build. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { isAnchored, matchesAnything } from "./webhookPattern";
import { webhookExamples, webhookType } from "./webhookFilters.examples";

export const webhookFilters: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-12",
        family: "codebuild",
        title: "Webhooks start builds for named events, branches and people only",
        rationale:
            "A build runs the commands of the commit with the role of the project. A filter that is missing, or that is met somewhere inside a longer text, lets anybody who opens a pull request from a fork run them.",
        severity: "critical",
        remediation:
            "Give each filter group an `EVENT` filter and an `ACTOR_ACCOUNT_ID` or branch filter whose pattern is anchored (`^…$`); for pull requests name the actors, or set `pullRequestBuildPolicy.requiresCommentApproval`.",
        references: ["prowler codebuild_project_webhook_filters_use_anchored_patterns", "OWASP CICD-SEC-4"],
        publicEquivalent: true,
    },
    types: [webhookType],
    evaluate: (webhook) => {
        const groups = webhook.list("filterGroups");
        if (groups.kind === "unknown") return [inconclusive(groups, "what starts a build is not known yet")];
        if (groups.kind === "malformed")
            return [violation(`${groups.property} ${groups.why}.`, "Give a list of filter groups.")];
        if (groups.kind === "absent" || groups.value.length === 0) {
            // Events that somebody else sends on, and runners of another product, have no filter groups.
            if (valueOf(webhook.string("buildType")) === "RUNNER_BUILDKITE_BUILD")
                return [notApplicable("the webhook starts runners of Buildkite")];
            return [
                violation(
                    `${groups.property} is not set: every push and every pull request starts a build, whoever made it.`,
                    "Add a filter group with an EVENT filter and an ACTOR_ACCOUNT_ID or HEAD_REF filter.",
                ),
            ];
        }
        const outcomes = groups.value.flatMap((group) => judgedGroup(webhook, group));
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: webhookExamples,
};

interface Filter {
    type: string;
    /** Null when not known. */
    pattern: string | null;
    excludes: boolean;
    property: string;
}

/** Filters by which an outsider is told from a member of the team. */
const telling = new Set(["ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF"]);
/** Only those who may write to the repository publish a release. */
const releaseEvents = /^(?:RELEASED|PRERELEASED)$/;

function judgedGroup(webhook: ResourceReader, group: PropertyReader): Outcome[] {
    const list = group.list("filters");
    const findingId = group.property;
    if (list.kind === "unknown") return [inconclusive(list, "the filters of the group are not known yet")];
    const filters = (valueOf(list) ?? []).map(filterOf);
    const event = filters.find(({ type, excludes }) => type === "EVENT" && !excludes);
    const untyped = filters.find(({ type }) => type === "?");
    if (!event)
        return [
            untyped
                ? inconclusive(untyped, "what the filter is about is not known yet")
                : violation(
                      `${group.property} has no EVENT filter, so every kind of event starts a build.`,
                      "Add a filter of type EVENT, e.g. with the pattern PUSH.",
                      { findingId },
                  ),
        ];
    if (event.pattern === null) return [inconclusive(event, "which events start a build is not known yet")];
    const events = event.pattern.split(",").map((each) => each.trim());
    const telltale = filters.filter(({ type, excludes }) => telling.has(type) && !excludes);
    const loose = telltale.filter(
        ({ type, pattern }) => pattern !== null && !isAnchored(pattern, type !== "ACTOR_ACCOUNT_ID"),
    );
    if (loose.length > 0)
        return loose.map(({ type, pattern, property }) =>
            violation(
                `${property} (${type}) has the pattern ${JSON.stringify(pattern)}, which is met by longer texts too.`,
                `Anchor it: ${JSON.stringify(`^${(pattern ?? "").replace(/^\^|\$$/g, "")}$`)}.`,
                { findingId: property },
            ),
        );
    const open = filters.find(({ type, pattern }) => type === "?" || (telling.has(type) && pattern === null));
    const effective = telltale.filter(({ pattern }) => pattern !== null && !matchesAnything(pattern));
    const byActor = effective.some(({ type }) => type === "ACTOR_ACCOUNT_ID");
    if (events.some((each) => each.startsWith("PULL_REQUEST_")) && !byActor) {
        const approval = commentApproval(webhook);
        if (approval === "required") return [];
        const unsure = open ?? (approval === "unknown" ? { property: "pullRequestBuildPolicy" } : undefined);
        if (unsure)
            return [inconclusive(unsure, "whether anybody's pull request starts a build is not known yet")];
        return [
            violation(
                `${group.property} lets anybody's pull request start a build, also from a fork: no ACTOR_ACCOUNT_ID filter says whose.`,
                "Add an anchored ACTOR_ACCOUNT_ID filter, or set pullRequestBuildPolicy.requiresCommentApproval to ALL_PULL_REQUESTS.",
                { findingId },
            ),
        ];
    }
    if (effective.length > 0 || events.every((each) => releaseEvents.test(each))) return [];
    if (open) return [inconclusive(open, "for which branches or people a build starts is not known yet")];
    return [
        violation(
            `${group.property} has no filter of branch or actor that leaves anything out.`,
            "Add an anchored HEAD_REF, BASE_REF or ACTOR_ACCOUNT_ID filter, e.g. HEAD_REF ^refs/heads/main$.",
            { findingId },
        ),
    ];
}

function filterOf(reader: PropertyReader): Filter {
    const type = reader.string("type");
    return {
        type: type.kind === "unknown" || reader.isUnknown() ? "?" : (valueOf(type) ?? ""),
        pattern: valueOf(reader.string("pattern")) ?? null,
        excludes: valueOf(reader.boolean("excludeMatchedPattern")) ?? false,
        property: reader.property,
    };
}

/** Whether a member of the team must agree before a pull request of a fork is built. */
function commentApproval(webhook: ResourceReader): "required" | "no" | "unknown" {
    const policy = webhook.string("pullRequestBuildPolicy", "requiresCommentApproval");
    const roles = webhook.strings("pullRequestBuildPolicy", "approverRoles");
    if (policy.kind === "unknown" || roles.kind === "unknown") return "unknown";
    if (policy.kind !== "known" || !/^(?:ALL|FORK)_PULL_REQUESTS$/.test(policy.value)) return "no";
    // Everybody can read a public repository.
    return valueOf(roles)?.values.some((role) => role.endsWith("_READ")) ? "no" : "required";
}
