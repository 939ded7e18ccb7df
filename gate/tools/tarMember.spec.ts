import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readTarMember, type TarBounds } from "./tarMember";
import { paxRecord, tar, tarEntry, tarGz, type SampleEntry } from "./testing/tarArchive";
import { ToolError } from "./toolError";

const run = promisify(execFile);
const program = randomBytes(3_000);

async function* pieces(bytes: Uint8Array, size = bytes.length || 1): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
    archive: Uint8Array,
    member = "grype",
    bounds?: TarBounds,
    size?: number,
): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    const length = await readTarMember(
        pieces(archive, size),
        member,
        async (chunk) => void chunks.push(Buffer.from(chunk)),
        bounds,
    );
    assert.equal(length, Buffer.concat(chunks).length);
    return Buffer.concat(chunks);
}

async function refusal(archive: Uint8Array, member?: string, bounds?: TarBounds): Promise<string> {
    try {
        await read(archive, member, bounds);
    } catch (error) {
        assert.ok(error instanceof ToolError, String(error));
        assert.equal(error.kind, "refused");
        return error.message;
    }
    return assert.fail("was not refused");
}

describe("member of a tar.gz", () => {
    const usual: SampleEntry[] = [
        { name: "LICENSE", content: "Apache-2.0" },
        { name: "docs/", type: "5" },
        { name: "grype", content: program },
        { name: "README.md", content: "x".repeat(512) },
    ];

    for (const format of ["ustar", "gnu"] as const) {
        it(`is read from a ${format} archive, wherever the pieces end`, async () => {
            const archive = tarGz(usual.map((entry) => ({ ...entry, format })));
            for (const size of [1, 7, 512, archive.length])
                assert.deepEqual(await read(archive, "grype", undefined, size), program);
        });
    }

    it("may be empty, fill whole blocks, stand below a folder or behind ./", async () => {
        assert.equal((await read(tarGz([{ name: "grype" }]))).length, 0);
        assert.deepEqual(
            await read(tarGz([{ name: "grype", content: program.subarray(0, 1024) }])),
            program.subarray(0, 1024),
        );
        assert.deepEqual(await read(tarGz([{ name: "./grype", content: program }])), program);
        assert.deepEqual(
            await read(tarGz([{ name: "a/bin/tool", content: program }]), "a/bin/tool"),
            program,
        );
        assert.deepEqual(
            await read(tarGz([{ name: "tool", prefix: "a/bin", content: program }]), "a/bin/tool"),
            program,
        );
    });

    it("is found by its long name, of pax and of GNU", async () => {
        const long = `${"folder/".repeat(20)}tool`;
        const pax = { name: "PaxHeaders/tool", type: "x", content: paxRecord("path", long) };
        const gnu = { name: "././@LongLink", type: "L", content: `${long}\0` };
        for (const header of [pax, gnu]) {
            const archive = tarGz([header, { name: long.slice(0, 100), content: program }]);
            assert.deepEqual(await read(archive, long), program);
            assert.match(await refusal(archive, long.slice(0, 100)), /has no folder/);
        }
    });

    it("has the size of its pax header", async () => {
        const header = {
            name: "x",
            type: "x",
            content: paxRecord("size", "3000") + paxRecord("mtime", "1.5"),
        };
        assert.deepEqual(await read(tarGz([header, { name: "grype", content: program, size: 0 }])), program);
    });

    const tricks: [string, SampleEntry[], RegExp][] = [
        ["no entry at all", [], /the archive has no grype/],
        ["another folder's file of that name", [{ name: "bin/grype", content: "x" }], /has no grype/],
        ["a path out of the folder", [{ name: "../grype", content: "x" }], /has no grype/],
        ["a path through the folder", [{ name: "a/../grype", content: "x" }], /has no grype/],
        ["an absolute path", [{ name: "/grype", content: "x" }], /has no grype/],
        ["a name with another case", [{ name: "Grype", content: "x" }], /has no grype/],
        ["a symbolic link", [{ name: "grype", type: "2", linkName: "/bin/sh" }], /no regular file.*symbolic/],
        ["a hard link", [{ name: "grype", type: "1", linkName: "LICENSE" }], /no regular file.*a link/],
        ["a directory", [{ name: "grype", type: "5" }], /no regular file.*directory/],
        ["a device", [{ name: "grype", type: "3" }], /no regular file.*device/],
        ["a pipe", [{ name: "grype", type: "6" }], /no regular file.*device/],
        ["the file twice", [usual[2]!, usual[2]!], /grype more than once/],
        [
            "a link over the file",
            [usual[2]!, { name: "./grype", type: "2", linkName: "/x" }],
            /no regular file/,
        ],
        ["a link with content", [{ name: "x", type: "2", content: "abc" }, usual[2]!], /link with content/],
        ["a sparse file of GNU", [{ name: "grype", type: "S", content: "x" }], /type "S", which is not read/],
        [
            "a sparse file of pax",
            [{ name: "x", type: "x", content: paxRecord("GNU.sparse.major", "1") }, usual[2]!],
            /sparse file, which is not read/,
        ],
        [
            "a global header that renames",
            [
                { name: "x", type: "g", content: paxRecord("path", "grype") },
                { name: "evil", content: "x" },
            ],
            /global header that is not read/,
        ],
        [
            "an oversized header",
            [{ name: "x", type: "L", content: "x".repeat(70_000) }, usual[2]!],
            /oversized/,
        ],
        ["a damaged pax header", [{ name: "x", type: "x", content: "99 path=grype\n" }], /damaged header/],
        [
            "a pax size that is no number",
            [{ name: "x", type: "x", content: paxRecord("size", "-1") }, usual[2]!],
            /damaged/,
        ],
        [
            "a header whose sum is wrong",
            [{ name: "grypf", content: "x", damage: (header) => header.write("grype", 0) }],
            /damaged header/,
        ],
        ["a size beyond the end", [{ name: "grype", content: "x", size: 1 << 20 }], /cut off/],
    ];
    for (const [what, entries, message] of tricks) {
        it(`refuses ${what}`, async () => assert.match(await refusal(tarGz(entries)), message));
    }

    it("lets a comment of git pass", async () => {
        const comment = { name: "x", type: "g", content: paxRecord("comment", "0".repeat(40)) };
        assert.deepEqual(await read(tarGz([comment, usual[2]!])), program);
    });

    it("refuses an archive without its end mark, or with half of one", async () => {
        assert.match(await refusal(tarGz(usual, false)), /cut off/);
        const half = gzipSync(Buffer.concat([tar(usual, false), Buffer.alloc(512), tarEntry(usual[0]!)]));
        assert.match(await refusal(half), /end mark is damaged/);
    });

    it("refuses what is not gzip, and a plain tar", async () => {
        for (const archive of [Buffer.from("<html>not found</html>"), tar(usual)])
            assert.match(await refusal(archive), /cannot be unpacked/);
        assert.match(await refusal(Buffer.alloc(0)), /cut off|cannot be unpacked/);
        assert.match(await refusal(gzipSync(Buffer.from("no tar"))), /cut off/);
    });

    it("refuses every truncation", async () => {
        const archive = tarGz([{ name: "grype", content: program.subarray(0, 600) }]);
        for (let length = 0; length < archive.length; length += 1)
            assert.match(await refusal(archive.subarray(0, length)), /cut off|cannot be unpacked/);
    });

    it("stops at the bounds of the member and of the archive", async () => {
        const bomb = tarGz([
            { name: "zeros", content: Buffer.alloc(1 << 20) },
            { name: "grype", content: program },
        ]);
        const bounds = { mostMemberBytes: 3_000, mostBytes: 1 << 21 };
        assert.deepEqual(await read(bomb, "grype", bounds), program);
        assert.match(
            await refusal(bomb, "grype", { ...bounds, mostMemberBytes: 2_999 }),
            /grype is over 2999/,
        );
        assert.match(
            await refusal(bomb, "grype", { ...bounds, mostBytes: 1 << 20 }),
            /over 1048576 bytes unpacked/,
        );
        // The bound counts what comes after the member too.
        const tail = tarGz([
            { name: "grype", content: program },
            { name: "zeros", content: Buffer.alloc(1 << 21) },
        ]);
        assert.match(await refusal(tail, "grype", bounds), /bytes unpacked/);
    });

    it("gives the right bytes or a refusal, whatever byte of the unpacked archive is wrong", async () => {
        const whole = tar([{ name: "grype", content: program.subarray(0, 700) }]);
        await fc.assert(
            fc.asyncProperty(
                fc.nat(whole.length - 1),
                fc.integer({ min: 1, max: 255 }),
                async (at, change) => {
                    const wrong = Buffer.from(whole);
                    wrong[at] = (wrong[at] ?? 0) ^ change;
                    try {
                        const content = await read(gzipSync(wrong));
                        assert.ok(content.length === 700, `${content.length} bytes`);
                    } catch (error) {
                        assert.ok(error instanceof ToolError, String(error));
                    }
                },
            ),
            { numRuns: 1_000 },
        );
    });

    for (const format of ["gnu", "ustar", "pax"]) {
        it(`is read from what the system's tar writes as ${format}`, async function () {
            const folder = await mkdtemp(join(tmpdir(), "tar-"));
            try {
                const long = join("a".repeat(90), "b".repeat(90));
                await mkdir(join(folder, long), { recursive: true });
                await writeFile(join(folder, long, "tool"), program);
                await symlink("tool", join(folder, long, "link"));
                const archive = join(folder, "archive.tar.gz");
                const made = await run("tar", [
                    `--format=${format}`,
                    "-czf",
                    archive,
                    "-C",
                    folder,
                    "a".repeat(90),
                ]).catch((error: NodeJS.ErrnoException) => error);
                if (made instanceof Error) return this.skip();
                const bytes = await readFile(archive);
                assert.deepEqual(await read(bytes, `${long}/tool`), program);
                assert.match(await refusal(bytes, `${long}/link`), /no regular file/);
            } finally {
                await rm(folder, { recursive: true });
            }
        });
    }

    it("passes on an error of the one who writes", async () => {
        const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
        await assert.rejects(
            readTarMember(pieces(tarGz(usual)), "grype", () => Promise.reject(full)),
            full,
        );
    });
});
