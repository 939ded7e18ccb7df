/** Settings of what happens before and after an application's delivery pipeline: reviews, and services that run it. */
import { z } from "zod";

/** Sizes of a task that AWS Fargate offers: processor units, and the memory in MiB that goes with each (Amazon ECS Developer Guide, "Fargate task definition considerations"). */
export const fargateSizes: Readonly<Record<number, { from: number; to: number; step: number } | number[]>> = {
    256: [512, 1_024, 2_048],
    512: { from: 1_024, to: 4_096, step: 1_024 },
    1_024: { from: 2_048, to: 8_192, step: 1_024 },
    2_048: { from: 4_096, to: 16_384, step: 1_024 },
    4_096: { from: 8_192, to: 30_720, step: 1_024 },
};

const containerPort = z.int().min(1).max(65_535);

const loadBalancerSchema = z.strictObject({
    certificateArn: z
        .string()
        .regex(
            /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
            "must be the ARN of a certificate in ACM",
        )
        .describe("Certificate of the HTTPS listener."),
    port: containerPort.default(8_080).describe("Port on which the container listens."),
    healthCheckPath: z
        .string()
        .regex(/^\/[\x21-\x7e]{0,255}$/, "must be a path that begins with /")
        .default("/")
        .describe("Path that answers 200 when the container can serve."),
    internal: z
        .boolean()
        .default(true)
        .describe(
            "Reachable from the VPC only; false: from the internet, which needs webAclArn, and the load balancer's name in the " +
                "setting internetFacingLoadBalancers of the policy pack (ALB-07).",
        ),
    webAclArn: z
        .string()
        .regex(
            /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/,
            "must be the ARN of a regional web ACL of AWS WAF",
        )
        .optional()
        .describe("Web ACL of AWS WAF that requests pass first. Required when internal is false."),
});

const createdService = z.strictObject({
    type: z.literal("create").describe("A Fargate service that the stack creates."),
    cpu: z
        .literal(Object.keys(fargateSizes).map(Number))
        .default(256)
        .describe("Processor units of a task; 1024 are one vCPU."),
    memory: z
        .int()
        .min(512)
        .max(30_720)
        .default(512)
        .describe("Memory of a task in MiB, as Fargate pairs it with cpu."),
    desiredCount: z.int().min(1).max(100).default(1).describe("Tasks that run."),
    environment: z
        .record(
            z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be the name of a variable"),
            z.string().max(4_096),
        )
        .default({})
        .describe("Variables of the container; nothing secret."),
    user: z
        .string()
        .regex(
            /^[1-9]\d{0,4}:[1-9]\d{0,4}$/,
            "must be the numbers of a user and a group, as 1000:1000, and not those of root",
        )
        .default("1000:1000")
        .describe(
            "User and group that the container runs as, whatever its image says. It can write to /tmp only, as far as the image " +
                "lets this user.",
        ),
    loadBalancer: loadBalancerSchema
        .optional()
        .describe(
            "A load balancer before the service. Without it the tasks are reached by nobody, as workers are.",
        ),
});

const existingService = z.strictObject({
    type: z.literal("existing").describe("A service that exists already; its deployment controller is ECS."),
    cluster: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,255}$/, "must be the name of a cluster")
        .describe("Name of the service's cluster, in this account and region."),
    service: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,255}$/, "must be the name of a service")
        .describe("Name of the service."),
    container: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,255}$/, "must be the name of a container")
        .describe("Container of the task definition that runs the application's image."),
    taskRoleArns: z
        .array(
            z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "must be the ARN of a role"),
        )
        .default([])
        .describe("Task role and execution role of the service, which the deployment passes on."),
});

const target = z.discriminatedUnion("type", [createdService, existingService]);

export const deliverySchema = z.strictObject({
    staging: target.optional().describe("Service that runs the staging image before the approval."),
    production: target
        .optional()
        .describe("Service that runs approved images; nothing else is admitted there."),
});

export const reviewSchema = z.strictObject({
    pullRequests: z
        .boolean()
        .default(true)
        .describe(
            "Check pull requests: lint, secrets, build to candidate, scan. Without any way to production.",
        ),
    feedback: z
        .strictObject({
            host: z
                .enum(["github", "gitlab"], {
                    error: "must be github or gitlab: comments at Bitbucket are not possible yet, leave feedback out there",
                })
                .describe("Who hosts the repository of the connection."),
            tokenSecret: z
                .string()
                .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, "must be the name of a secret in Secrets Manager")
                .describe(
                    "Secret with a token that may comment on pull requests (and merge them where mergeInto is set), as plain " +
                        "text. Its ARN is made from this name.",
                ),
            apiUrl: z
                .url({ protocol: /^https$/, error: "must be an https address" })
                .optional()
                .describe(
                    "Address of the API of a host of one's own; without it that of github.com or gitlab.com.",
                ),
        })
        .optional()
        .describe(
            "Comments on pull requests of a connection. CodeCommit needs no setting; without one a connection's pull requests " +
                "are checked and not commented on.",
        ),
});

export type DeliveryTarget = z.infer<typeof target>;
export type CreatedService = z.infer<typeof createdService>;
export type ExistingService = z.infer<typeof existingService>;

/** Who may let a digest run without an approval, for a day at most. */
export const admissionSchema = z.strictObject({
    breakGlassPrincipals: z
        .array(
            z
                .string()
                .regex(
                    /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
                    "must be the ARN of a role or user",
                ),
        )
        .max(20)
        .default([])
        .describe(
            "Roles or users who may, with a second factor, let one digest run without an approval for a day at most. Nobody " +
                "unless named here. Each use raises an alarm.",
        ),
});

export const securityHubSchema = z.strictObject({
    mode: z
        .enum(["enable", "existing", "off"])
        .default("off")
        .describe(
            "enable: this stack switches Security Hub on, which is per account and region; existing: it is on already; off: " +
                "findings stay in the evidence bucket.",
        ),
});

export const notificationsSchema = z.strictObject({
    emails: z
        .array(z.email("must be an e-mail address"))
        .max(50)
        .default([])
        .describe(
            "People who are told about approvals that wait, failed releases and deployments. Each must confirm the " +
                "subscription once.",
        ),
    slack: z
        .strictObject({
            workspaceId: z
                .string()
                .regex(/^T[A-Z0-9]{8,}$/, "must be the id of a Slack workspace, which begins with T")
                .describe(
                    "Workspace that was authorised once in the console of Amazon Q Developer in chat applications.",
                ),
            channelId: z
                .string()
                .regex(/^[CG][A-Z0-9]{8,}$/, "must be the id of a Slack channel, which begins with C or G")
                .describe("Channel that is told the same, and the gate's alarms."),
        })
        .optional()
        .describe("A Slack channel that is told as well."),
});
