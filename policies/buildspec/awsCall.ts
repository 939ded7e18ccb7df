/** `aws [options] SERVICE COMMAND …`: which API a command of the AWS CLI calls. */
import { operands } from "./arguments";
import { programName, type Argument } from "./invocation";

/** Global options with a value (AWS CLI Command Reference, "Global options"). */
const valued = [
    "--region",
    "--profile",
    "--output",
    "--query",
    "--endpoint-url",
    "--ca-bundle",
    "--color",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
];

export interface AwsCall {
    service: Argument;
    command: Argument;
}

/** Null when the words are no call of the AWS CLI. */
export function awsCall(words: readonly Argument[]): AwsCall | null {
    if (programName(words[0]?.text ?? "") !== "aws") return null;
    const [service, command] = operands(words.slice(1), valued);
    return service && command ? { service, command } : null;
}

/** `SERVICE COMMAND` when the words are such a call and nothing of it is in a variable. */
export function awsCommand(words: readonly Argument[]): string | null {
    const call = awsCall(words);
    return call?.service.known && call.command.known ? `${call.service.text} ${call.command.text}` : null;
}
