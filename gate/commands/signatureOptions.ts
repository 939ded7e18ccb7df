/** What `gate sign` and `gate verify-signature` share: their options, and how they answer. */
import { credentialsFor } from "../registry/credentials";
import { formatRepository, parseImageReference } from "../registry/reference";
import { RegistryError } from "../registry/registryError";
import { withCosign, type Cosign } from "../signing/cosign";
import type { SignedSubject, SigningResult } from "../signing/imageSignature";
import {
    exitCode,
    UsageError,
    type CommandContext,
    type CommandOption,
    type CommandOptions,
} from "./command";
import { asUsage, imageOption, readApplication } from "./inputs";
import { inOneLine } from "./oneLine";

export const signatureOptions: readonly CommandOption[] = [
    { ...imageOption, help: "image, always by digest" },
    {
        name: "key",
        value: "awskms:///…",
        help: "signing key in AWS KMS: awskms:///alias/NAME or awskms:///ARN",
    },
    { name: "application", value: "NAME", help: "application that the signature is for" },
    { name: "cosign", value: "PATH", help: "the cosign program" },
];

/** A key of KMS without an endpoint: that one comes from the environment, as of every AWS tool. */
const keyPattern =
    /^awskms:\/\/\/(alias\/[A-Za-z0-9/_-]{1,250}|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key\/[0-9a-f-]{36}|alias\/[A-Za-z0-9/_-]{1,250}))$/;

/**
 * Runs `act` with a cosign that can reach key and registry, and says what came of it: 0 signed, 1 not signed by this key,
 * 2 could not be found out.
 */
export async function withSignature(
    options: CommandOptions,
    context: CommandContext,
    act: (cosign: Cosign, subject: SignedSubject) => Promise<SigningResult | { kind: "signed"; key: string }>,
): Promise<number> {
    const image = options.required("image");
    const { repository, digest } = asUsage(() => parseImageReference(image));
    const key = options.required("key");
    if (!keyPattern.test(key))
        throw new UsageError(`--key "${key}" is not awskms:///alias/NAME or awskms:///ARN`);
    options.required("application");
    const application = readApplication(options) ?? "";
    const cosign = options.required("cosign");
    const subject = { repository: formatRepository(repository), digest, application };
    let result: Awaited<ReturnType<typeof act>>;
    try {
        const { host } = repository;
        const { environment } = context;
        const credentials = await credentialsFor(host, environment);
        result = await withCosign({ cosign, key, host, credentials, environment }, (program) =>
            act(program, subject),
        );
    } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        context.print(`NOT JUDGED: ${inOneLine(error.message)}`);
        return exitCode.incomplete;
    }
    if (result.kind === "signed") {
        const how =
            "again" in result ? (result.again ? ", was signed already" : ", signed now and read back") : "";
        context.print(`SIGNED: ${image} for ${application} by key sha256:${result.key}${how}`);
        return exitCode.pass;
    }
    const word = result.kind === "unknown" ? "NOT JUDGED" : "REFUSED";
    context.print(inOneLine(`${word}: ${image}: ${result.why}`));
    return result.kind === "unknown" ? exitCode.incomplete : exitCode.fail;
}
