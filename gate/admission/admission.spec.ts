import assert from "node:assert/strict";
import { admit } from "./admission";
import { admissionProperties, refusedDeployments, type AdmissionProperty } from "./admissionProperties";
import { brokenAdmissions } from "./testing/brokenAdmissions";
import { parseHookEvent } from "./hookEvent";
import { standing, type Standing } from "./standing";
import {
    admissionSettings,
    good,
    goodImage,
    hookEvent,
    judgeDeployment,
    type Judge,
} from "./testing/deploymentSamples";

/** One seed for all, so that what is found does not depend on luck. */
const seed = 20_260_304;

describe("the answer to a deployment", () => {
    for (const [name, check] of Object.entries(admissionProperties))
        it(name, () => check((given) => judgeDeployment(given)));

    it("is a refusal where there is nothing to judge, or something was not", () => {
        const call = parseHookEvent(hookEvent(), admissionSettings());
        if ("problem" in call) return assert.fail(call.problem);
        for (const images of [[], [{ digest: good, image: goodImage }]]) {
            const { answer, facts } = admit(
                call,
                { images, problems: [], nothingReleased: false },
                new Map(),
            );
            assert.deepEqual([answer, facts[0]?.fact], [{ hookStatus: "FAILED" }, "AdmissionRefused"]);
        }
    });

    it("says what, where and what to do next", () => {
        const said = Object.fromEntries(
            Object.entries(refusedDeployments).map(([name, given]) => [
                name,
                (judgeDeployment(given).facts[0]?.details["reasons"] as string[])[0],
            ]),
        );
        const production = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample/orders/production";
        assert.deepEqual(
            [
                said["no record"],
                said["a tag"],
                said["a scanner that was not required then"],
                said["a waiver that is not in the policy any more"],
                said["a service that is not ours"],
                said["counts above today's limits"],
            ],
            [
                `sha256:${"a".repeat(64)} of orders was never approved; release it through the application's pipeline`,
                `the container "application": its image "${production}:latest" is not named by digest, so nobody knows ` +
                    `what it is; deploy ${production}@sha256:…`,
                "test: anchore is required today and was not when the image was approved at 2026-03-04T12:01:00.000Z; " +
                    "release it anew",
                "the waiver of CVE-2021-3711 (payments-team, to 2026-03-10), on which the approval of " +
                    "2026-03-04T12:01:00.000Z relied, is not in the policy any more; release the image anew",
                'the service "arn:aws:ecs:eu-central-1:123456789012:service/sample-delivery/sample-orders-2" is not one ' +
                    "of this stack's production services; name it in applications[].delivery.production, or take the " +
                    "hook off it",
                "scanStagingImage: 1 critical were counted at 2026-03-04T12:01:00.000Z, 0 are allowed today; mend them",
            ],
        );
    });
});

describe("the standing of a digest", () => {
    const standingIn = (name: string): Standing => {
        let found: Standing | undefined;
        judgeDeployment(refusedDeployments[name] ?? assert.fail(name), (facts) => (found = standing(facts)));
        return found ?? assert.fail(name);
    };

    it("tells what was never approved from what has turned bad, and from what nobody knows", () => {
        const because = (name: string): string => {
            const judged = standingIn(name);
            return judged.kind === "refused" ? judged.because : assert.fail(judged.kind);
        };
        for (const name of [
            "no record",
            "a rejection",
            "a closed request",
            "an approval without the registry",
        ])
            assert.equal(because(name), "unapproved", name);
        for (const name of [
            "a rejection after the approval",
            "a waiver that has expired",
            "counts above today's limits",
            "a finding of the registry today",
            "a registry that has stopped looking",
        ])
            assert.equal(because(name), "turnedBad", name);
        for (const name of ["records that cannot be read", "a registry that cannot be asked"])
            assert.equal(because(name), "unknown", name);
    });
});

describe("the admission properties find", () => {
    function lackedBy(broken: Judge): string | null {
        for (const [name, check] of Object.entries(admissionProperties) as [string, AdmissionProperty][]) {
            try {
                check(broken, seed);
            } catch (error) {
                // An answer that merely crashes has not been found out by a property.
                const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
                if (!(cause instanceof assert.AssertionError)) throw error;
                return name;
            }
        }
        return null;
    }
    for (const [name, broken] of Object.entries(brokenAdmissions))
        it(`one that ${name}`, () => assert.notEqual(lackedBy(broken), null, "no property noticed"));
});
