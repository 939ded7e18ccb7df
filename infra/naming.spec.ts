import assert from "node:assert/strict";
import fc from "fast-check";
import { createNaming, nameKinds, type Account, type NameKind } from "./naming";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

/** Longest names, from the services' API references; written again here on purpose. */
const longest: Partial<Record<NameKind, number>> = {
    iamRole: 64,
    instanceProfile: 128,
    ecrRepository: 256,
    codeBuildProject: 150,
    codePipeline: 100,
    codeCommitRepository: 100,
    s3Bucket: 63,
    snsTopic: 256,
    loadBalancer: 32,
    targetGroup: 32,
    launchTemplate: 128,
    rdsInstance: 63,
    eventRule: 64,
    hostedZone: 63,
};

describe("naming", () => {
    const naming = createNaming("portcullis", "dev", account);

    it("puts project, stack and parts together", () => {
        assert.equal(naming.prefix, "portcullis-dev");
        assert.equal(naming.physical("iamRole", "demo", "build"), "portcullis-dev-demo-build");
        assert.equal(naming.physical("hostedZone"), "portcullis-dev");
        assert.equal(
            naming.parameterPath("anchore", "admin-password"),
            "/portcullis/dev/anchore/admin-password",
        );
    });

    it("makes bucket names global with account and region", () => {
        assert.equal(
            naming.physical("s3Bucket", "evidence"),
            "portcullis-dev-evidence-123456789012-eu-central-1",
        );
    });

    it("cuts long names and keeps them apart by a hash", () => {
        const one = naming.physical("loadBalancer", "a-rather-long-application-name", "one");
        const other = naming.physical("loadBalancer", "a-rather-long-application-name", "two");
        assert.equal(one, "portcullis-dev-a-rather-d7317ea3");
        assert.equal(one.length, 32);
        assert.notEqual(one, other);
        assert.equal(one, naming.physical("loadBalancer", "a-rather-long-application-name", "one"));
    });

    it("normalises what AWS would refuse, and tells the originals apart", () => {
        const upper = createNaming("Portcullis", "dev", account).prefix;
        const dotted = createNaming("portcullis", "my.stack", account).prefix;
        const dashed = createNaming("portcullis", "my-stack", account).prefix;
        assert.match(upper, /^portcullis-[0-9a-f]{8}-dev$/);
        assert.match(dotted, /^portcullis-my-stack-[0-9a-f]{8}$/);
        assert.equal(dashed, "portcullis-my-stack");
    });

    it("refuses a kind without a known limit", () => {
        assert.throws(
            () => naming.physical("dynamoDbTable" as NameKind, "x"),
            /no limit for "dynamoDbTable"/,
        );
    });

    it("refuses beginnings that AWS reserves", () => {
        const named = (project: string) => createNaming(project, "dev", account);
        assert.throws(() => named("awsome").parameterPath("x"), /"aws", which AWS reserves/);
        assert.throws(() => named("ssm-tools").parameterPath("x"), /"ssm", which AWS reserves/);
        assert.throws(() => named("ecs-gate").physical("capacityProvider", "x"), /"ecs", which AWS reserves/);
        assert.throws(() => named("internal-gate").physical("loadBalancer", "x"), /"internal-"/);
        assert.throws(() => named("2gates").physical("iamRole", "x"), /must begin with a letter/);
    });

    it("never breaks a limit, whatever the parts are", () => {
        const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,60}$/);
        fc.assert(
            fc.property(fc.constantFrom(...nameKinds), fc.array(word, { maxLength: 4 }), (kind, parts) => {
                const name = naming.physical(kind, ...parts);
                assert.ok(name.length <= (longest[kind] ?? 256), `${kind}: ${name}`);
                assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
            }),
        );
    });
});
