import assert from "node:assert/strict";
import { exampleAccount } from "../application/testing/examplePlatform";
import { createNaming } from "../naming";
import { accountProblems } from "./accountRules";
import { deliveryNotices } from "./deliveryRules";
import { fargateSizes } from "./deliverySchema";
import { accepted, problems } from "./testing/settings";

const demo = { name: "demo", source: { type: "codecommit" } };
const certificateArn =
    "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
const existing = { type: "existing", cluster: "main", service: "shop", container: "web" };

const delivered = (delivery: unknown, more: object[] = []) => ({
    applications: [{ ...demo, delivery }, ...more],
});

describe("Rules of delivery", () => {
    it("fills in a small service that nobody reaches and that is not root", () => {
        const [application] = accepted(delivered({ production: { type: "create" } })).applications;
        assert.deepEqual(application?.delivery, {
            production: {
                type: "create",
                cpu: 256,
                memory: 512,
                desiredCount: 1,
                environment: {},
                user: "1000:1000",
            },
        });
    });

    it("takes the memory that Fargate pairs with the processor units, and no other", () => {
        for (const [cpu, sizes] of Object.entries(fargateSizes)) {
            const [least, most] = Array.isArray(sizes) ? [sizes[0], sizes.at(-1)] : [sizes.from, sizes.to];
            for (const memory of [least, most]) {
                const settings = delivered({ staging: { type: "create", cpu: Number(cpu), memory } });
                assert.deepEqual(problems(settings), []);
            }
        }
        assert.deepEqual(problems(delivered({ staging: { type: "create", cpu: 256, memory: 4_096 } })), [
            "applications[0].delivery.staging.memory: must be one of 512, 1024, 2048: AWS Fargate offers these with " +
                "applications[0].delivery.staging.cpu 256",
        ]);
        assert.deepEqual(problems(delivered({ staging: { type: "create", cpu: 1_024, memory: 2_560 } })), [
            "applications[0].delivery.staging.memory: must be one of 2048, 3072, 4096, 5120, 6144, 7168, 8192: AWS Fargate " +
                "offers these with applications[0].delivery.staging.cpu 1024",
        ]);
    });

    it("refuses root, ports of root and variables without end", () => {
        for (const user of ["root", "0", "0:0", "0:1000", "1000:0", "1000"]) {
            assert.deepEqual(problems(delivered({ production: { type: "create", user } })), [
                "applications[0].delivery.production.user: must be the numbers of a user and a group, as 1000:1000, and not " +
                    "those of root",
            ]);
        }
        const port = { type: "create", loadBalancer: { certificateArn, port: 443 } };
        assert.deepEqual(problems(delivered({ production: port })), [
            "applications[0].delivery.production.loadBalancer.port: must be 1024 or above: the container does not run as root",
        ]);
        const open = { type: "create", loadBalancer: { certificateArn, internal: false } };
        assert.deepEqual(problems(delivered({ production: open })), [
            "applications[0].delivery.production.loadBalancer.webAclArn: must be given: what the internet reaches has a web " +
                "ACL before it",
        ]);
        const environment = Object.fromEntries(
            Array.from({ length: 9 }, (_, index) => [`LONG_${index}`, "x".repeat(4_000)]),
        );
        assert.deepEqual(problems(delivered({ production: { type: "create", environment } })), [
            "applications[0].delivery.production.environment: must have at most 32768 bytes: Amazon ECS refuses larger task " +
                "definitions",
        ]);
    });

    it("gives a service to one application and one tier", () => {
        assert.deepEqual(problems(delivered({ staging: existing, production: existing })), [
            "applications[0].delivery.production.service: must not be that of applications[0].delivery.staging: a service " +
                "runs one application, in one tier",
        ]);
        const other = { ...demo, name: "other", delivery: { production: existing } };
        assert.deepEqual(problems(delivered({ production: existing }, [other])), [
            "applications[1].delivery.production.service: must not be that of applications[0].delivery.production: a service " +
                "runs one application, in one tier",
        ]);
        const created = {
            ...existing,
            cluster: "portcullis-dev-delivery",
            service: "portcullis-dev-demo-production",
        };
        assert.deepEqual(
            problems(
                delivered({ production: { type: "create" } }, [
                    { ...demo, name: "other", delivery: { production: created } },
                ]),
            ),
            [
                "applications[1].delivery.production.service: must not be that of applications[0].delivery.production: a " +
                    "service runs one application, in one tier",
            ],
        );
        const elsewhere = { ...existing, cluster: "second" };
        assert.deepEqual(problems(delivered({ staging: elsewhere, production: existing })), []);
    });

    it("names the processor units that there are", () => {
        assert.deepEqual(problems(delivered({ staging: { type: "create", cpu: 300 } })), [
            "applications[0].delivery.staging.cpu: must be one of 256, 512, 1024, 2048, 4096",
        ]);
    });

    it("lets no more people override than fit into a trust policy", () => {
        const role = (index: number) =>
            `arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-central-1/${"OnCall".repeat(6)}_${index}`;
        const settings = delivered({ production: { type: "create" } });
        const named = (count: number) => Array.from({ length: count }, (_, index) => role(index));
        assert.deepEqual(problems({ ...settings, admission: { breakGlassPrincipals: named(15) } }), []);
        assert.deepEqual(problems({ ...settings, admission: { breakGlassPrincipals: named(20) } }), [
            "admission.breakGlassPrincipals: must be fewer, or one role that all of them take: the trust policy has 2586 " +
                "characters, and IAM allows 2048",
        ]);
    });

    it("wants something to override before it lets anybody override", () => {
        const breakGlassPrincipals = ["arn:aws:iam::123456789012:role/on-call"];
        assert.deepEqual(problems({ admission: { breakGlassPrincipals } }), [
            "admission.breakGlassPrincipals: must be empty while no application has delivery.production: there is no " +
                "admission to override",
        ]);
        const settings = delivered({ production: { type: "create" } });
        assert.deepEqual(problems({ ...settings, admission: { breakGlassPrincipals } }), []);
        assert.deepEqual(
            problems({
                ...settings,
                admission: { breakGlassPrincipals: [...breakGlassPrincipals, ...breakGlassPrincipals] },
            }),
            ["admission.breakGlassPrincipals[1]: must be unique"],
        );
    });

    it("keeps the names of its own parts for itself", () => {
        for (const name of ["admission", "break-glass", "delivery", "running"]) {
            const [problem] = problems({ applications: [{ ...demo, name }] });
            assert.match(problem ?? "", /^applications\[0\]\.name: must not be one of the stack's own names/);
        }
    });

    it("takes certificates and roles of the own account and region only", () => {
        const atHome = (delivery: unknown): string[] =>
            accountProblems(accepted(delivered(delivery)), {
                account: exampleAccount,
                naming: createNaming("portcullis", "dev", exampleAccount),
                zoneNames: ["eu-central-1a", "eu-central-1b"],
                analysedRepositoryArns: [],
            }).map(({ path, allowed }) => `${path}: ${allowed}`);
        const balanced = (arn: string) => ({
            production: { type: "create", loadBalancer: { certificateArn: arn } },
        });
        assert.deepEqual(atHome(balanced(certificateArn)), []);
        for (const foreign of [
            certificateArn.replace("eu-central-1", "us-east-1"),
            certificateArn.replace("123456789012", "123456789013"),
        ]) {
            assert.deepEqual(atHome(balanced(foreign)), [
                "applications[0].delivery.production.loadBalancer.certificateArn: must be a certificate of this account in " +
                    "eu-central-1: a load balancer uses those of its own account and region only",
            ]);
        }
        const webAclArn = `arn:aws:wafv2:us-east-1:123456789012:regional/webacl/site/${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}`;
        const shielded = { type: "create", loadBalancer: { certificateArn, internal: false, webAclArn } };
        assert.deepEqual(atHome({ production: shielded }), [
            "applications[0].delivery.production.loadBalancer.webAclArn: must be a web ACL of this account in eu-central-1: " +
                "a load balancer uses those of its own account and region only",
        ]);
        const roles = ["arn:aws:iam::123456789012:role/web", "arn:aws:iam::123456789013:role/web"];
        assert.deepEqual(atHome({ staging: { ...existing, taskRoleArns: roles } }), [
            "applications[0].delivery.staging.taskRoleArns[1]: must be a role of this account: roles cannot be passed to another",
        ]);
    });

    it("counts what the functions name before IAM does", () => {
        const applications = Array.from({ length: 50 }, (_, index) => ({
            ...demo,
            name: `application-with-long-name-${index}`,
            delivery: { production: { type: "create" } },
        }));
        const found = accountProblems(accepted({ applications }), {
            account: exampleAccount,
            naming: createNaming("portcullis", "dev", exampleAccount),
            zoneNames: ["eu-central-1a", "eu-central-1b"],
            analysedRepositoryArns: [],
        }).map(({ allowed }) => allowed);
        assert.ok(found.some((text) => text.includes("the role of admission names every service")));
    });

    it("says in one line that nobody is asked before an existing service starts something", () => {
        const { applications } = accepted(delivered({ staging: { type: "create" }, production: existing }));
        assert.deepEqual(deliveryNotices({ applications }), [
            "portcullis:applications: nothing is asked before main/shop, which runs demo, starts an image, because this stack " +
                "does not own the service; attach the hook of the output admission.hook to it at PRE_SCALE_UP. What runs there " +
                "is checked all the same.",
        ]);
        assert.deepEqual(
            deliveryNotices({
                applications: accepted(delivered({ production: { type: "create" } })).applications,
            }),
            [],
        );
    });
});
