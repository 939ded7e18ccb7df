/** The only place that constructs the policy pack; doing so starts its server. Loaded through load.js. */
import { PolicyPack } from "@pulumi/policy";
import { runtime } from "@pulumi/pulumi";
import { policiesFor } from "./harness/crossguard";
import { rules } from "./registry";

new PolicyPack("portcullis", {
    displayName: "Portcullis",
    description:
        "Is the gate of a container delivery pipeline on AWS shut? Reads pipelines, buildspecs and permissions.",
    provider: "aws",
    tags: ["aws", "supply-chain", "containers"],
    policies: policiesFor(rules, { preview: runtime.isDryRun() }),
});
