/** Containers, networks and load balancers. */
import { z } from "zod";

export const platformSettings = {
    allowedRegistries: z
        .array(z.string())
        .default([
            "docker.io/anchore",
            "public.ecr.aws",
            "*.dkr.ecr.*.amazonaws.com",
            "*.dkr.ecr.*.amazonaws.com.cn",
        ])
        .describe(
            'Registries, with an optional path, that containers may come from. "*" stands for any text without a slash.',
        ),
    secretNamePattern: z
        .string()
        .default(
            "(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|CONNECTION_?STRING|(?:^|_)PASS$|_PWD$)",
        )
        .describe("Regular expression, without case, for names of variables that carry a secret."),
    plainVariableNames: z
        .array(z.string())
        .default([])
        .describe("Names that match secretNamePattern but carry no secret."),

    allowedCapabilities: z
        .array(z.string())
        .default(["NET_BIND_SERVICE"])
        .describe("Linux capabilities that a container may add (ECS-08)."),

    edgeSecurityGroups: z
        .array(z.string())
        .default([])
        .describe(
            'Names of the security groups that may accept port 443 from anywhere. "*" stands for any text.',
        ),
    edgeSecurityGroupTag: z
        .string()
        .default("gate:edge")
        .describe("Tag whose value true declares a security group to be such an edge group."),
    adminPorts: z
        .array(z.number().int().min(0).max(65_535))
        .default([
            20, 21, 22, 23, 25, 135, 445, 1433, 2375, 2376, 3306, 3389, 5432, 5601, 5985, 5986, 6379, 9200,
            27017,
        ])
        .describe("Ports that no security group may open to anyone, for messages of VPC-03."),
    disposableStacks: z
        .array(z.string())
        .default(["dev", "dev-*", "test", "test-*", "sandbox*", "review-*", "pr-*"])
        .describe(
            "Names of stacks that may be destroyed with all they hold. ECR-08 does not protect their repositories and " +
                'VPC-07 does not ask for a NAT gateway per zone. "*" stands for any text.',
        ),
    internetFacingLoadBalancers: z
        .array(z.string())
        .default([])
        .describe(
            "Names of load balancers that face the internet on purpose; ALB-07 then asks for a web ACL, a list of " +
                'source addresses and authentication. "*" stands for any text.',
        ),
    scannerGroupTags: z
        .array(z.string())
        .default(["scanner", "anchore"])
        .describe(
            "Values of the tag gate:role, or words in the name, that mark the scanner's security groups.",
        ),

    scannerNames: z
        .array(z.string())
        .default(["anchore", "grype", "trivy", "lacework", "accuknox", "inspector"])
        .describe("Names of scanners, for messages and for declared scan projects."),
};
