import { equal, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { looksTyped } from "./typedPassword";

describe("passwords", () => {
    for (const password of [
        "",
        "hunter2",
        "correct-horse-battery-staple",
        "Sup3rS3cr3t-2026!",
        "P@ssw0rd1234567",
        "anchore-engine-db",
        "blue-yellow-green-42",
        "MyDatabase2026xyz",
    ])
        it(`that people type: ${password.length} characters`, () => ok(looksTyped(password)));

    it("that are generated are not taken for typed ones", () => {
        const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&*()-_=+[]{}<>:?";
        let taken = 0;
        for (let round = 0; round < 3_000; round += 1) {
            const text = [...randomBytes(32)].map((byte) => alphabet[byte % alphabet.length]).join("");
            if (looksTyped(text)) taken += 1;
        }
        ok(taken <= 6, `${taken} of 3000`);
        equal(looksTyped("vX9#kT2m]Qz7Lr4w"), false);
    });
});
