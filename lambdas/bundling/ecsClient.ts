/** In place of `@aws-sdk/client-ecs`: those of its commands that the functions use, over signed JSON. */
import { SignedJsonClient } from "../effects/signedJson";

export class ECSClient extends SignedJsonClient {
    constructor() {
        super({
            name: "ecs",
            requestOf: (operation) => ({
                path: "/",
                headers: {
                    "content-type": "application/x-amz-json-1.1",
                    "x-amz-target": `AmazonEC2ContainerServiceV20141113.${operation}`,
                },
            }),
        });
    }
}

class Command {
    constructor(
        readonly operation: string,
        readonly input: unknown,
    ) {}
}

export class DescribeServiceRevisionsCommand extends Command {
    constructor(input: unknown) {
        super("DescribeServiceRevisions", input);
    }
}

export class DescribeTaskDefinitionCommand extends Command {
    constructor(input: unknown) {
        super("DescribeTaskDefinition", input);
    }
}

export class DescribeTasksCommand extends Command {
    constructor(input: unknown) {
        super("DescribeTasks", input);
    }
}

export class ListTasksCommand extends Command {
    constructor(input: unknown) {
        super("ListTasks", input);
    }
}
