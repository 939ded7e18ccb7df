import type { Finding } from "../scanReport";

/** A finding of grype as scan reports hold it: critical, with a fix. */
export function findingOf(change: Partial<Finding> = {}): Finding {
    return {
        id: "CVE-2021-3711",
        severity: "critical",
        package: { name: "openssl", version: "1.1.1k", type: "deb" },
        fixedIn: "1.1.1l",
        willNotFix: false,
        url: null,
        source: "/matches/0",
        ...change,
    };
}
