/** The program: reads the configuration, puts the components together, exports what people need next. */
import * as pulumi from "@pulumi/pulumi";
import { currentAccount } from "./account";
import { AnchoreEngine, anchoreNotices } from "./anchore/anchoreEngine";
import { applicationNames } from "./application/applicationNames";
import { accountProblems } from "./config/crossRules";
import { loadConfig, reporting } from "./config/loadConfig";
import { ConfigError } from "./config/problems";
import { Keys } from "./keys/keys";
import { createNaming } from "./naming";
import { Network } from "./network/network";
import { RegistryScanning } from "./registryScanning/registryScanning";
import { Storage } from "./storage/storage";
import { createTagging } from "./tags";

export = async () => {
    const config = loadConfig();
    const { account, zoneNames } = await currentAccount();
    reporting(() => {
        const problems = accountProblems(config, account, zoneNames);
        if (problems.length > 0) throw new ConfigError(problems);
    });
    for (const notice of anchoreNotices(config.anchore)) await pulumi.log.warn(notice);

    const naming = createNaming(pulumi.getProject(), pulumi.getStack(), account);
    const tags = createTagging(pulumi.getProject(), pulumi.getStack(), config.tags);
    const shared = { account, naming, tags };
    const { protection } = config;

    const keys = new Keys("keys", { ...shared, protection });
    const network = new Network("network", {
        ...shared,
        config: config.network,
        zoneNames,
        logKey: keys.pipeline,
    });
    const storage = new Storage("storage", { ...shared, config, pipelineKey: keys.pipeline });
    new RegistryScanning("registry-scanning", { ...shared, config: config.registryScanning });
    const anchore = new AnchoreEngine("anchore", {
        ...shared,
        config: config.anchore,
        protection,
        key: keys.anchore,
        network,
        repositoryArns: config.applications.flatMap(({ name }) => {
            const { repositories } = applicationNames(account, naming, name);
            return [repositories.candidate.arn, repositories.staging.arn];
        }),
    });

    return {
        anchoreUrl: anchore.url,
        anchoreAdminPasswordParameter: anchore.adminPasswordParameter,
        anchoreCaParameter: anchore.caParameter,
        evidenceBucket: storage.evidenceBucketName,
        artifactBucket: storage.artifactBucketName,
    };
};
