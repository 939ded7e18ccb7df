import assert from "node:assert/strict";
import { repositoryTiers } from "../application/applicationNames";
import { lifecyclePolicy, retainedImages } from "./lifecyclePolicy";
import { writersPolicy } from "./repositoryPolicy";

describe("writersPolicy", () => {
    const writer = "arn:aws:iam::123456789012:role/portcullis-dev-demo-publish";

    it("denies every image write to everybody but the writers, and allows nothing", () => {
        assert.deepEqual(JSON.parse(writersPolicy([writer])), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyWritersWriteImages",
                    Effect: "Deny",
                    Principal: "*",
                    Action: [
                        "ecr:PutImage",
                        "ecr:InitiateLayerUpload",
                        "ecr:UploadLayerPart",
                        "ecr:CompleteLayerUpload",
                        "ecr:BatchDeleteImage",
                        "ecr:ReplicateImage",
                        "ecr:BatchImportUpstreamImage",
                    ],
                    Condition: { ArnNotEquals: { "aws:PrincipalArn": [writer] } },
                },
            ],
        });
    });

    it("leaves administration possible, so that nobody is locked out and destroy works", () => {
        assert.doesNotMatch(writersPolicy([writer]), /RepositoryPolicy|DeleteRepository|ecr:\*/);
    });
});

describe("lifecyclePolicy", () => {
    for (const tier of repositoryTiers) {
        it(`of ${tier} removes untagged images by age, and what may be released by count only`, () => {
            const { rules } = JSON.parse(lifecyclePolicy(tier)) as {
                rules: { rulePriority: number; selection: unknown; action: unknown }[];
            };
            assert.deepEqual(
                rules.map(({ rulePriority, selection, action }) => ({ rulePriority, selection, action })),
                [
                    {
                        rulePriority: 1,
                        selection: {
                            tagStatus: "untagged",
                            countType: "sinceImagePushed",
                            countUnit: "days",
                            countNumber: 14,
                        },
                        action: { type: "expire" },
                    },
                    ...(tier === "candidate"
                        ? [
                              {
                                  rulePriority: 2,
                                  selection: {
                                      tagStatus: "tagged",
                                      tagPatternList: ["review-*"],
                                      countType: "sinceImagePushed",
                                      countUnit: "days",
                                      countNumber: 14,
                                  },
                                  action: { type: "expire" },
                              },
                          ]
                        : []),
                    {
                        rulePriority: tier === "candidate" ? 3 : 2,
                        selection: {
                            tagStatus: "tagged",
                            tagPatternList: [tier === "candidate" ? "commit-*" : "*"],
                            countType: "imageCountMoreThan",
                            countNumber: retainedImages[tier],
                        },
                        action: { type: "expire" },
                    },
                ],
            );
        });
    }

    it("keeps five hundred releases in production, each with its signature", () => {
        assert.equal(retainedImages.production, 1_000);
        assert(retainedImages.production > Math.max(retainedImages.candidate, retainedImages.staging));
    });
});
