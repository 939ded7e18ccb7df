import { equal } from "node:assert/strict";
import { isModernTlsPolicy } from "./tlsPolicy";

describe("TLS policies by their names", () => {
    const cases: [name: string, expected: boolean][] = [
        ["ELBSecurityPolicy-TLS13-1-2-2021-06", true],
        ["ELBSecurityPolicy-TLS13-1-2-Res-2021-06", true],
        ["ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", true],
        ["ELBSecurityPolicy-TLS13-1-3-2021-06", true],
        ["ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", true],
        ["ELBSecurityPolicy-TLS-1-2-2017-01", true],
        ["ELBSecurityPolicy-TLS-1-2-Ext-2018-06", true],
        ["ELBSecurityPolicy-FS-1-2-Res-2020-10", true],
        ["ELBSecurityPolicy-TLS13-1-1-2021-06", false],
        ["ELBSecurityPolicy-TLS13-1-0-2021-06", false],
        ["ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", false],
        ["ELBSecurityPolicy-TLS-1-1-2017-01", false],
        ["ELBSecurityPolicy-TLS-1-0-2015-04", false],
        ["ELBSecurityPolicy-FS-1-1-2019-08", false],
        ["ELBSecurityPolicy-FS-2018-06", false],
        ["ELBSecurityPolicy-2016-08", false],
        ["ELBSecurityPolicy-2015-05", false],
        ["", false],
        ["custom", false],
    ];
    for (const [name, expected] of cases)
        it(`${name}: ${expected}`, () => equal(isModernTlsPolicy(name), expected));
});
