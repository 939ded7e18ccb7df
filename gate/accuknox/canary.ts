import { toInstant } from "../report/instant";
import type { TrivyReading } from "./trivyDocument";

/*
 * Nothing in a Trivy report says that the vulnerability scanner ran: with `--scanners secret` the same targets and
 * packages are listed, and neither they nor those of a clean image have a `Vulnerabilities` key (pkg/scan/local,
 * `omitempty`). The same goes for `--severity`, `--ignore-unfixed`, `--ignore-status`, `--pkg-types`, a `trivy.yaml`
 * in the working directory and TRIVY_… variables: whatever they leave out is left out without a trace.
 *
 * So each scan is accompanied by a second one, with the same options, of a list of packages that are known to be
 * vulnerable. Whoever finds nothing in it has not looked. It is demanded for every report and not only for those
 * without findings: otherwise a further finding could turn an incomplete report into a complete one.
 */

/** A package of the canary and the vulnerability that Trivy has to find in it. */
interface KnownFinding {
    id: string;
    /** Package as Trivy names it in a finding. */
    package: string;
    purl: string;
    /** What is shown when it is found. */
    proves: string;
}

/**
 * One finding of each severity, in packages of the distribution and of two languages, with and without a fix.
 * CVE-2005-2541 has stood open in Debian for twenty years; the others are fixed in versions that are not these.
 */
const knownFindings: readonly KnownFinding[] = [
    {
        id: "CVE-2021-44228",
        package: "org.apache.logging.log4j:log4j-core",
        purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        proves: "critical, Java",
    },
    {
        id: "CVE-2021-23337",
        package: "lodash",
        purl: "pkg:npm/lodash@4.17.20",
        proves: "high, Node.js",
    },
    {
        id: "CVE-2020-28500",
        package: "lodash",
        purl: "pkg:npm/lodash@4.17.20",
        proves: "medium, Node.js",
    },
    {
        id: "CVE-2005-2541",
        package: "tar",
        purl: "pkg:deb/debian/tar@1.34%2Bdfsg-1.2%2Bdeb12u1?arch=amd64&distro=debian-12",
        proves: "low and without a fix, Debian",
    },
];

/** Distribution of the canary. */
const distribution = { name: "debian", version: "12" };

/**
 * The canary: a CycloneDX 1.5 document for `trivy sbom`. It names packages that nobody should use; nothing is
 * installed or downloaded.
 */
export function canaryDocument(): string {
    const purls = [...new Set(knownFindings.map(({ purl }) => purl))];
    const library = (purl: string) => {
        const [, group, name, version] = /^pkg:\w+\/(?:(.+)\/)?([^/@]+)@([^?]+)/.exec(purl) ?? [];
        return {
            "bom-ref": purl,
            type: "library",
            // Trivy puts the group before the name, which is right for Maven and wrong for Debian.
            ...(group === undefined || purl.startsWith("pkg:deb/") ? {} : { group }),
            name,
            version: decodeURIComponent(version ?? ""),
            purl,
        };
    };
    const debian = purls.filter((purl) => purl.startsWith("pkg:deb/"));
    const document = {
        bomFormat: "CycloneDX",
        specVersion: "1.5",
        serialNumber: "urn:uuid:3f6c1d0e-5b0a-4a57-9d5e-6a1f0f7c2b11",
        version: 1,
        metadata: { component: { "bom-ref": "canary", type: "container", name: "canary" } },
        components: [
            {
                "bom-ref": "distribution",
                type: "operating-system",
                ...distribution,
                properties: [
                    { name: "aquasecurity:trivy:Class", value: "os-pkgs" },
                    { name: "aquasecurity:trivy:Type", value: distribution.name },
                ],
            },
            ...purls.map(library),
        ],
        dependencies: [
            {
                ref: "canary",
                dependsOn: ["distribution", ...purls.filter((purl) => !debian.includes(purl))],
            },
            { ref: "distribution", dependsOn: debian },
        ],
    };
    return `${JSON.stringify(document, null, 2)}\n`;
}

/** Hours between the scan of the image and that of the canary. Both belong to one build step. */
const longestBetween = 2;

/** What the scan of the canary is compared with. */
export interface CanaryRun {
    /** Trivy's version as the image's report or the version file gives it. */
    version: string;
    /** When the image was scanned, ISO 8601. */
    scannedAt: string | null;
}

/**
 * What stands against the scan of the canary as a proof that Trivy looked for vulnerabilities of every kind; empty
 * when nothing does.
 */
export function doubtsAboutCanary(reading: TrivyReading, run: CanaryRun): string[] {
    const { document, findings, problems } = reading;
    if (document === null)
        return problems.map((problem) => `the canary's Trivy report cannot be used: ${problem}`);
    if (document.ArtifactType !== "cyclonedx") {
        return [
            `the canary's Trivy report is of a ${document.ArtifactType}, not of the canary; scan it with trivy sbom`,
        ];
    }
    const doubts = problems.map((problem) => `the canary's Trivy report cannot be used: ${problem}`);
    const version = document.Trivy?.Version ?? run.version;
    if (version !== run.version) {
        doubts.push(`the canary was scanned by Trivy ${version}, the image by ${run.version || "another"}`);
    }
    const scannedAt = toInstant(document.CreatedAt) ?? "an unknown time";
    const between = Math.abs(Date.parse(scannedAt) - Date.parse(run.scannedAt ?? ""));
    if (!(between <= longestBetween * 3_600_000)) {
        doubts.push(
            `the canary was scanned at ${scannedAt}, more than ${longestBetween} hours from the image; ` +
                "scan both in one step",
        );
    }
    const shown = findings.filter(({ source }) => source.includes("/Vulnerabilities/"));
    const missed = knownFindings.filter(
        (known) => !shown.some(({ id, package: { name } }) => id === known.id && name === known.package),
    );
    if (missed.length > 0) {
        doubts.push(
            `Trivy did not find ${missed.map(({ id, proves }) => `${id} (${proves})`).join(", ")} in the canary: ` +
                "it does not look, leaves something out (scanners, severity, pkg-types, ignored or unfixed " +
                "findings), or its database is broken",
        );
    }
    return doubts;
}
