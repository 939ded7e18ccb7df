/** Rules between the settings of services that run applications, and of what may run there. Pure. */
import { breakGlassTrust } from "../admission/roleDocuments";
import { deliveryTargets, deliveryTiers } from "../delivery/deliveryNames";
import { createNaming, type Account } from "../naming";
import { fargateSizes, type CreatedService } from "./deliverySchema";
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

/** Any account: names and ARNs are compared with each other only. */
const anyAccount: Account = {
    accountId: "123456789012",
    region: "us-east-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

/** The smallest port that does not need the rights of root. */
const firstPlainPort = 1_024;

/** Characters of a role's trust policy that IAM allows unless the account's quota was raised (IAM quotas). */
const longestTrust = 2_048;

/** Bytes of all variables of a container together; a task definition has at most 64 KiB (Amazon ECS service quotas). */
const mostEnvironment = 32 * 1_024;

export function deliveryProblems(config: StackConfig, project: string, stack: string): ConfigProblem[] {
    return [
        ...config.applications.flatMap(({ delivery }, index) =>
            deliveryTiers.flatMap((tier) => {
                const target = delivery[tier];
                const path = `applications[${index}].delivery.${tier}`;
                if (target?.type === "create") return createdProblems(target, path);
                if (target?.type === "existing") return repeated(`${path}.taskRoleArns`, target.taskRoleArns);
                return [];
            }),
        ),
        ...sharedServices(config, project, stack),
        ...breakGlassProblems(config),
    ];
}

function createdProblems(service: CreatedService, path: string): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    const { cpu, memory, loadBalancer, environment } = service;
    const offered = memorySizes(Number(cpu));
    if (!offered.includes(memory)) {
        problems.push({
            path: `${path}.memory`,
            value: memory,
            allowed: `must be one of ${offered.join(", ")}: AWS Fargate offers these with ${path}.cpu ${cpu}`,
            involves: [`${path}.cpu`],
        });
    }
    if (loadBalancer !== undefined && loadBalancer.port < firstPlainPort) {
        problems.push({
            path: `${path}.loadBalancer.port`,
            value: loadBalancer.port,
            allowed: `must be ${firstPlainPort} or above: the container does not run as root`,
        });
    }
    if (loadBalancer !== undefined && !loadBalancer.internal && loadBalancer.webAclArn === undefined) {
        problems.push({
            path: `${path}.loadBalancer.webAclArn`,
            value: undefined,
            allowed: "must be given: what the internet reaches has a web ACL before it",
            involves: [`${path}.loadBalancer.internal`],
        });
    }
    const bytes = Buffer.byteLength(JSON.stringify(environment));
    if (bytes > mostEnvironment) {
        problems.push({
            path: `${path}.environment`,
            value: `${bytes} bytes`,
            allowed: `must have at most ${mostEnvironment} bytes: Amazon ECS refuses larger task definitions`,
        });
    }
    return problems;
}

/** Memory in MiB that AWS Fargate pairs with a number of processor units. */
function memorySizes(cpu: number): number[] {
    const sizes = fargateSizes[cpu];
    if (sizes === undefined) return [];
    if (Array.isArray(sizes)) return sizes;
    const { from, to, step } = sizes;
    return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** One service runs one application in one tier: of two pipelines each would take the other's image for an intruder. */
function sharedServices({ applications }: StackConfig, project: string, stack: string): ConfigProblem[] {
    let naming;
    try {
        naming = createNaming(project, stack, anyAccount);
        naming.physical("ecsService", "any");
    } catch {
        // Told by the rules about names.
        return [];
    }
    const seen = new Map<string, string>();
    const problems: ConfigProblem[] = [];
    for (const [index, application] of applications.entries()) {
        for (const { tier, service } of deliveryTargets(anyAccount, naming, application)) {
            const path = `applications[${index}].delivery.${tier}`;
            const first = seen.get(service.arn);
            // Two applications of one name have been told already.
            if (first !== undefined && application.delivery[tier]?.type === "existing") {
                problems.push({
                    path: `${path}.service`,
                    value: service.name,
                    allowed: `must not be that of ${first}: a service runs one application, in one tier`,
                    involves: [`${path}.cluster`, first],
                });
            }
            seen.set(service.arn, first ?? path);
        }
    }
    return problems;
}

function breakGlassProblems({ admission, applications }: StackConfig): ConfigProblem[] {
    const path = "admission.breakGlassPrincipals";
    const principals = admission.breakGlassPrincipals;
    if (principals.length > 0 && applications.every(({ delivery }) => delivery.production === undefined)) {
        return [
            {
                path,
                value: principals,
                allowed:
                    "must be empty while no application has delivery.production: there is no admission to override",
                involves: ["applications"],
            },
        ];
    }
    if (principals.length > 0) {
        const { length } = breakGlassTrust(principals);
        if (length > longestTrust) {
            return [
                {
                    path,
                    value: principals,
                    allowed: `must be fewer, or one role that all of them take: the trust policy has ${length} characters, and IAM allows ${longestTrust}`,
                },
            ];
        }
    }
    return repeated(path, principals);
}

function repeated(path: string, values: readonly string[]): ConfigProblem[] {
    return values.flatMap((value, index): ConfigProblem[] =>
        values.indexOf(value) === index
            ? []
            : [{ path: `${path}[${index}]`, value, allowed: "must be unique" }],
    );
}

/**
 * A line for each production service that the stack does not create: Amazon ECS asks nobody before it starts something
 * there, until its owner attaches the hook.
 */
export function deliveryNotices({ applications }: Pick<StackConfig, "applications">): string[] {
    return applications.flatMap(({ name, delivery }) =>
        delivery.production?.type === "existing"
            ? [
                  `portcullis:applications: nothing is asked before ${delivery.production.cluster}/${delivery.production.service}, ` +
                      `which runs ${name}, starts an image, because this stack does not own the service; attach the hook of the output ` +
                      "admission.hook to it at PRE_SCALE_UP. What runs there is checked all the same.",
              ]
            : [],
    );
}
