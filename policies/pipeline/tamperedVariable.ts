/** Variables of a project or an action that change what its commands are: see `shellTampering`. */
import { variableTampering, type Tampering } from "../buildspec/shellTampering";
import type { EnvironmentVariable } from "./project";

function tamperings(variables: readonly EnvironmentVariable[]): { name: string; tampering: Tampering }[] {
    return variables.flatMap(({ name, value, type }) => {
        const known = value !== null && type === "PLAINTEXT" && !value.includes("#{");
        const tampering = variableTampering(name, { text: known ? value : `\${${name}}`, known });
        return tampering ? [{ name, tampering }] : [];
    });
}

/** The first variable that certainly does; null when none. */
export function tamperedVariable(variables: readonly EnvironmentVariable[]): Tampering | null {
    return tamperings(variables).find(({ tampering }) => tampering.certain)?.tampering ?? null;
}

/** The first variable whose value cannot be read and that may do so. */
export function variableDoubt(
    variables: readonly EnvironmentVariable[],
): { text: string; reason: string } | undefined {
    const found = tamperings(variables).find(({ tampering }) => !tampering.certain);
    return found && { text: found.name, reason: found.tampering.reason };
}
