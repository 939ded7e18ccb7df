import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AnchorePartArgs } from "./anchoreArgs";

const hoursOfYears = (years: number) => years * 365 * 24;
const authorityHours = hoursOfYears(10);
const certificateHours = hoursOfYears(2);
/** An update within this time before the end renews the certificate. */
const renewalHours = 90 * 24;

/**
 * Certificate of the load balancer: the one given in the configuration, or by default one from a private authority
 * that is generated here and trusted by the scan steps alone. The authority's certificate is in an SSM parameter; its
 * key exists only in the (encrypted) state of the stack.
 */
export class Certificate extends pulumi.ComponentResource {
    readonly arn: pulumi.Input<string>;

    constructor(name: string, args: AnchorePartArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:Certificate", name, {}, opts);
        const { certificateArn, certificateAuthority } = args.config;
        if (certificateArn === undefined || certificateAuthority === undefined) {
            const { certificate, authority } = this.generate(name, args);
            this.arn = certificate.arn;
            this.publish(name, args, authority.certPem);
        } else {
            this.arn = certificateArn;
            this.publish(name, args, certificateAuthority);
        }
        this.registerOutputs({});
    }

    private publish(name: string, { names, tags }: AnchorePartArgs, value: pulumi.Input<string>): void {
        const path = names.parameters.certificateAuthority;
        new aws.ssm.Parameter(
            `${name}-authority-parameter`,
            {
                name: path,
                description: "Anchore Engine: certificate authority of the API, PEM",
                type: "String",
                value,
                tags: tags.tagsFor(path),
            },
            { parent: this },
        );
    }

    private generate(name: string, { names, tags }: AnchorePartArgs) {
        const parent = { parent: this };
        const organization = "Portcullis";
        const authorityKey = new tls.PrivateKey(
            `${name}-authority-key`,
            { algorithm: "RSA", rsaBits: 2048 },
            parent,
        );
        const authority = new tls.SelfSignedCert(
            `${name}-authority`,
            {
                privateKeyPem: authorityKey.privateKeyPem,
                isCaCertificate: true,
                subject: { commonName: "Portcullis Anchore authority", organization },
                allowedUses: ["cert_signing", "crl_signing"],
                setSubjectKeyId: true,
                validityPeriodHours: authorityHours,
                earlyRenewalHours: certificateHours,
            },
            parent,
        );
        const key = new tls.PrivateKey(`${name}-key`, { algorithm: "RSA", rsaBits: 2048 }, parent);
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                // The name that clients compare is among the alternative names; a common name has 64 characters only.
                subject: { commonName: "Anchore Engine", organization },
                dnsNames: [names.hostName],
            },
            parent,
        );
        const signed = new tls.LocallySignedCert(
            name,
            {
                certRequestPem: request.certRequestPem,
                caCertPem: authority.certPem,
                caPrivateKeyPem: authorityKey.privateKeyPem,
                allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
                setSubjectKeyId: true,
                validityPeriodHours: certificateHours,
                earlyRenewalHours: renewalHours,
            },
            parent,
        );
        const certificate = new aws.acm.Certificate(
            `${name}-imported`,
            {
                certificateBody: signed.certPem,
                privateKey: key.privateKeyPem,
                certificateChain: authority.certPem,
                tags: tags.tagsFor(names.hostName),
            },
            parent,
        );
        return { certificate, authority };
    }
}
