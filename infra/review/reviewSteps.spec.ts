import assert from "node:assert/strict";
import { connectionApplication } from "../application/testing/examplePlatform";
import { identityPolicy } from "../iamStatement";
import { deliveryPath, type Step } from "../pipeline/step";
import { applicationSteps } from "../pipeline/steps";
import { permissions } from "../pipeline/testing/permissionLines";
import { reviewPipelineStatements } from "./reviewPipelineRole";
import { reviewSteps } from "./reviewSteps";
import { exampleReview, forbiddenInReviews } from "./testing/reviewContext";

const context = exampleReview();
const steps = reviewSteps(context);
const delivery = applicationSteps({ ...context, path: deliveryPath("demo", context.names) });

function partner({ name }: Step): Step {
    const found = delivery.find((step) => `review-${step.name}` === name);
    assert(found, name);
    return found;
}

/** What belongs to the delivery way, as it has to be on the review way. */
const inReview = (text: string) =>
    text
        .replaceAll(/portcullis-dev-demo-(lint|secrets|build|scan-)/g, "portcullis-dev-demo-review-$1")
        .replaceAll(
            /(Src|Img)_([0-9a-f]{6})/g,
            (_all, kind, hash) => `${kind === "Src" ? "RSr" : "RIm"}_${hash}`,
        )
        .replaceAll("example-evidence/demo/", "example-evidence/demo--review/");

