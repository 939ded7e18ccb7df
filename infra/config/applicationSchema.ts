/** Settings of one application: an entry of `portcullis:applications`. */
import { z } from "zod";
import { deliverySchema, reviewSchema } from "./deliverySchema";

const branch = z
    .string()
    .min(1)
    .max(256)
    .regex(
        /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|[/.]$))[\w./-]+$/,
        "must be a branch name of letters, digits, . _ / -",
    )
    .default("main")
    .describe("Branch that is built.");

const sourceSchema = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("codecommit").describe("A CodeCommit repository that the stack creates."),
        branch,
    }),
    z.strictObject({
        type: z
            .literal("connection")
            .describe("A repository at GitHub, GitLab or Bitbucket through CodeConnections."),
        connectionArn: z
            .string({
                error: (issue) => (issue.input === undefined ? "is required for a connection" : undefined),
            })
            .regex(
                /^arn:aws[a-z-]*:(codestar-connections|codeconnections):[a-z0-9-]+:\d{12}:connection\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
                "must be the ARN of a connection: arn:aws:codeconnections:<region>:<account>:connection/<uuid>",
            )
            .describe("ARN of the connection; make it in the console, where the handshake takes place."),
        repository: z
            .string()
            .max(200)
            .regex(/^[\w.-]+(\/[\w.-]+)+$/, "must be organisation/repository, as in the repository's address")
            .describe("Repository, e.g. my-org/my-app."),
        branch,
    }),
]);

const relativePath = (what: string) =>
    z
        .string()
        .min(1)
        .max(200)
        .regex(/^[\w./-]+$/, "must be made of letters, digits, . _ / -")
        .refine(
            (path) => !path.startsWith("/") && !path.startsWith("-") && !path.split("/").includes(".."),
            `${what} must stay inside the repository: no leading slash, no ..`,
        );

export const applicationSchema = z.strictObject({
    name: z
        .string()
        .min(2)
        .max(30)
        .regex(
            /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
            "must be lower-case letters, digits and single hyphens, and begin with a letter",
        )
        .describe("Name of the application; becomes part of its repositories, pipeline and roles."),
    source: sourceSchema.describe("Where the source code is."),
    dockerfile: relativePath("the Dockerfile")
        .default("Dockerfile")
        .describe("Path of the Dockerfile in the repository."),
    buildContext: relativePath("the build context")
        .default(".")
        .describe("Folder that is sent to the build."),
    review: reviewSchema.prefault({}).describe("Pull requests of the repository."),
    mergeInto: branch
        .removeDefault()
        .optional()
        .describe(
            "Branch into which the open pull request of the built branch is merged once its commit is published, and only if " +
                "it is that commit.",
        ),
    delivery: deliverySchema.prefault({}).describe("Services on Amazon ECS that run the application."),
});
