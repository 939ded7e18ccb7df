import { digestPattern, shown } from "../approval/foreignJson";
import type { AdmissionSettings, AdmittedService } from "./admissionSettings";

/**
 * The digest of the image that a service is created with: SHA-256 never gives it, so that no image can have it, and
 * admission tells a service that waits for its first release from one that somebody deploys to.
 */
export const nothingReleasedDigest = `sha256:${"0".repeat(64)}`;

/** An image that may be judged, or in one line why it cannot run whatever was approved. */
export type ReadImage = { digest: string } | { problem: string };

/** `<account>.dkr.ecr.<region>.<suffix>`; dual-stack names and pull-through hosts are not what the pipeline writes. */
function registryHost({ partition, region, accountId }: AdmissionSettings["account"]): string {
    // botocore, endpoints.json: aws-us-gov has the suffix of aws.
    return `${accountId}.dkr.ecr.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
}

/** The one way in which a service's images are written: registry, production repository, digest. */
export function productionImage(
    { account }: Pick<AdmissionSettings, "account">,
    { repositories }: Pick<AdmittedService, "repositories">,
    digest: string,
): string {
    return `${registryHost(account)}/${repositories.production}@${digest}`;
}

/**
 * Reads an image as a container names it. It must be the digest of an image in the application's production
 * repository, written exactly as the pipeline writes it: no tag, also none beside a digest, and no other spelling of
 * the registry.
 * @param image from a task definition, a task or a service revision.
 */
export function readImage(
    image: unknown,
    settings: Pick<AdmissionSettings, "account">,
    service: Pick<AdmittedService, "repositories">,
): ReadImage {
    const wanted = productionImage(settings, service, "sha256:…");
    if (typeof image !== "string") return { problem: `its image is ${shown(image)}, not ${wanted}` };
    const at = image.lastIndexOf("@");
    const digest = image.slice(at + 1);
    if (at === -1 || !digestPattern.test(digest)) {
        return {
            problem: `its image ${shown(image)} is not named by digest, so nobody knows what it is; deploy ${wanted}`,
        };
    }
    if (image !== productionImage(settings, service, digest)) {
        return {
            problem:
                `its image ${shown(image)} is not one of the production repository of ${service.repositories.production}; ` +
                `deploy ${wanted}`,
        };
    }
    return { digest };
}