describe("steps of a review", () => {
    it("are lint, secrets, build and the scanners of the stage Test, in this order", () => {
        assert.deepEqual(
            steps.map(({ name, stage, runOrder, gateRole, privileged, inNetwork }) =>
                [
                    name,
                    `${stage}.${runOrder}`,
                    gateRole,
                    privileged ? "privileged" : "-",
                    inNetwork ? "vpc" : "-",
                ].join(" "),
            ),
            [
                "review-lint Verify.1 verifier - -",
                "review-secrets Verify.1 verifier - -",
                "review-build Build.1 builder privileged -",
                "review-scan-accuknox Test.1 scanner - -",
                "review-scan-anchore Test.1 scanner - vpc",
                "review-scan-grype Test.1 scanner - -",
                "review-scan-inspector Test.1 scanner - -",
                "review-scan-lacework Test.1 scanner - -",
            ],
        );
        assert.throws(
            () => reviewSteps({ ...context, path: deliveryPath("demo", context.names) }),
            /review path/,
        );
    });

    for (const step of steps) {
        it(`${step.name} may do what its partner in delivery may, in places of its own`, () => {
            assert.deepEqual(
                permissions(step.statements),
                permissions(partner(step).statements)
                    // The range of the secret scan begins at the destination; no pipeline is asked.
                    .filter((line) => !line.includes("ListActionExecutions"))
                    .map(inReview)
                    .sort(),
            );
            assert.deepEqual(step.parameters, partner(step).parameters);
        });

        it(`${step.name} runs the text of its partner`, () => {
            const text = (buildspec: string) =>
                buildspec
                    .replace('--application "demo--review"', '--application "demo"')
                    .replace('--evidence-application "demo--review"', '--evidence-application "demo"')
                    .replace('IMAGE_TAG="review-', 'IMAGE_TAG="commit-')
                    .replace("--destination ", "--pipeline ");
            assert.equal(text(step.buildspec), partner(step).buildspec);
            assert.deepEqual(Object.keys(step.variables), Object.keys(partner(step).variables));
        });
    }

    it("judge by the application's waivers and store under another name", () => {
        for (const { name, buildspec } of steps.filter(({ gateRole }) => gateRole === "scanner")) {
            assert.match(buildspec, /--application "demo"\n/, name);
            assert.match(buildspec, /--evidence-application "demo--review"/, name);
        }
        for (const { name, buildspec } of steps.filter(({ gateRole }) => gateRole === "verifier"))
            assert.match(buildspec, /--application "demo--review"/, name);
    });

    it("look for secrets in what the destination does not have", () => {
        const secrets = (own: Step[]) => own.find(({ name }) => name === "review-secrets");
        assert.match(secrets(steps)?.buildspec ?? "", /--destination "\$RANGE_BEGIN"/);
        assert.equal(secrets(steps)?.variables["RANGE_BEGIN"], "#{variables.DESTINATION_COMMIT}");
        const connected = secrets(reviewSteps(exampleReview(connectionApplication)));
        assert.match(connected?.buildspec ?? "", /--destination-branch "\$RANGE_BEGIN"/);
        assert.equal(connected?.variables["RANGE_BEGIN"], "#{Source.DestinationBranchName}");
    });

    it("have no way to what is released, nor to another role", () => {
        for (const application of [undefined, connectionApplication]) {
            const review = exampleReview(application);
            const own = reviewSteps(review);
            const roles = [
                ...own.map(({ name, statements }) => ({ name, statements })),
                { name: "pipeline", statements: reviewPipelineStatements(review, own) },
            ];
            for (const { name, statements } of roles) {
                for (const line of permissions(statements))
                    assert.doesNotMatch(line.replace("portcullis-dev", ""), forbiddenInReviews, name);
                assert(identityPolicy(statements).length < 10_240, name);
            }
        }
    });

    it("write nothing where delivery reads, and read nothing that delivery wrote but the gate itself", () => {
        const [own, others] = [steps, delivery].map((all) =>
            all
                .flatMap(({ statements }) => permissions(statements))
                .filter((line) => / s3:(Get|Put)Object/.test(line)),
        );
        const places = (lines: string[] | undefined) =>
            new Set(lines?.map((line) => line.split(" ")[2] ?? ""));
        const [reviewed, delivered] = [places(own), places(others)];
        const { source, image } = context.names.review.artifacts;
        assert.deepEqual([...reviewed].filter((place) => delivered.has(place)).sort(), [
            "arn:aws:s3:::example-artifacts/gate/*",
            "arn:aws:s3:::example-tools/pinned/*",
        ]);
        const written = (own ?? [])
            .filter((line) => line.includes("PutObject"))
            .map((line) => line.split(" ")[2] ?? "");
        for (const place of written) {
            assert.match(
                place,
                new RegExp(`^arn:aws:s3:::example-(evidence/demo--review/|artifacts/.*/${image}/)`),
            );
            // As patterns, too: no evidence under them is what a step of delivery may read. Artifacts are told apart by
            // their names, because CodePipeline alone says which object a step reads.
            if (!place.includes("evidence")) continue;
            for (const other of delivered)
                assert.equal(overlap(place, other), false, `${place} and ${other}`);
        }
        assert.notEqual(source, context.names.artifacts.source);
    });

    it("of two applications share nothing but what all steps share", () => {
        const own = (application?: typeof connectionApplication) =>
            reviewSteps(exampleReview(application))
                .flatMap(({ statements }) => permissions(statements))
                .map((line) => line.split(" ").slice(1, 3).join(" "))
                .filter((line) => / arn:aws:(s3|ecr|logs|codecommit)/.test(line));
        const other = new Set(own(connectionApplication));
        assert.deepEqual([...new Set(own().filter((line) => other.has(line)))].sort(), [
            "s3:GetBucketAcl arn:aws:s3:::example-artifacts",
            "s3:GetBucketLocation arn:aws:s3:::example-artifacts",
            "s3:GetObject arn:aws:s3:::example-artifacts/gate/*",
            "s3:GetObject arn:aws:s3:::example-tools/pinned/*",
        ]);
    });
});

/** Whether some text fits both patterns, whose stars stand for anything. */
function overlap(one: string, other: string): boolean {
    if (one === "" || other === "") return [one, other].every((pattern) => /^\**$/.test(pattern));
    if (one.startsWith("*")) return overlap(one.slice(1), other) || overlap(one, other.slice(1));
    if (other.startsWith("*")) return overlap(other, one);
    return one.charAt(0) === other.charAt(0) && overlap(one.slice(1), other.slice(1));
}
