import { mirrored, toolOf, type ToolName } from "../../gate/tools/toolManifest";
import type { LiteralPlatform } from "../application/platform";

/**
 * Tokens `<tool>Url` and `<tool>Sha256`: where a step gets a pinned tool, and what it must be. The mirror changes the
 * address and never the checksum.
 */
export function toolTokens({ config }: LiteralPlatform, name: ToolName): Record<string, string> {
    const tool = toolOf(name);
    const { mirror } = config.tools;
    return {
        [`${name}Url`]: mirror === undefined ? tool.url : mirrored(tool, mirror),
        [`${name}Sha256`]: tool.sha256,
    };
}
