/**
 * One exemption: a finding on a target that is accepted for a while, by somebody other than who asked for it.
 *
 * Everything is compared character by character, upper and lower case included, and only `*` in a target's name means
 * anything but itself: an exemption must never cover more than what its reviewers read.
 */
import { z } from "zod";
import { daysBetween } from "./calendarDay";

/** Fewest characters of a reason, white space at its ends and runs of it not counted. */
export const shortestReason = 30;

/** Fewest different letters and digits of a reason: "xxxx…" and "n/a n/a …" have less, sentences have more. */
const fewestDifferentLetters = 8;

/** Most resources that one name pattern may be meant for. */
const mostMatches = 50;

const reasonMustSay = `must say in ${shortestReason} characters or more why the finding is accepted`;
const person = (role: string) => `must name ${role}, in 1 to 200 characters`;
const name = (role: string) =>
    z
        .string(person(role))
        .max(200, person(role))
        .regex(/[\p{L}\p{N}]/u, person(role))
        .regex(/^[^\p{C}]*$/u, `${person(role)} on one line`);

/** `ECR-02`, or one of its findings: `BYP-04[app|deploy|ecr:PutImage]`. */
const findingForm = /^(?<rule>[A-Z]+[0-9]*-[0-9]{2}[RS]?)(?:\[(?<finding>.+)\])?$/;

const day = z.iso.date("must be a day of the calendar, written YYYY-MM-DD");

const targetSchema = z
    .strictObject({
        urn: z
            .string()
            .regex(
                /^urn:pulumi:[^:]*::[^:]*::[^:].*::.+$/,
                "must be the URN of a resource in full, as a policy violation or `pulumi stack --show-urns` shows it",
            )
            .optional(),
        type: z
            .string()
            .regex(
                /^[^:*\s]+:[^:*\s]*:[^:*\s]+$/,
                "must be a type token in full, such as aws:s3/bucket:Bucket, without *",
            )
            .optional(),
        name: z.string().min(1, "must be the resource's name in the program, or a pattern with *").optional(),
        maximumMatches: z
            .int(`must be a whole number from 1 to ${mostMatches}`)
            .min(1, `must be a whole number from 1 to ${mostMatches}`)
            .max(mostMatches, `must be a whole number from 1 to ${mostMatches}`)
            .optional(),
        stacks: z
            .array(z.string().regex(/^[^:*\s]+$/, "must be the name of a stack, without *"))
            .min(1, "must name at least one stack; leave it out for all")
            .optional(),
    })
    .superRefine(
        ({ urn, type, name, maximumMatches, stacks }, { addIssue }) => {
            const problem = (message: string, ...path: string[]) =>
                addIssue({ code: "custom", path, message });
            if (urn !== undefined) {
                const extra = Object.entries({ type, name, maximumMatches, stacks });
                for (const [key] of extra.filter(([, value]) => value !== undefined))
                    problem("must not stand beside urn, which already names one resource of one stack", key);
                return;
            }
            if (type === undefined || name === undefined)
                return problem("must have either urn, or type and name: a rule is never exempted everywhere");
            if (!name.includes("*")) return;
            if (!/[\p{L}\p{N}]/u.test(name))
                problem("must not be * alone: that is every resource of the type, also future ones", "name");
            if (maximumMatches === undefined)
                problem("is required with a pattern: how many resources it is meant for", "maximumMatches");
        },
        { when: ({ value }) => typeof value === "object" && value !== null },
    );

/** The form of one entry; what it means for the pack is for `ExemptionBook` to say. */
export const exemptionSchema = z
    .strictObject({
        id: z
            .string("must be a name for this exemption")
            .regex(
                /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
                "must be 1 to 64 letters, digits, dots, hyphens or underscores",
            ),
        finding: z
            .string("must be a rule id, or rule id and finding id in brackets")
            .regex(
                findingForm,
                "must be a rule id such as ECR-02, or one of its findings such as BYP-04[app|deploy]",
            ),
        target: targetSchema,
        reason: z
            .string(reasonMustSay)
            .max(2_000, "must have at most 2000 characters")
            .transform((text) => text.replace(/\s+/gu, " ").trim())
            .refine(isReason, reasonMustSay)
            .refine((text) => !/[\p{Cc}\p{Cf}]/u.test(text), "must not have control or formatting characters")
            .refine((text) => !text.includes("Finding:"), 'must not contain "Finding:"'),
        ticket: z.string().regex(/^[^\s\p{C}]{1,200}$/u, "must be a ticket's key or address, without spaces"),
        owner: name("who answers for the exemption"),
        approver: name("who agreed to it"),
        created: day,
        expires: day,
    })
    .superRefine(
        (entry, { addIssue }) => {
            const problem = (path: string, message: string) =>
                addIssue({ code: "custom", path: [path], message });
            const { owner, approver, created, expires } = entry as Partial<typeof entry>;
            if (typeof owner === "string" && typeof approver === "string" && isSamePerson(owner, approver))
                problem("approver", "must be somebody other than the owner");
            if (
                typeof created === "string" &&
                typeof expires === "string" &&
                daysBetween(created, expires) < 0
            )
                problem("expires", `must not lie before created, ${created}`);
        },
        { when: ({ value }) => typeof value === "object" && value !== null },
    );

export type Exemption = z.output<typeof exemptionSchema>;

/** The whole document. */
export const exemptionFileSchema = z.strictObject({
    version: z.literal(1),
    exemptions: z.array(exemptionSchema),
});

/** Rule and, where it names one, finding. */
export function partsOfFinding(finding: string): { rule: string; finding?: string } {
    const parts = findingForm.exec(finding)?.groups;
    const { rule = finding, finding: id } = parts ?? {};
    return id === undefined ? { rule } : { rule, finding: id };
}

/** How a finding is named in an exemption; its rule alone when it is the rule's only one on a resource. */
export function findingName(rule: string, findingId: string | undefined): string {
    return findingId === undefined ? rule : `${rule}[${findingId}]`;
}

function isReason(text: string): boolean {
    const letters = new Set(text.toLowerCase().match(/[\p{L}\p{N}]/gu));
    return [...text].length >= shortestReason && letters.size >= fewestDifferentLetters;
}

function isSamePerson(a: string, b: string): boolean {
    const plain = (text: string) => text.normalize("NFKC").replace(/\s+/gu, " ").trim().toLowerCase();
    return plain(a) === plain(b);
}
