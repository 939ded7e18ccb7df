import assert from "node:assert/strict";
import { digest, fullTag, otherDigest, refusedWith, registryImage } from "./testing/scenario";

describe("analysis by the engine", () => {
    it("failed: says why, from the engine's events", () =>
        refusedWith(
            {
                image: {
                    failure: `exception: cmd=skopeo, stderr=b'time="x" level=fatal msg="reading blob: digest differs"\\n', error_code=SKOPEO_UNKNOWN_ERROR`,
                },
            },
            `the engine could not analyse ${fullTag}@${digest}: reading blob: digest differs: check the image and ` +
                "the engine's access to the registry",
        ));

    it("failed: takes the reason of this image and no other under the same tag", async () => {
        const { engine } = await refusedWith(
            {
                image: { failure: "exception: disk full" },
                before: ({ state }) =>
                    void state.images.set(
                        otherDigest,
                        registryImage({ digest: otherDigest, fullTags: [fullTag], failure: "other" }),
                    ),
            },
            `the engine could not analyse ${fullTag}@${digest}: failed to analyze (${fullTag}@${digest}) - exception: ` +
                "disk full: check the image and the engine's access to the registry",
        );
        assert.deepEqual(engine.requests.at(-1)?.query, {
            event_type: "user.image.analysis.failed",
            resource_id: fullTag,
            limit: "10",
        });
    });

    it("failed, and the API has no events", () =>
        refusedWith(
            { image: { failure: "x" }, engine: { unknownCalls: /events/ } },
            `the engine could not analyse ${fullTag}@${digest}: it does not say why: check the image and the ` +
                "engine's access to the registry",
        ));

    it("never ends: gives up after its own limit", async () => {
        const { report } = await refusedWith(
            { image: { readsLeft: Infinity }, request: { timeoutSeconds: 60 } },
            `the engine has not analysed ${fullTag}@${digest} within the time limit (still analyzing): look at the ` +
                "analyzer's log, or raise the limit",
        );
        assert.equal(Date.parse(report.finishedAt) - Date.parse(report.startedAt), 59_000);
    });

    it("of an image that is not in the registry", () =>
        refusedWith(
            { engine: { registryImages: new Map() } },
            `the engine cannot fetch ${fullTag}@${digest}: POST /v1/images: 400 (cannot fetch image ` +
                "digest/manifest from registry): check that it was pushed and that the engine may read this registry",
        ));

    it("of another digest than the one asked for", () =>
        refusedWith(
            {
                engine: {
                    tamper: forImages((record) => ({
                        ...record,
                        imageDigest: otherDigest,
                        parentDigest: "x",
                    })),
                },
            },
            `the engine answers about another image: asked for ${digest}, got ${otherDigest}: scan again, then ` +
                "look at the engine's log",
        ));

    it("of one platform of an index", () =>
        refusedWith(
            { engine: { tamper: forImages((record) => ({ ...record, imageDigest: otherDigest })) } },
            `${digest} is an index of several platforms, the engine scanned only ${otherDigest}: build and scan one ` +
                "image per platform",
        ));
});

/** Changes the image objects of every answer that holds some. */
function forImages(change: (record: Record<string, unknown>) => Record<string, unknown>) {
    return ({ path }: { path: string }, reply: { status: number; body: unknown; contentType?: string }) =>
        /^\/v1\/images(\/[^/]+)?$/.test(path) && Array.isArray(reply.body)
            ? { ...reply, body: reply.body.map((record) => change(record as Record<string, unknown>)) }
            : reply;
}
