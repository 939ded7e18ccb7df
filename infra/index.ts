/** The program: reads the configuration, puts the components together, exports what people need next. */
import * as pulumi from "@pulumi/pulumi";
import { currentAccount } from "./account";
import { Admission } from "./admission/admission";
import { admissionOutputs } from "./admission/admissionNames";
import { AnchoreEngine, anchoreNotices } from "./anchore/anchoreEngine";
import { Application } from "./application/application";
import { applicationNames } from "./application/applicationNames";
import type { Platform } from "./application/platform";
import { Approval } from "./approval/approval";
import { approvalOutputs } from "./approval/approvalNames";
import { accountProblems } from "./config/accountRules";
import { approvalNotices } from "./config/approvalRules";
import { deliveryNotices } from "./config/deliveryRules";
import { reviewNotices } from "./config/reviewRules";
import { waiverNotices } from "./config/waiverNotices";
import { loadConfig, reporting } from "./config/loadConfig";
import { ConfigError } from "./config/problems";
import { Delivery } from "./delivery/delivery";
import { deliveryTargets } from "./delivery/deliveryNames";
import { Findings } from "./findings/findings";
import { functionOutputs } from "./function/functionNames";
import { GateArtifact } from "./gateArtifact/gateArtifact";
import { Keys } from "./keys/keys";
import { Merge } from "./merge/merge";
import { createNaming } from "./naming";
import { Network } from "./network/network";
import { Notifications, tellsSomebody } from "./notifications/notifications";
import { RegistryScanning } from "./registryScanning/registryScanning";
import { Review } from "./review/review";
import { reviewedApplications } from "./review/reviewedApplications";
import { Signing } from "./signing/signing";
import { Storage } from "./storage/storage";
import { createTagging } from "./tags";

export = async () => {
    const config = loadConfig();
    const { account, zoneNames } = await currentAccount();
    const naming = createNaming(pulumi.getProject(), pulumi.getStack(), account);
    const tags = createTagging(pulumi.getProject(), pulumi.getStack(), config.tags);
    const shared = { account, naming, tags };
    const analysedRepositoryArns = config.applications.flatMap(({ name }) => {
        const { repositories } = applicationNames(account, naming, name);
        return [repositories.candidate.arn, repositories.staging.arn];
    });
    reporting(() => {
        const problems = accountProblems(config, { account, naming, zoneNames, analysedRepositoryArns });
        if (problems.length > 0) throw new ConfigError(problems);
    });
    const notices = [
        ...anchoreNotices(config.anchore),
        ...approvalNotices(config.approval),
        ...deliveryNotices(config),
        ...reviewNotices(config),
        ...waiverNotices(config.gatePolicy.waivers, new Date()),
    ];
    for (const notice of notices) await pulumi.log.warn(notice);

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
        repositoryArns: analysedRepositoryArns,
    });

    const platform: Platform = {
        ...shared,
        config,
        pipelineKey: keys.pipeline,
        artifactBucketName: storage.artifactBucketName,
        evidenceBucketName: storage.evidenceBucketName,
        network: {
            vpcId: network.vpcId,
            privateSubnetIds: network.privateSubnetIds,
            scanSecurityGroupId: anchore.scanSecurityGroupId,
        },
        anchore: {
            url: anchore.url,
            adminPasswordParameter: anchore.adminPasswordParameter,
            caParameter: anchore.caParameter,
            keyAliasName: keys.anchore.aliasName,
        },
        foundations: [...storage.ready, keys.pipeline.alias, keys.anchore.alias],
    };
    const gate = new GateArtifact("gate", { platform });
    const signing = new Signing("signing", { ...shared, config });
    const approval = new Approval("approval", { platform });
    const gatePlatform = { ...platform, foundations: [...platform.foundations, approval] };
    const findings =
        config.securityHub.mode === "off"
            ? undefined
            : new Findings("findings", { alarmTopic: approval.alarmTopic, platform: gatePlatform });
    const targets = config.applications.flatMap((application) =>
        deliveryTargets(account, naming, application),
    );
    const services = targets.filter(({ tier }) => tier === "production");
    const admission =
        services.length === 0
            ? undefined
            : new Admission("admission", {
                  services,
                  alarmTopic: approval.alarmTopic,
                  platform: gatePlatform,
              });
    const delivery =
        targets.length === 0
            ? undefined
            : new Delivery("delivery", { hook: admission?.hook, network, platform });
    const { alarmTopic } = approval;
    const merge = config.applications.some(({ mergeInto }) => mergeInto !== undefined)
        ? new Merge("merge", { platform: gatePlatform, table: approval.names.table, alarmTopic })
        : undefined;
    // A new pipeline starts at once, and has to find the whole gate, the services that it delivers to, and everything that
    // waits for its events: they are told once.
    const deliveryPlatform = {
        ...gatePlatform,
        foundations: [
            ...gatePlatform.foundations,
            ...gate.objects,
            signing.alias,
            ...(delivery?.ready ?? []),
            ...[findings, admission, merge].filter((waiting) => waiting !== undefined),
        ],
    };
    const pipelines = config.applications.map((application) => {
        const { delivery: own } = new Application(application.name, {
            application,
            platform: deliveryPlatform,
            gate,
            topicArns: approval.topicArns,
        });
        return { application: application.name, pipeline: own.pipeline };
    });
    const review =
        reviewedApplications(platform).length === 0
            ? undefined
            : new Review("review", { platform, gate, alarmTopic });
    const notifications = tellsSomebody(config)
        ? new Notifications("notifications", { platform, alarmTopic, pipelines })
        : undefined;

    return {
        anchoreUrl: anchore.url,
        anchoreAdminPasswordParameter: anchore.adminPasswordParameter,
        anchoreCertificateAuthorityParameter: anchore.caParameter,
        approval: approvalOutputs(approval.names),
        ...(admission === undefined
            ? {}
            : {
                  admission: admissionOutputs(
                      admission.names,
                      config.admission.breakGlassPrincipals.length > 0,
                  ),
              }),
        ...(review === undefined ? {} : { review: functionOutputs(review.names.function) }),
        ...(merge === undefined ? {} : { merge: functionOutputs(merge.names.function) }),
        ...(notifications === undefined ? {} : { notifications: { topic: notifications.names.topic.arn } }),
        ...(findings === undefined ? {} : { findings: functionOutputs(findings.names.function) }),
        artifactBucket: storage.artifactBucketName,
        evidenceBucket: storage.evidenceBucketName,
        applications: Object.fromEntries(
            config.applications.map(({ name, source, review: { pullRequests } }) => {
                const names = applicationNames(account, naming, name);
                return [
                    name,
                    {
                        pipeline: names.pipeline.name,
                        ...(pullRequests ? { reviewPipeline: names.review.pipeline.name } : {}),
                        source: source.type === "codecommit" ? names.source.repository : source.repository,
                        candidate: names.repositories.candidate.uri,
                        staging: names.repositories.staging.uri,
                        production: names.repositories.production.uri,
                        services: Object.fromEntries(
                            targets
                                .filter(({ application }) => application === name)
                                .map(({ tier, cluster, service }) => [
                                    tier,
                                    {
                                        cluster: cluster.name,
                                        service: service.name,
                                        ...delivery?.created[name]?.[tier],
                                    },
                                ]),
                        ),
                    },
                ];
            }),
        ),
    };
};
