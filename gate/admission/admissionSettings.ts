import type { GatePolicy } from "../policy/gatePolicy";

/** What the admission function and the continuous check work with; a file in their code archives. */
export interface AdmissionSettings {
    version: 1;
    /** Name of the stack; the ids of its findings in Security Hub begin with it. */
    stack: string;
    account: { partition: string; region: string; accountId: string };
    policy: GatePolicy;
    /** What the registry scans with. */
    scanType: "ENHANCED" | "BASIC";
    /** The approval table. */
    table: string;
    breakGlassTable: string;
    /** Whether findings are written to Security Hub. */
    securityHub: boolean;
    /** The production services, whether the stack created them or not. */
    services: AdmittedService[];
}

/** A service of Amazon ECS, and what alone may run in it. */
export interface AdmittedService {
    application: string;
    /** Name of the cluster, in the account and region of the settings. */
    cluster: string;
    service: string;
    /** Names of the application's repositories, without the registry. Images run from `production` alone. */
    repositories: { production: string; staging: string };
}
