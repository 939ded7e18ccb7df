/**
 * What the pack advises of our own stack prod, and why it is left: exactly this, so that nothing joins it unseen. None of
 * it is mandatory. docs/decisions/0036-what-the-pack-advises-on-our-own-stack.md says more.
 */
export const advised: ReadonlyMap<string, string> = new Map([
    [
        "ALB-05 anchore-load-balancer",
        "access logs need a bucket with a key of S3; flow logs show who connects",
    ],
    [
        "ALB-09 anchore-load-balancer-targets",
        "Anchore Engine answers in the clear inside its own security group",
    ],
    ["ECS-02 anchore-tasks-engine-task", "decision 2: Anchore's image by tag, until somebody pins it"],
    [
        "ECS-15 delivery-sample-production-template",
        "only the application knows how to ask whether it is well",
    ],
    ["ECS-15 delivery-sample-staging-template", "only the application knows how to ask whether it is well"],
    [
        "EVB-02 sample-delivery-trigger-target",
        "a push that starts nothing is seen by whoever pushed, and pushed again",
    ],
    ...[
        "admission-function",
        "admission-running",
        "approval-recorder",
        "approval-scan-event",
        "approval-watchdog",
        "findings-function",
        "review",
    ].map((name): [string, string] => [`LAM-09 ${name}`, "signing of function code needs a signing profile of the account"]), // prettier-ignore
    ["PIPE-25 sample-source", "the sample's own repository; teams bring theirs"],
    ["PUL-08 portcullis-prod", "trail and detectors belong to the account, not to a stack"],
    ["S3-05 storage-artifacts", "data events of the account's trail say who read what"],
    ["S3-05 storage-evidence", "data events of the account's trail say who read what"],
    ["VPC-09 com.amazonaws.us-east-1.s3", "gateway endpoint for layers of any registry in the region"],
    ["VPC-09 network", "interface endpoints cost 7 $ a month and zone each; the NAT gateway carries it"],
]);
