/** Fails every invocation until the protocol is wired in: nothing is recorded or answered by accident. */
export async function handler(): Promise<never> {
    throw new Error("the approval protocol is not wired into this function yet");
}
