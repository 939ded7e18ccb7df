declare module "dynalite" {
    import type { Server } from "node:http";

    /** @returns a server that speaks DynamoDB's protocol and keeps everything in memory. */
    export default function dynalite(options?: { createTableMs?: number }): Server;
}
