import type { ExampleResource } from "../../harness/rule";

export const tableType = "aws:dynamodb/table:Table";

/** Smallest table for examples, called `table`. */
export function tableWith(props: Record<string, unknown>): ExampleResource {
    return {
        type: tableType,
        name: "table",
        props: {
            name: "orders",
            hashKey: "id",
            attributes: [{ name: "id", type: "S" }],
            billingMode: "PAY_PER_REQUEST",
            ...props,
        },
    };
}
