import { signatureOf } from "../signing/imageSignature";
import type { Command } from "./command";
import { signatureOptions, withSignature } from "./signatureOptions";

/** `gate verify-signature`: passes only where this key signed exactly this digest for this application. */
export const verifySignatureCommand: Command = {
    usage:
        "gate verify-signature --image REPOSITORY@sha256:… --key awskms:///alias/NAME --application NAME " +
        "--cosign PATH",
    options: signatureOptions,
    run: (options, context) => withSignature(options, context, signatureOf),
};
