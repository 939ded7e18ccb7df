/** Where an application's pull requests are, for the functions that read, comment on and merge them. */
import type { CodeHostSettings } from "../../gate/review/codeHostSettings";
import type { ApplicationNames } from "../application/applicationNames";
import { secretArn } from "../arn";
import type { ApplicationConfig } from "../config/schema";
import type { Statement } from "../iamStatement";
import type { Account } from "../naming";
import { allow } from "../pipeline/permissions";

/** How the code host is reached; undefined when there is no way: a connection carries no permission to comment. */
export function codeHostOf(
    { source, review }: Pick<ApplicationConfig, "source" | "review">,
    names: ApplicationNames,
): CodeHostSettings | undefined {
    if (source.type === "codecommit") return { type: "codecommit", repository: names.source.repository };
    const { feedback } = review;
    if (feedback === undefined) return undefined;
    const { host, tokenSecret, apiUrl } = feedback;
    return {
        type: host,
        repository: source.repository,
        tokenSecret,
        ...(apiUrl === undefined ? {} : { apiUrl }),
    };
}

/**
 * Read the tokens of these code hosts: exactly the named secrets. Six characters of AWS's choice end the ARN of a secret
 * (AWS Secrets Manager User Guide, "Secrets Manager resources"). The key `aws/secretsmanager`, which encrypts a secret
 * unless another was chosen, needs no permission.
 */
export function readTokens(account: Account, hosts: readonly CodeHostSettings[]): Statement[] {
    const names = new Set(hosts.flatMap((host) => (host.type === "codecommit" ? [] : [host.tokenSecret])));
    return names.size === 0
        ? []
        : [
              allow(
                  "ReadTokens",
                  ["secretsmanager:GetSecretValue"],
                  [...names].sort().map((name) => secretArn(account, name)),
              ),
          ];
}
