/** Events of Amazon S3 about the evidence bucket: which scan report was stored. */
import { objectOf, shown } from "../approval/foreignJson";
import { evidenceKey, EvidenceError, scanPlace, type EvidenceSubject } from "../evidence/evidencePlace";
import { scanStages } from "../policy/scanStage";
import { scannerNames, type ScannerName } from "../report/scanReport";
import type { FindingsSettings } from "./findingsSettings";

/** A scan report whose manifest was stored: from then on its evidence is whole. */
export interface ScanNews extends EvidenceSubject {
    scanner: ScannerName;
}

/** Why an event is about nothing that is imported. */
export interface IgnoredNews {
    ignored: string;
}

/**
 * Reads an event "Object Created" that Amazon EventBridge has from Amazon S3 (Amazon S3 User Guide, "EventBridge event
 * message structure"; keys stand there as they are, not encoded).
 * @returns what else lies in the bucket is ignored: bills of materials, what was found in commits, and evidence of
 *     applications that the stack does not have, as which evidence of reviews is stored.
 * @throws Error for an event that is none of the evidence bucket's, or whose key is not one that the gate writes.
 */
export function readEvidenceEvent(
    event: unknown,
    {
        account,
        evidenceBucket,
        applications,
    }: Pick<FindingsSettings, "account" | "evidenceBucket" | "applications">,
): ScanNews | IgnoredNews {
    const { source, "detail-type": type, account: sender, region, detail } = objectOf(event) ?? {};
    if (source !== "aws.s3" || type !== "Object Created") {
        throw new Error(
            `the event is ${shown(type)} of ${shown(source)}, not "Object Created" of aws.s3: see who invoked the function`,
        );
    }
    const { bucket, object } = objectOf(detail) ?? {};
    const name = objectOf(bucket)?.name;
    if (sender !== account.accountId || region !== account.region || name !== evidenceBucket) {
        throw new Error(
            `the event is about the bucket ${shown(name)} of ${shown(sender)} in ${shown(region)}, not about ` +
                `${evidenceBucket} of ${account.accountId} in ${account.region}: see who invoked the function`,
        );
    }
    const key = objectOf(object)?.key;
    if (typeof key !== "string") throw new Error(`the event names ${shown(key)} in place of a key`);
    const file = "manifest.json";
    const [application = "", about = "", producer = "", execution = "", stage = ""] = key.split("/");
    if (!key.endsWith(`/${file}`)) return { ignored: `${shown(key)} is no manifest` };
    if (about.startsWith("git-")) return { ignored: `${shown(key)} is about a commit` };
    if (producer === "sbom") return { ignored: `${shown(key)} is a bill of materials` };
    const scanner = scannerNames.find((known) => known === producer);
    const scanned = scanStages.find((known) => known === stage);
    if (scanner === undefined || scanned === undefined) throw unknownKey(key);
    const digest = about.replace("-", ":");
    const news = { application, digest, execution, stage: scanned, scanner };
    try {
        if (evidenceKey(scanPlace(news, scanner), file) !== key) throw unknownKey(key);
    } catch (error) {
        throw error instanceof EvidenceError ? unknownKey(key) : error;
    }
    if (!applications.some((known) => known.name === application)) {
        return { ignored: `${shown(key)} is of an application that this stack does not have` };
    }
    return news;
}

function unknownKey(key: string): Error {
    return new Error(`the key ${shown(key)} is none that the gate writes; see who wrote it`);
}
