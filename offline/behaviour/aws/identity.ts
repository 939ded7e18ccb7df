/** Identity, names and certificates: IAM, Route 53, ACM, Cloud Map. */
import { arn, globalArn, hex, identifiedByArn, named, physicalName, text, uuid } from "../behaviour";
import type { BehaviourContext, BehaviourTable } from "../behaviour";

/** The moment every simulated resource says it was created at. */
const created = "2026-01-01T00:00:00Z";

function pathAndName(context: BehaviourContext, name: string): string {
    return `${text(context, "path") ?? "/"}${name}`.replace(/^\//, "");
}

export const identity: BehaviourTable = {
    "aws:iam/role:Role": named(
        (context, name) => globalArn(context, "iam", `role/${pathAndName(context, name)}`),
        (context) => ({
            uniqueId: `AROA${hex(context, 17, "unique").toUpperCase()}`,
            createDate: created,
            managedPolicyArns: [],
            inlinePolicies: [],
        }),
    ),
    "aws:iam/rolePolicy:RolePolicy": {
        id: (context) => `${text(context, "role") ?? ""}:${physicalName(context)}`,
        outputs: (context) => ({ name: physicalName(context) }),
    },
    "aws:iam/policy:Policy": identifiedByArn(
        (context, name) => globalArn(context, "iam", `policy/${pathAndName(context, name)}`),
        (context) => ({
            policyId: `ANPA${hex(context, 17, "unique").toUpperCase()}`,
            attachmentCount: 0,
        }),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
        id: (context) => `${text(context, "role") ?? ""}-${hex(context, 26)}`,
    },
    "aws:iam/instanceProfile:InstanceProfile": named(
        (context, name) => globalArn(context, "iam", `instance-profile/${pathAndName(context, name)}`),
        (context) => ({ uniqueId: `AIPA${hex(context, 17, "unique").toUpperCase()}`, createDate: created }),
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
        id: (context) =>
            globalArn(
                context,
                "iam",
                `role/aws-service-role/${text(context, "awsServiceName") ?? ""}/${context.name}`,
            ),
        outputs: (context, id) => ({
            arn: id,
            name: context.name,
            createDate: created,
            path: "/aws-service-role/",
        }),
    },
    "aws:acm/certificate:Certificate": {
        id: (context) => arn(context, "acm", `certificate/${uuid(context)}`),
        outputs: (context, id) => ({
            arn: id,
            // An imported certificate has no domain in the inputs; the service reads it out of the certificate.
            domainName: text(context, "domainName") ?? "",
            domainValidationOptions: [],
            notBefore: created,
            notAfter: "2027-01-01T00:00:00Z",
            status: "ISSUED",
            type: text(context, "certificateBody") === undefined ? "AMAZON_ISSUED" : "IMPORTED",
            subjectAlternativeNames: [],
            validationEmails: [],
            validationMethod: "NONE",
            renewalSummaries: [],
            pendingRenewal: false,
            renewalEligibility: "INELIGIBLE",
            keyAlgorithm: "RSA_2048",
        }),
    },
    "aws:acm/certificateValidation:CertificateValidation": { id: () => created },
    "aws:route53/zone:Zone": {
        id: (context) => `Z${hex(context, 20, "zone").toUpperCase()}`,
        outputs: (context, id) => ({
            zoneId: id,
            arn: globalArn(context, "route53", `hostedzone/${id}`),
            comment: "Managed by Pulumi",
            nameServers: ["ns-0.awsdns-00.com.", "ns-1024.awsdns-00.org."],
            primaryNameServer: "ns-0.awsdns-00.com.",
            enableAcceleratedRecovery: false,
        }),
    },
    "aws:route53/record:Record": {
        id: (context) =>
            `${text(context, "zoneId") ?? ""}_${text(context, "name") ?? ""}_${text(context, "type") ?? ""}`,
        outputs: (context) => ({ fqdn: text(context, "name") ?? "", allowOverwrite: false }),
    },
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
        id: (context) => `ns-${hex(context, 16)}`,
        outputs: (context, id) => ({
            arn: arn(context, "servicediscovery", `namespace/${id}`),
            hostedZone: `Z${hex(context, 20, "zone").toUpperCase()}`,
        }),
    },
    "aws:servicediscovery/service:Service": {
        id: (context) => `srv-${hex(context, 16)}`,
        outputs: (context, id) => ({
            arn: arn(context, "servicediscovery", `service/${id}`),
            namespaceId: `ns-${hex(context, 16, "namespace")}`,
            type: "DNS",
        }),
    },
};
