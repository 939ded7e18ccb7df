import { createHash } from "node:crypto";

/*
 * A text with secrets that every set of rules worth its name finds, to see that the rules are in force: a rules file
 * without rules makes a scanner that finds nothing and says so with exit code 0. None of them opens anything, and
 * they are made here so that no file of this repository holds one.
 */

/** Letters that look random: the hash of a text, in an alphabet. */
function letters(seed: string, alphabet: string, length: number): string {
    const bytes = createHash("sha512").update(seed).digest();
    return Array.from({ length }, (_, at) => alphabet[(bytes[at] ?? 0) % alphabet.length]).join("");
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const alphanumeric = `${capitals}${capitals.toLowerCase()}0123456789`;

/**
 * An AWS access key id, a GitHub token, a private key, and the address of a database with its password.
 * @param seed different secrets for different texts.
 */
export function canaryText(seed = ""): string {
    const dashes = "-".repeat(5);
    return [
        `aws_access_key_id = ${["AK", "IA"].join("")}${letters(`${seed} access key`, `${capitals}234567`, 16)}`,
        `github_token = "${["gh", "p_"].join("")}${letters(`${seed} token`, alphanumeric, 36)}"`,
        `${dashes}BEGIN RSA PRIVATE KEY${dashes}`,
        letters(`${seed} private key`, alphanumeric, 60),
        letters(`${seed} private key, second line`, alphanumeric, 60),
        `${dashes}END RSA PRIVATE KEY${dashes}`,
        `database = "postgres://app:${letters(`${seed} password`, alphanumeric, 20)}@db.canary.internal:5432/app"`,
        "",
    ].join("\n");
}
