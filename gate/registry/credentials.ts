import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { RegistryError } from "./registryError";

/** User and password for a registry; null for anonymous access. */
export type Credentials = { user: string; password: string } | null;

/** `<account>.dkr.ecr.<region>.<suffix>` and its FIPS form (Amazon ECR User Guide, "Private registry"). */
const ecrHost =
    /^(\d{12})\.dkr\.ecr(-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/** The region of a private Amazon ECR registry; null when the host is no such registry. */
export function ecrRegion(host: string): string | null {
    return ecrHost.exec(host)?.[3] ?? null;
}

/**
 * Credentials for a registry host: for Amazon ECR an authorization token of the running role (valid 12 hours,
 * needs ecr:GetAuthorizationToken), for others GATE_REGISTRY_USER and GATE_REGISTRY_PASSWORD, or none.
 * @throws RegistryError when ECR gives no token, or only one of the two variables is set.
 */
export async function credentialsFor(
    host: string,
    environment: Readonly<Record<string, string | undefined>>,
    ecrClient: (region: string) => ECRClient = (region) =>
        new ECRClient({ region, maxAttempts: 4, requestHandler: { requestTimeout: 30_000 } }),
): Promise<Credentials> {
    const region = ecrRegion(host);
    if (region === null) return environmentCredentials(environment);
    let token: string | undefined;
    try {
        const answer = await ecrClient(region).send(new GetAuthorizationTokenCommand({}));
        token = answer.authorizationData?.[0]?.authorizationToken;
    } catch (error) {
        throw new RegistryError(
            `Amazon ECR in ${region} gives no authorization token (${(error as Error).message})`,
        );
    }
    const [user = "", password = ""] = Buffer.from(token ?? "", "base64")
        .toString("utf8")
        .split(":");
    if (user === "" || password === "")
        throw new RegistryError(`Amazon ECR in ${region} gave an empty token`);
    return { user, password };
}

function environmentCredentials(environment: Readonly<Record<string, string | undefined>>): Credentials {
    const { GATE_REGISTRY_USER: user = "", GATE_REGISTRY_PASSWORD: password = "" } = environment;
    if (user === "" && password === "") return null;
    if (user === "" || password === "") {
        throw new RegistryError("GATE_REGISTRY_USER and GATE_REGISTRY_PASSWORD have to be set together");
    }
    return { user, password };
}
