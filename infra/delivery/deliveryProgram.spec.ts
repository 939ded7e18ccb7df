/** Services and admission in the whole program: what mocks cannot see, such as dependencies and what updates ignore. */
import assert from "node:assert/strict";
import type { CapturedResource, RunResult } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { codecommitApplication } from "../application/testing/examplePlatform";

const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";

describe("services and admission in the program", function () {
    this.timeout(300_000);
    let result: RunResult;

    before(async () => {
        result = await runProgram({
            stack: "dev",
            mode: "preview",
            policy: true,
            config: {
                applications: [
                    {
                        ...codecommitApplication,
                        delivery: {
                            staging: { type: "create" },
                            production: { type: "create", loadBalancer: { certificateArn } },
                        },
                    },
                    {
                        ...codecommitApplication,
                        name: "shop",
                        delivery: {
                            production: {
                                type: "existing",
                                cluster: "main",
                                service: "shop",
                                container: "web",
                            },
                        },
                    },
                ],
                admission: { breakGlassPrincipals: ["arn:aws:iam::123456789012:role/on-call"] },
            },
        });
    });

    function named(name: string): CapturedResource {
        const found = result.resources.filter((resource) => resource.name === name && resource.custom);
        assert.equal(found.length, 1, name);
        return found[0] as CapturedResource;
    }

    /** Names of everything that must exist before a resource, however far away. */
    function earlierThan(name: string): Set<string> {
        const byUrn = new Map(result.resources.map((resource) => [resource.urn, resource]));
        const seen = new Set<string>();
        const visit = ({ dependencies }: CapturedResource) => {
            for (const urn of dependencies) {
                const dependency = byUrn.get(urn);
                if (dependency === undefined || seen.has(dependency.name)) continue;
                seen.add(dependency.name);
                visit(dependency);
            }
        };
        visit(named(name));
        return seen;
    }

    const ours = (urn: string) => /::portcullis:(delivery:Delivery|admission:Admission)\$/.test(urn);

    it("leaves the image to the pipeline and the traffic to Amazon ECS, and nothing else to anybody", () => {
        assert.deepEqual(
            result.resources
                .filter(({ urn, ignoreChanges }) => ours(urn) && ignoreChanges.length > 0)
                .map(({ name, ignoreChanges }) => [name, ignoreChanges])
                .sort(),
            [
                ["delivery-demo-production-balancer-traffic", ["actions"]],
                ["delivery-demo-production-service", ["taskDefinition"]],
                ["delivery-demo-staging-service", ["taskDefinition"]],
            ],
        );
    });

    it("has whoever decides in place before the first deployment, and services before pipelines", () => {
        const service = earlierThan("delivery-demo-production-service");
        for (const name of [
            "admission-function",
            "admission-function-role-policy",
            "admission-hook-role-policy",
            "admission-break-glass-policy",
            "approval-table-policy",
            "delivery-demo-production-balancer-role-policy",
            "delivery-demo-production-balancer-traffic",
            "delivery-demo-production-execution-role-policy",
            "delivery-demo-production-task-https-out",
        ]) {
            assert.ok(service.has(name), name);
        }
        const pipeline = earlierThan("demo-delivery-pipeline");
        for (const tier of ["staging", "production"]) {
            assert.ok(pipeline.has(`delivery-demo-${tier}-service`), tier);
            assert.ok(pipeline.has(`delivery-demo-${tier}-deploy-role-policy`), tier);
        }
        assert.ok(earlierThan("shop-delivery-pipeline").has("delivery-shop-production-deploy-role-policy"));
    });

    it("can be replaced on demand, as before the first release: two services cannot have one name", () => {
        for (const tier of ["staging", "production"]) {
            assert.equal(named(`delivery-demo-${tier}-service`).deleteBeforeReplace, true, tier);
        }
    });

    it("can be judged by the pack at preview, and is found good", () => {
        const found = (result.policy?.diagnostics ?? [])
            .filter(({ urn, enforcement }) => ours(urn) && enforcement === "mandatory")
            .map(({ policy, urn, message }) => `${policy} ${urn.split("::").at(-1)}: ${message}`);
        assert.deepEqual(found, []);
    });

    it("says in the outputs where things are", () => {
        const { admission, applications } = result.stackOutputs as unknown as {
            admission: Record<string, unknown>;
            applications: Record<string, { services: Record<string, { cluster: string; service: string }> }>;
        };
        assert.deepEqual(admission["hook"], {
            functionArn: "arn:aws:lambda:us-east-1:123456789012:function:portcullis-dev-admission",
            roleArn: "arn:aws:iam::123456789012:role/portcullis-dev-admission-hook",
        });
        const services = Object.entries(applications).flatMap(([application, { services: tiers }]) =>
            Object.entries(tiers).map(([tier, { cluster, service }]) => [
                application,
                tier,
                cluster,
                service,
            ]),
        );
        assert.deepEqual(services.sort(), [
            ["demo", "production", "portcullis-dev-delivery", "portcullis-dev-demo-production"],
            ["demo", "staging", "portcullis-dev-delivery", "portcullis-dev-demo-staging"],
            ["shop", "production", "main", "shop"],
        ]);
    });

    it("tells once that an existing service asks nobody", () => {
        const told = result.log.filter(({ message }) =>
            message.includes("nothing is asked before main/shop"),
        );
        assert.equal(told.length, 1);
    });
});
