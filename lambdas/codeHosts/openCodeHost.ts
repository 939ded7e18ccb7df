import { CodeCommitClient } from "@aws-sdk/client-codecommit";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { CodeHostSettings } from "../../gate/review/codeHostSettings";
import { clientSettings } from "../effects/serviceCalls";
import type { FunctionInvocation } from "../invocation";
import { accessToken } from "./accessToken";
import { codeCommitHost } from "./codeCommit";
import type { CodeHost } from "./codeHost";
import { gitHubHeaders, gitHubHost, gitHubUrl } from "./gitHub";
import { gitLabHost, gitLabUrl } from "./gitLab";
import { HostApi } from "./hostApi";

const clients = {
    codecommit: /* @__PURE__ */ new CodeCommitClient(clientSettings),
    secrets: /* @__PURE__ */ new SecretsManagerClient(clientSettings),
};

/** What of an invocation a code host needs. */
type HostInvocation = Pick<FunctionInvocation<object>, "signal" | "telemetry">;

/**
 * The code host of an application.
 * @param own the function's role, by which CodeCommit names the authors of comments; null for one that writes none.
 */
export function openCodeHost(
    settings: CodeHostSettings,
    own: { role: string | null; account: { partition: string; accountId: string } },
    { signal, telemetry }: HostInvocation,
): CodeHost {
    const { repository } = settings;
    if (settings.type === "codecommit") {
        return codeCommitHost({ client: clients.codecommit, repository, ...own, signal });
    }
    const { type, tokenSecret: secret, apiUrl } = settings;
    const token = accessToken({ client: clients.secrets, secret, signal, tokens: telemetry.tokens });
    const api = (name: string, url: string, headers: Record<string, string>): HostApi =>
        new HostApi({ name, url, headers, signal, token: token.read, forgetToken: token.forget });
    return type === "github"
        ? gitHubHost(api("GitHub", apiUrl ?? gitHubUrl, gitHubHeaders), repository)
        : gitLabHost(api("GitLab", apiUrl ?? gitLabUrl, { accept: "application/json" }), repository);
}
