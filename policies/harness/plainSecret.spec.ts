import { equal } from "node:assert/strict";
import { defaultConfiguration } from "./configuration";
import { plainSecretReason } from "./plainSecret";

const isSecret = (name: string, value: string | undefined, plainVariableNames: string[] = []) =>
    plainSecretReason(name, value, { ...defaultConfiguration, plainVariableNames }) !== undefined;

// Put together here so that no scanner of this repository takes them for real.
const accessKeyId = ["AKIA", "ABCDEFGHIJKLMNOP"].join("");
const gitHubToken = ["ghp", "0123456789abcdefghijklmnopqrstuvwxyz"].join("_");
const privateKey = ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ");

describe("plain secrets", () => {
    const cases: [name: string, value: string | undefined, expected: boolean][] = [
        ["ADMIN_PASSWORD", "hunter2", true],
        ["adminPassword", "hunter2", true],
        ["ADMIN_PASSWORD", "12345678", true],
        ["ADMIN_PASSWORD", undefined, true],
        ["SERVICE_TOKEN", "x", true],
        ["API_KEY", "x", true],
        ["LOG_LEVEL", "info", false],
        ["HASHED_PASSWORDS", "true", false],
        ["ADMIN_PASSWORD", "", false],
        ["ADMIN_PASSWORD", "${ADMIN_PASSWORD}", false],
        ["TOKEN_EXPIRATION", "3600", false],
        ["MAX_TOKENS", "4096", false],
        ["API_TOKENS", "abc123,def456", true],
        ["TOKENIZERS_PARALLELISM", "4", false],
        ["API_KEY_HEADER", "x-api-key", false],
        ["PASSWORD_FILE", "/run/secrets/password", false],
        ["SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", false],
        ["X", accessKeyId, true],
        ["X", gitHubToken, true],
        ["X", privateKey, true],
        ["URL", "https://user:password@registry.internal/x", true],
        ["URL", "https://registry.internal/x?a=b@c", false],
        ["URL", "https://user:${PASSWORD}@registry.internal", false],
    ];
    for (const [name, value, expected] of cases) {
        it(`${name}=${value?.slice(0, 24) ?? "(not known)"}: ${expected}`, () =>
            equal(isSecret(name, value), expected));
    }

    it("a name that is declared harmless is, but not a value with the shape of a credential", () => {
        equal(isSecret("TOKEN_KIND", "jwt", ["TOKEN_KIND"]), false);
        equal(isSecret("TOKEN_KIND", gitHubToken, ["TOKEN_KIND"]), true);
    });
});
