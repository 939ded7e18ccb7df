import type { AdmissionSettings } from "../../gate/admission/admissionSettings";
import { applicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { approvalNames } from "../approval/approvalNames";
import type { DeliveryTarget } from "../delivery/deliveryNames";
import type { AdmissionNames } from "./admissionNames";

/** What both functions work with; lies beside their code. @param services production services, at least one. */
export function admissionSettings(
    { account, naming, config }: Pick<LiteralPlatform, "account" | "naming" | "config">,
    names: AdmissionNames,
    services: DeliveryTarget[],
): AdmissionSettings {
    const { partition, region, accountId } = account;
    return {
        version: 1,
        stack: naming.prefix,
        account: { partition, region, accountId },
        policy: config.gatePolicy,
        scanType: config.registryScanning.type,
        table: approvalNames(account, naming).table.name,
        breakGlassTable: names.breakGlass.table.name,
        securityHub: config.securityHub.mode !== "off",
        services: services.map(({ application, cluster, service }) => {
            const { production, staging } = applicationNames(account, naming, application).repositories;
            return {
                application,
                cluster: cluster.name,
                service: service.name,
                repositories: { production: production.name, staging: staging.name },
            };
        }),
    };
}
