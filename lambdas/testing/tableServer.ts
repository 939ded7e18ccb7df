import { request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import {
    CreateTableCommand,
    DeleteItemCommand,
    DescribeTableCommand,
    DynamoDBClient,
    GetItemCommand,
    PutItemCommand,
    ScanCommand,
    type AttributeValue,
    type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall, type RequiredPermission } from "./callJournal";

export type Item = Record<string, AttributeValue>;

/** The table as `aws.dynamodb.Table` declares it. */
export interface TableDeclaration {
    name: string;
    hashKey: string;
    rangeKey?: string;
    attributes: { name: string; type: "S" | "N" | "B" }[];
    globalSecondaryIndexes?: {
        name: string;
        hashKey?: string;
        rangeKey?: string;
        keySchemas?: { attributeName: string; keyType: "HASH" | "RANGE" }[];
        projectionType: "ALL" | "KEYS_ONLY" | "INCLUDE";
        nonKeyAttributes?: string[];
    }[];
    streamEnabled?: boolean;
    streamViewType?: string;
}

/** One record of the table's stream, as Lambda receives it. */
export interface StreamRecord {
    eventID: string;
    eventName: "INSERT" | "MODIFY" | "REMOVE";
    eventVersion: "1.1";
    eventSource: "aws:dynamodb";
    awsRegion: string;
    dynamodb: {
        ApproximateCreationDateTime: number;
        Keys: Item;
        NewImage?: Item;
        OldImage?: Item;
        SequenceNumber: string;
        SizeBytes: number;
        StreamViewType: string;
    };
    eventSourceARN: string;
}

const writes = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
const reads = new Set(["GetItem", "Query", "Scan"]);

/**
 * The approval table in dynalite, made from its declaration. Requests are checked and written down before dynalite
 * carries them out, one write at a time, and each change becomes a record of the table's stream.
 */
export class TableServer extends AwsJsonServer {
    /** Records that the stream's consumer has not been given yet, oldest first. */
    readonly stream: StreamRecord[] = [];
    private readonly database: Server = dynalite({ createTableMs: 0 });
    private sequence = 100_000_000_000_000_000_000n;
    private writing: Promise<unknown> = Promise.resolve();
    /** Asks dynalite directly: neither in the journal nor in the stream. */
    private direct!: DynamoDBClient;

    constructor(
        options: AwsServerOptions,
        private readonly table: TableDeclaration & { arn: string; streamArn: string; keyArn: string | null },
    ) {
        super("dynamodb", options, { version: "1.0", target: "DynamoDB_20120810" });
    }

    override async start(): Promise<void> {
        await super.start();
        await new Promise<void>((resolve) => this.database.listen(0, "127.0.0.1", () => resolve()));
        this.direct = new DynamoDBClient({
            region: this.options.account.region,
            endpoint: `http://127.0.0.1:${this.port}`,
            credentials: { accessKeyId: "dynalite", secretAccessKey: "dynalite" },
        });
        await this.direct.send(new CreateTableCommand(tableInput(this.table)));
        for (;;) {
            const { Table: made } = await this.direct.send(
                new DescribeTableCommand({ TableName: this.table.name }),
            );
            if (made?.TableStatus === "ACTIVE") break;
        }
    }

    override async stop(): Promise<void> {
        this.direct.destroy();
        this.database.closeAllConnections();
        await new Promise((resolve) => this.database.close(resolve));
        await super.stop();
    }

    /** All items, in no order. */
    async items(): Promise<Item[]> {
        const { Items: items = [] } = await this.direct.send(
            new ScanCommand({ TableName: this.table.name, ConsistentRead: true }),
        );
        return items;
    }

    /** Empties the table, without records in the stream. */
    async clear(): Promise<void> {
        await this.writing;
        for (const item of await this.items()) {
            await this.direct.send(
                new DeleteItemCommand({ TableName: this.table.name, Key: this.keysOf(item) }),
            );
        }
        this.stream.length = 0;
    }

    /** Puts an item as an operator with a console would: no conditions, but the stream sees it. */
    async put(item: Item): Promise<void> {
        await this.oneByOne(this.keysOf(item), () =>
            this.direct.send(new PutItemCommand({ TableName: this.table.name, Item: item })),
        );
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        if (!writes.has(operation) && !reads.has(operation))
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        if (input["TableName"] !== this.table.name && input["TableName"] !== this.table.arn)
            throw new Refusal("ResourceNotFoundException", "Requested resource not found");
        const index = input["IndexName"];
        const resource = index === undefined ? this.table.arn : `${this.table.arn}/index/${String(index)}`;
        const permissions: RequiredPermission[] = [{ action: `dynamodb:${operation}`, resource }];
        if (this.table.keyArn !== null) {
            // DynamoDB uses a customer managed key in the caller's name (Developer Guide, "Encryption at rest: usage notes").
            permissions.push({
                action: "kms:Decrypt",
                resource: this.table.keyArn,
                context: {
                    "kms:ViaService": `dynamodb.${this.options.account.region}.amazonaws.com`,
                    "kms:EncryptionContext:aws:dynamodb:tableName": this.table.name,
                    "kms:EncryptionContext:aws:dynamodb:subscriberId": this.options.account.accountId,
                },
            });
        }
        return { operation, input, permissions };
    }

    protected async carryOut(
        { operation, input }: AwsCall,
        request: IncomingMessage,
        body: Buffer,
    ): Promise<(response: ServerResponse) => void> {
        const forward = (): Promise<{ status: number; text: string }> => this.forward(request, body);
        const { status, text } = writes.has(operation)
            ? await this.oneByOne(this.keysOf((input["Item"] ?? input["Key"]) as Item), forward)
            : await forward();
        if (status !== 200) {
            const { __type: type, message, Message: other } = JSON.parse(text) as Record<string, string>;
            throw new Refusal(type ?? "InternalServerError", message ?? other ?? "", status);
        }
        return (response) => this.answer(response, JSON.parse(text));
    }

    private get port(): number {
        return (this.database.address() as AddressInfo).port;
    }

    private keysOf(item: Item): Item {
        const names = [this.table.hashKey, this.table.rangeKey].filter((name) => name !== undefined);
        return Object.fromEntries(
            names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])),
        ) as Item;
    }

    /** Writes wait for each other, so that what changed can be seen. */
    private async oneByOne<T>(key: Item, write: () => Promise<T>): Promise<T> {
        const turn = this.writing.then(async () => {
            const before = await this.itemAt(key);
            const result = await write();
            this.record(key, before, await this.itemAt(key));
            return result;
        });
        this.writing = turn.catch(() => {});
        return turn;
    }

    private async itemAt(key: Item): Promise<Item | undefined> {
        const { Item: item } = await this.direct.send(
            new GetItemCommand({ TableName: this.table.name, Key: key, ConsistentRead: true }),
        );
        return item;
    }

    /** A write that changes nothing leaves no record (Developer Guide, "Change data capture for DynamoDB Streams"). */
    private record(keys: Item, before: Item | undefined, after: Item | undefined): void {
        const { streamEnabled, streamViewType: view = "KEYS_ONLY", streamArn } = this.table;
        if (!streamEnabled || isDeepStrictEqual(before, after)) return;
        this.sequence += 1n;
        const [withNew, withOld] = [
            view.startsWith("NEW"),
            view.endsWith("OLD_IMAGES") || view === "OLD_IMAGE",
        ];
        this.stream.push({
            eventID: this.sequence.toString(16).padStart(32, "0"),
            eventName: before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY",
            eventVersion: "1.1",
            eventSource: "aws:dynamodb",
            awsRegion: this.options.account.region,
            dynamodb: {
                ApproximateCreationDateTime: Math.floor(this.options.now().getTime() / 1000),
                Keys: keys,
                ...(withNew && after !== undefined ? { NewImage: after } : {}),
                ...(withOld && before !== undefined ? { OldImage: before } : {}),
                SequenceNumber: String(this.sequence),
                SizeBytes: JSON.stringify(after ?? before).length,
                StreamViewType: view,
            },
            eventSourceARN: streamArn,
        });
    }

    private forward({ headers }: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> {
        return new Promise((resolve, reject) => {
            const forwarded = httpRequest(
                { host: "127.0.0.1", port: this.port, method: "POST", path: "/", headers },
                (answer) => {
                    const chunks: Buffer[] = [];
                    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
                    answer.on("end", () =>
                        resolve({
                            status: answer.statusCode ?? 500,
                            text: Buffer.concat(chunks).toString("utf8"),
                        }),
                    );
                },
            );
            forwarded.on("error", reject);
            forwarded.end(body);
        });
    }
}

function tableInput(table: TableDeclaration): CreateTableCommandInput {
    const keys = (hash: string, range?: string) => [
        { AttributeName: hash, KeyType: "HASH" as const },
        ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
    ];
    const indexes = (table.globalSecondaryIndexes ?? []).map((index) => {
        const schema =
            index.keySchemas?.map(({ attributeName, keyType }) => ({
                AttributeName: attributeName,
                KeyType: keyType,
            })) ?? keys(index.hashKey ?? "", index.rangeKey);
        return {
            IndexName: index.name,
            KeySchema: schema,
            Projection: {
                ProjectionType: index.projectionType,
                ...(index.nonKeyAttributes === undefined ? {} : { NonKeyAttributes: index.nonKeyAttributes }),
            },
        };
    });
    return {
        TableName: table.name,
        KeySchema: keys(table.hashKey, table.rangeKey),
        AttributeDefinitions: table.attributes.map(({ name, type }) => ({
            AttributeName: name,
            AttributeType: type,
        })),
        BillingMode: "PAY_PER_REQUEST",
        ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    };
}
