import { parseImageReference } from "../registry/reference";
import {
    findingLimits,
    placeOf,
    shownText,
    type FindingOrigin,
    type FindingResource,
} from "./securityFinding";

/**
 * The image that a finding is about. One by digest in the account's own registry is named as Amazon Inspector names it
 * (`arn:…:repository/<name>/sha256:…`), so that findings of both stand together; Security Hub wants the ARN where there
 * is one (user guide, "Resources", `Id`). Anything else, such as an image by tag or of another registry, is a container
 * image by its reference.
 */
export function imageResource(
    { account }: Pick<FindingOrigin, "account">,
    reference: string,
): FindingResource {
    const { partition, region, accountId } = account;
    const place = placeOf(account);
    const own = ownImage(account, reference);
    if (own === null) {
        const name = shownText(reference, findingLimits.resourceId);
        return { Type: "Container", Id: name, ...place, Details: { Container: { ImageName: name } } };
    }
    return {
        Type: "AwsEcrContainerImage",
        Id: `arn:${partition}:ecr:${region}:${accountId}:repository/${own.repository}/${own.digest}`,
        ...place,
        Details: {
            AwsEcrContainerImage: {
                RegistryId: accountId,
                RepositoryName: own.repository,
                ImageDigest: own.digest,
            },
        },
    };
}

/** Repository and digest of an image of the account's registry in this region; null for any other reference. */
export function ownImage(
    { region, accountId }: FindingOrigin["account"],
    reference: string,
): { repository: string; digest: string } | null {
    try {
        const { repository, digest } = parseImageReference(reference);
        const isOwn = repository.host.startsWith(`${accountId}.dkr.ecr.${region}.amazonaws.com`);
        return isOwn ? { repository: repository.path, digest } : null;
    } catch {
        return null;
    }
}
