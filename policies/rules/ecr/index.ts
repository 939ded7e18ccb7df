import type { Rule } from "../../harness/rule";
import { creationTemplates } from "./creationTemplates";
import { customerKey } from "./customerKey";
import { foreignAccounts, foreignAccountsOfStack } from "./foreignAccounts";
import { inspectorEnabled } from "./inspectorEnabled";
import { lifecycle } from "./lifecycle";
import { productionProtection } from "./productionProtection";
import { productionWriters } from "./productionWriters";
import { publicAccess } from "./publicAccess";
import { publicRepositories } from "./publicRepositories";
import { pullThroughCache } from "./pullThroughCache";
import { replicatedTiers, replicatedTiersOfStack } from "./replicatedTiers";
import { scanConsumer } from "./scanConsumer";
import { scanningConfiguration, scanningCoverage } from "./scanningConfiguration";
import { scanOnPush, scanOnPushFlag } from "./scanOnPush";
import { separateTiers } from "./separateTiers";
import { tagImmutability } from "./tagImmutability";
import { tierDecidable } from "./tierDecidable";

export const ecrRules: Rule[] = [
    scanOnPush,
    scanOnPushFlag,
    tagImmutability,
    customerKey,
    lifecycle,
    publicAccess,
    foreignAccounts,
    foreignAccountsOfStack,
    productionWriters,
    productionProtection,
    scanningConfiguration,
    scanningCoverage,
    inspectorEnabled,
    pullThroughCache,
    replicatedTiers,
    replicatedTiersOfStack,
    publicRepositories,
    separateTiers,
    scanConsumer,
    tierDecidable,
    creationTemplates,
];
