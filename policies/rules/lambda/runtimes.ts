/**
 * Runtimes of AWS Lambda and the day on which AWS stops mending each ("Deprecation date" in the tables of the AWS Lambda
 * Developer Guide, "Lambda runtimes"; as published in May 2026). Where AWS moved a date, the later one stands here.
 */
const lastDays: Readonly<Record<string, string>> = {
    "nodejs24.x": "2028-04-30",
    "nodejs22.x": "2027-04-30",
    "nodejs20.x": "2026-04-30",
    "nodejs18.x": "2025-09-01",
    "nodejs16.x": "2024-06-12",
    "nodejs14.x": "2023-12-04",
    "nodejs12.x": "2023-03-31",
    "nodejs10.x": "2021-07-30",
    "nodejs8.10": "2020-03-06",
    "nodejs6.10": "2019-08-12",
    "nodejs4.3": "2020-03-05",
    "nodejs4.3-edge": "2020-03-05",
    nodejs: "2016-10-31",
    "python3.14": "2029-06-30",
    "python3.13": "2029-06-30",
    "python3.12": "2028-10-31",
    "python3.11": "2027-06-30",
    "python3.10": "2026-10-31",
    "python3.9": "2025-12-15",
    "python3.8": "2024-10-14",
    "python3.7": "2023-12-04",
    "python3.6": "2022-07-18",
    "python2.7": "2021-07-15",
    java25: "2029-06-30",
    java21: "2029-06-30",
    java17: "2027-06-30",
    java11: "2027-06-30",
    "java8.al2": "2027-06-30",
    java8: "2024-01-08",
    dotnet10: "2028-11-14",
    dotnet8: "2026-11-10",
    dotnet7: "2024-05-14",
    dotnet6: "2024-12-20",
    "dotnet5.0": "2022-05-10",
    "dotnetcore3.1": "2023-04-03",
    "dotnetcore2.1": "2022-01-05",
    "dotnetcore2.0": "2019-05-30",
    "dotnetcore1.0": "2019-06-27",
    "ruby4.0": "2029-03-31",
    "ruby3.4": "2028-03-31",
    "ruby3.3": "2027-03-31",
    "ruby3.2": "2026-03-31",
    "ruby2.7": "2023-12-07",
    "ruby2.5": "2021-07-30",
    "provided.al2023": "2029-06-30",
    "provided.al2": "2026-07-31",
    provided: "2024-01-08",
    "go1.x": "2024-01-08",
};

/** Names of all runtimes of the table. */
export const runtimeNames: readonly string[] = Object.keys(lastDays);

export type RuntimeState =
    /** Days are given as in ISO 8601. */
    | { kind: "supported"; lastDay: string }
    | { kind: "ended"; lastDay: string }
    /** Of a language of the table, and newer than everything that the table knows of it. */
    | { kind: "newer" }
    | { kind: "noRuntime" };

/** How it stands with a runtime on a day (UTC); its last day is still supported. */
export function runtimeState(runtime: string, today: Date): RuntimeState {
    const lastDay = Object.hasOwn(lastDays, runtime) ? lastDays[runtime] : undefined;
    if (lastDay !== undefined)
        return { kind: today.toISOString().slice(0, 10) <= lastDay ? "supported" : "ended", lastDay };
    const version = versionOf(runtime);
    if (version === undefined) return { kind: "noRuntime" };
    const known = runtimeNames.flatMap((name) => {
        const other = versionOf(name);
        return other?.language === version.language ? [other.number] : [];
    });
    return known.length > 0 && known.every((number) => number < version.number)
        ? { kind: "newer" }
        : { kind: "noRuntime" };
}

/** `python3.14` is language python and number 3014; `provided.al2023` is provided.al and 2023000. */
function versionOf(runtime: string): { language: string; number: number } | undefined {
    const parts = /^(?<language>nodejs|python|java|dotnet|ruby|provided\.al)(?<major>\d+)(?:\.(?<minor>\d+|x))?$/.exec(runtime)?.groups; // prettier-ignore
    const { language, major, minor } = parts ?? {};
    if (language === undefined || major === undefined) return undefined;
    return {
        language,
        number: Number(major) * 1_000 + (minor === undefined || minor === "x" ? 0 : Number(minor)),
    };
}
