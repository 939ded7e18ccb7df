import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { AnchorePartArgs } from "./anchoreArgs";

/** Letters and digits only: the engine pastes values into a URL and into YAML without escaping. 40 of them: 238 bits. */
const passwordLength = 40;

/**
 * Generated passwords, each in a SecureString parameter under the Anchore key. Parameters instead of Secrets Manager
 * because their ARNs are literal (a secret's ends in six random characters) and they cost nothing.
 *
 * The administrator's password is only read when the database is first filled: to change it, change it in the engine
 * (`POST /v1/user/credentials`) as well.
 */
export class Secrets extends pulumi.ComponentResource {
    /** Marked secret: Pulumi encrypts it in the state. */
    readonly databasePassword: pulumi.Output<string>;
    readonly parameters: aws.ssm.Parameter[];

    constructor(name: string, args: AnchorePartArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:Secrets", name, {}, opts);
        const { names, tags, key } = args;

        const generate = (part: string, path: string, description: string) => {
            const password = new random.RandomPassword(
                `${name}-${part}`,
                { length: passwordLength, special: false },
                { parent: this },
            );
            const parameter = new aws.ssm.Parameter(
                `${name}-${part}-parameter`,
                {
                    name: path,
                    description,
                    type: "SecureString",
                    keyId: key.arn,
                    value: password.result,
                    tags: tags.tagsFor(path),
                },
                { parent: this },
            );
            return { value: password.result, parameter };
        };

        const database = generate(
            "database-password",
            names.parameters.databasePassword,
            "Anchore Engine: password of the database",
        );
        const admin = generate(
            "admin-password",
            names.parameters.adminPassword,
            "Anchore Engine: password of the user admin",
        );
        const auth = generate(
            "auth-secret",
            names.parameters.authSecret,
            "Anchore Engine: secret that signs tokens between its services",
        );
        this.databasePassword = database.value;
        this.parameters = [database.parameter, admin.parameter, auth.parameter];
        this.registerOutputs({});
    }
}
