/** Where in the program a resource was declared, as reports may say it: relative to the project, with `/`. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { CapturedResource } from "../model";

/**
 * The source position relative to the project directory; undefined when it is unknown, outside the project or in a
 * dependency, so that no report names a path of the machine that wrote it.
 */
export function sourceOf(
    resource: CapturedResource,
    projectDirectory: string = process.cwd(),
): { file: string; line: number } | undefined {
    if (!resource.source) {
        return undefined;
    }
    const file = resource.source.file.startsWith("file:")
        ? fileURLToPath(resource.source.file)
        : resource.source.file;
    const relative = path.isAbsolute(file) ? path.relative(projectDirectory, file) : path.normalize(file);
    const steps = relative.split(path.sep);
    if (relative === "" || path.isAbsolute(relative) || steps[0] === ".." || steps.includes("node_modules")) {
        return undefined;
    }
    return { file: steps.join("/"), line: resource.source.line };
}
