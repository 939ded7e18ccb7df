import { createHash } from "node:crypto";
import { componentSchema, componentTypes, packageTypes, type ComponentType } from "./cycloneDx";

/** Characters of a `bom-ref` that are kept as they are. */
const longestReference = 512;

/** Components that hold components that hold components: deeper than any tool writes them. */
const deepestNesting = 16;

/** The distribution of an image, as its component says. */
export interface Distribution {
    name: string;
    /** Null where there is none: rolling distributions have no VERSION_ID. */
    version: string | null;
}

/** Counts the components of a bill of materials one by one, and collects what is wrong with them. */
export class ComponentCount {
    total = 0;
    private readonly byType = new Map<ComponentType, number>();
    private readonly references = new Set<string>();
    private readonly distributions: Distribution[] = [];
    /** First place and number of each kind of problem: a document with 10,000 of them needs one line, not 10,000. */
    private readonly found = new Map<string, { pointer: string; times: number }>();

    /** Takes one component with those inside of it. @param pointer its place, a JSON pointer. */
    add(value: unknown, pointer: string, depth = 0): void {
        this.total += 1;
        const result = componentSchema.safeParse(value);
        if (!result.success) {
            const [issue] = result.error.issues;
            return this.complain(
                `is no component (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""})`,
                pointer,
            );
        }
        const { type, name, version, "bom-ref": reference, components } = result.data;
        const known = componentTypes.find((each) => each === type);
        if (known === undefined)
            this.complain(`has the type "${type.slice(0, 100)}", which is not known`, pointer);
        else this.byType.set(known, (this.byType.get(known) ?? 0) + 1);
        if (known === "operating-system") this.distributions.push({ name, version: version ?? null });
        else if (name.trim() === "") this.complain("has no name", pointer);
        if (known !== undefined && packageTypes.includes(known) && (version ?? "").trim() === "")
            this.complain("is a package without a version", pointer);
        if (reference !== undefined) this.refer(reference, pointer);
        if (components === undefined) return;
        if (depth >= deepestNesting) return this.complain("is nested too deeply", pointer);
        components.forEach((each, index) => this.add(each, `${pointer}/components/${index}`, depth + 1));
    }

    /** Notes a `bom-ref`; each may stand only once in a document. */
    refer(reference: string, pointer: string): void {
        // A genuine one has some hundred characters; of others only a hash is kept, so that memory stays bounded.
        const kept =
            reference.length > longestReference
                ? createHash("sha256").update(reference).digest("base64")
                : reference;
        if (this.references.has(kept)) this.complain("has a bom-ref that another component has", pointer);
        this.references.add(kept);
    }

    /** Number of components by type, those that do not occur left out, in the order of the types. */
    counts(): Partial<Record<ComponentType, number>> {
        return Object.fromEntries(
            componentTypes.flatMap((type) => (this.byType.has(type) ? [[type, this.byType.get(type)]] : [])),
        );
    }

    /** The distribution, when exactly one is named. */
    distribution(): Distribution | null {
        const [only, ...others] = this.distributions;
        return only === undefined || others.length > 0 || only.name.trim() === "" ? null : only;
    }

    /** Why nothing can be concluded from these components; empty when something can. */
    problems(): string[] {
        const problems = [...this.found].map(
            ([what, { pointer, times }]) =>
                `${pointer} ${what}${times > 1 ? `, and ${times - 1} more like it` : ""}`,
        );
        if (this.total === 0) {
            return [
                ...problems,
                "it lists no component: whoever wrote it did not look, or found nothing it knows",
            ];
        }
        if (!packageTypes.some((type) => this.byType.has(type)))
            problems.push("it lists no package: whoever wrote it did not look, or found none that it knows");
        if (this.distributions.length === 0)
            problems.push(
                "it names no distribution (component of type operating-system): /etc/os-release was not found",
            );
        else if (this.distributions.length > 1)
            problems.push(`it names ${this.distributions.length} distributions; an image has one`);
        else if (this.distribution() === null) problems.push("it names a distribution without a name");
        return problems;
    }

    private complain(what: string, pointer: string): void {
        const earlier = this.found.get(what);
        if (earlier !== undefined) earlier.times += 1;
        else if (this.found.size < mostProblems) this.found.set(what, { pointer, times: 1 });
    }
}

/** Kinds of problems that are kept; each can quote the document, so there is no end to them otherwise. */
const mostProblems = 20;
