import { signOnce } from "../signing/imageSignature";
import type { Command } from "./command";
import { signatureOptions, withSignature } from "./signatureOptions";

/** `gate sign`: signs a released digest with a key in AWS KMS, once, and reads the signature back. */
export const signCommand: Command = {
    usage: "gate sign --image REPOSITORY@sha256:… --key awskms:///alias/NAME --application NAME --cosign PATH",
    options: signatureOptions,
    run: (options, context) => withSignature(options, context, signOnce),
};
