import type { Rule } from "../../harness/rule";
import { accessLog } from "./accessLog";
import { bucketPolicy } from "./bucketPolicy";
import { customerKey } from "./customerKey";
import { evidenceLock } from "./evidenceLock";
import { forceDestroy, lifecycle } from "./lifecycle";
import { publicAccessBlock } from "./publicAccessBlock";
import { versioning } from "./versioning";

export const s3Rules: Rule[] = [
    publicAccessBlock,
    versioning,
    customerKey,
    bucketPolicy,
    accessLog,
    forceDestroy,
    lifecycle,
    evidenceLock,
];
