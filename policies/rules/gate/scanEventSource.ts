/** GATE-09: what starts the decider can only come from the registry's scan, of our repositories. */
import {
    changed,
    exampleArns,
    exampleOf,
    gateStack,
    gateStackWithout,
    scanPattern,
    scanRuleExample,
    scanTargetExample,
    basicScanPattern,
} from "../../gate/exampleGate";
import { gateFunctions } from "../../gate/gateFunctions";
import { eventRuleType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, RuleExample, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { intersects } from "../../iam/matcher";
import { repositoryArn } from "../../pipeline/resourceArn";
import { repositoryType } from "../ecr/repository";
import { allowedTexts, matcherPattern, readEventPattern, type Allowed, type Matcher } from "./pinnedTexts";

const fix =
    'Let the pattern ask for `source` ["aws.inspector2"] (basic scanning: ["aws.ecr"]) and for the staging repositories in `detail.repository-name`, by full ARN under aws.inspector2 and by name under aws.ecr.';

/** Only AWS can send it: the comparison fixes the text up to and with the reserved prefix. */
const reserved = ({ operator, text }: Matcher): boolean => operator !== "suffix" && text.startsWith("aws.");

/** Says more than "some repository of some account". */
function narrows({ operator, text }: Matcher): boolean {
    const name = text.startsWith("arn:") ? text.split(":").slice(5).join(":").replace(/^repository\//, "") : text; // prettier-ignore
    if (text.startsWith("arn:") && operator !== "suffix" && !text.includes(":repository/")) return false;
    return /[^*?:/]/.test(operator === "equals" ? name : name.replaceAll("*", ""));
}

/** Sources of the events by which a registry tells that a scan has ended. */
const scanServices = ["aws.inspector2", "aws.ecr"];

/** ARN, and under basic scanning the plain name: what `repository-name` of a genuine event says. */
function eventNames(repository: ResourceReader, sources: readonly Matcher[]): string[] {
    const arn = repositoryArn(repository);
    const names: string[] = [];
    if (sources.some((source) => intersects(matcherPattern(source) ?? "", "aws.inspector2"))) names.push(arn);
    if (sources.some((source) => intersects(matcherPattern(source) ?? "", "aws.ecr")))
        names.push(arn.split(":repository/").slice(1).join(":repository/"));
    return names;
}

function neverMatches(matchers: readonly Matcher[], names: readonly string[]): boolean {
    const patterns = matchers.flatMap((matcher) => matcherPattern(matcher) ?? []);
    return names.length > 0 && !names.some((name) => patterns.some((pattern) => intersects(pattern, name)));
}

function judged(rule: ResourceReader, graph: StackGraph): Outcome {
    const pattern = readEventPattern(rule);
    const { property } = pattern;
    if (pattern.kind === "unknown") return inconclusive(pattern, "what starts the gate is not known yet");
    if (pattern.kind === "absent")
        return rule.get("scheduleExpression").kind === "absent"
            ? violation(`${property} is not set, so nothing says which events start the gate.`, fix)
            : notApplicable("it follows a schedule");
    if (pattern.kind === "malformed")
        return violation(`${property} ${pattern.why}, so nothing says which events start the gate.`, fix);
    const source = allowedTexts(pattern.value, ["source"]);
    if (source.kind === "unknown") return inconclusive({ property }, "the source of the events is not known yet"); // prettier-ignore
    const forged = (why: string): Outcome =>
        violation(`${property} ${why}: whoever may put events on the bus can tell the gate that a scan is clean.`, fix, { findingId: "source" }); // prettier-ignore
    if (source.kind === "any") return forged(source.why);
    const free = source.matchers.find((matcher) => !reserved(matcher));
    if (free) return forged(`accepts the source ${free.text}, which AWS does not keep for itself`);
    const names = graph.ofType(repositoryType).map((each) => eventNames(each, source.matchers));
    // Other services' events are about no repository.
    if (!source.matchers.some((each) => scanServices.some((service) => intersects(matcherPattern(each) ?? "", service)))) return pass; // prettier-ignore
    const isOutside = ({ text }: Matcher) => graph.referenceOfValue(text, property, [repositoryType]).kind === "external"; // prettier-ignore
    return narrowed(property, isOutside, [
        { allowed: allowedTexts(pattern.value, ["detail", "repository-name"]), names: names.flat() },
        {
            allowed: allowedTexts(pattern.value, ["resources"]),
            names: graph.ofType(repositoryType).map(repositoryArn),
        },
    ]);
}

/** One of the fields has to narrow; both have to be able to match. */
function narrowed(
    property: string,
    isOutside: (matcher: Matcher) => boolean,
    fields: { allowed: Allowed; names: string[] }[],
): Outcome {
    if (fields.some(({ allowed }) => allowed.kind === "unknown"))
        return inconclusive({ property }, "which repositories' events start the gate is not known yet");
    const pinned = fields.flatMap(({ allowed, names }) =>
        allowed.kind === "pinned" ? [{ matchers: allowed.matchers, names }] : [],
    );
    const dead = pinned.find(
        ({ matchers, names }) => !matchers.some(isOutside) && neverMatches(matchers, names),
    );
    if (dead)
        return violation(
            `${property} asks for ${dead.matchers.map(({ text }) => text).join(", ")}, and the events of this source call no repository of the stack so: the gate never hears of a scan.`,
            fix,
            { findingId: "repository" },
        );
    if (!pinned.some(({ matchers }) => matchers.every(narrows)))
        return violation(
            `${property} does not say which repositories: scans of every repository of the account start the gate.`,
            fix,
            { findingId: "repository" },
        );
    return pass;
}

/** The rules whose events a function of the gate is started by; one whose rule is not known yet answers for itself. */
function startingRules(graph: StackGraph): StackOutcome[] {
    const found = new Map<ResourceReader, Outcome>();
    for (const { starts } of gateFunctions(graph)) {
        for (const { kind, source } of starts) {
            if (kind !== "rule") continue;
            const rule = graph.reference(source, ["rule"], [eventRuleType]);
            if (rule.kind === "exact") found.set(rule.resource, judged(rule.resource, graph));
            else if (rule.kind === "unknown" || rule.kind === "candidates")
                found.set(source, inconclusive(rule, "which rule starts the gate is not known yet"));
        }
    }
    return [...found].flatMap(([resource, outcome]) => about(resource, outcome));
}

const rule = (eventPattern: unknown) => gateStack(changed(scanRuleExample, { eventPattern }));
const pattern = (more: Record<string, unknown>) => rule(JSON.stringify({ ...scanPattern, ...more }));
const repository = (...names: unknown[]) => ({ detail: { "repository-name": names } });
const bad = (title: string, resources: RuleExample["resources"]): RuleExample =>
    badExample(title, resources, "demo-scans");
const good = (title: string, resources: RuleExample["resources"]): RuleExample =>
    goodExample(title, resources);
const open = (title: string, eventPattern: unknown): RuleExample =>
    openExample(title, rule(eventPattern), "demo-scans");

export const scanEventSource: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-09",
        family: "gate",
        title: "Only the registry's own scan of our repositories starts the gate",
        rationale:
            "Sources that begin with `aws.` are reserved: PutEvents refuses them. A rule without such a source is started by whoever may put an event on the bus and say that a scan was clean; one without repositories by every scan of the account.",
        severity: "critical",
        remediation: `${fix} By prefix or wildcard is enough as long as it reaches into the repository's name.`,
        references: ["OWASP CICD-SEC-5", "OWASP CICD-SEC-1"],
        neverExempt: true,
    },
    relevantTypes: [eventRuleType],
    evaluate: (graph) => {
        const outcomes = startingRules(graph);
        return outcomes.length > 0 ? outcomes : about(null, notApplicable("no rule starts a gate"));
    },
    examples: [
        bad("any source", pattern({ source: undefined })),
        bad("a source of one's own", pattern({ source: ["company.scans"] })),
        bad("a reserved source or another one", pattern({ source: ["aws.inspector2", "company.scans"] })),
        bad("any source but one", pattern({ source: [{ "anything-but": ["company.scans"] }] })),
        bad("a source that ends like a scanner's", pattern({ source: [{ suffix: "inspector2" }] })),
        bad("a source whose prefix is not the reserved one", pattern({ source: [{ prefix: "aws" }] })),
        bad("a source in one of two branches", pattern({ source: undefined, $or: [{ source: ["aws.inspector2"] }, { region: ["eu-central-1"] }] })), // prettier-ignore
        bad("scans of every repository", pattern({ detail: { "scan-status": ["INITIAL_SCAN_COMPLETE"] } })),
        bad("repositories that are there", pattern(repository({ exists: true }))),
        bad("any repository's ARN", pattern(repository({ prefix: "arn:aws:ecr:" }))),
        bad("any repository's ARN by wildcard", pattern(repository({ wildcard: "arn:aws:ecr:*:*:repository/*" }))), // prettier-ignore
        bad("our repository or any", pattern(repository(exampleArns.stagingRepository, { prefix: "" }))),
        bad("a plain name where Inspector says the ARN", pattern(repository("demo/staging"))),
        bad("the ARN where basic scanning says the name", rule(JSON.stringify({ ...basicScanPattern, ...repository(exampleArns.stagingRepository) }))), // prettier-ignore
        bad("a star that is no wildcard", pattern(repository("arn:aws:ecr:eu-central-1:123456789012:repository/demo/*"))), // prettier-ignore
        bad("a repository of somebody else", pattern(repository(exampleArns.stagingRepository.replace("demo", "other")))), // prettier-ignore
        bad("text that is no JSON", rule("{source: aws.inspector2}")),
        bad("a pattern that is a list", rule("[]")),
        bad("a pattern that is a number", rule(7)),
        good("Inspector's scans of the staging repository", rule(JSON.stringify(scanPattern))),
        good("basic scanning, by name", rule(JSON.stringify(basicScanPattern))),
        good("a pattern that is an object", rule(scanPattern)),
        good("by prefix of the ARN", pattern(repository({ prefix: "arn:aws:ecr:eu-central-1:123456789012:repository/demo/" }))), // prettier-ignore
        good("by wildcard", pattern(repository({ wildcard: "arn:aws:ecr:*:123456789012:repository/*/staging" }))), // prettier-ignore
        good("by the end of the name", pattern(repository({ suffix: "/staging" }))),
        good("by the event's resources", pattern({ detail: undefined, resources: [exampleArns.stagingRepository] })), // prettier-ignore
        good("a source in each of two branches", pattern({ source: undefined, $or: [{ source: ["aws.inspector2"] }, { source: [{ prefix: "aws.ecr" }] }] })), // prettier-ignore
        {
            ...good("a repository outside the stack, by configuration", pattern(repository("arn:aws:ecr:eu-central-1:123456789012:repository/shared"))), // prettier-ignore
            configuration: { externalReferences: ["arn:aws:ecr:*:repository/shared"] },
        },
        good("a watchdog's event of another service", pattern({ source: ["aws.codepipeline"], detail: undefined })), // prettier-ignore
        good("a rule that starts nothing of the gate", [
            ...gateStack(),
            exampleOf(eventRuleType, "other", { eventPattern: JSON.stringify({ region: ["eu-central-1"] }) }),
        ]),
        { ...bad("neither pattern nor schedule", rule(undefined)), shows: "absent" },
        {
            title: "a schedule",
            shows: "absent",
            resources: gateStack(changed(scanRuleExample, { eventPattern: undefined, scheduleExpression: "rate(5 minutes)" })), // prettier-ignore
            expect: [],
        },
        {
            title: "no rule",
            shows: "absent",
            resources: gateStackWithout("demo-scans", "decider-target"),
            expect: [],
        },
        open("a pattern that is not known yet", unknown),
        open("a source that is not known yet", { ...scanPattern, source: [unknown] }),
        open("repositories that are not known yet", { ...scanPattern, ...repository(unknown) }),
        {
            title: "which rule it is, is not known yet",
            shows: "unknown",
            resources: gateStack(changed(scanTargetExample, { rule: unknown })),
            expect: [{ resource: "decider-target", kind: "inconclusive" }],
        },
    ],
};
