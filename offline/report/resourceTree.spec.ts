import assert from "node:assert/strict";
import fc from "fast-check";
import { sampleStack } from "./fixtures/sampleRun";
import { StackBuilder } from "./fixtures/stackBuilder";
import { ResourceIndex, byName, shortType, wordsOf } from "./resourceIndex";
import { countNote, treeLines } from "./resourceTree";

function treeOf(stack: StackBuilder): string {
    return treeLines(new ResourceIndex(stack.resources))
        .map((line) => {
            const remarks = [countNote(line), line.note].filter((each) => each !== "").join(", ");
            const group = line.kind === "group" ? ` ×${line.count}` : "";
            return `${line.branch}${line.type}${group} ${line.name}${remarks === "" ? "" : ` (${remarks})`}`;
        })
        .join("\n");
}

describe("resource tree", () => {
    it("shows components first, folds repeats and names what looks alike", () => {
        const stack = new StackBuilder();
        stack.add("pulumi:providers:aws", "default");
        const network = stack.component("portcullis:network:Network", "network");
        const awsx = stack.add("awsx:ec2:Vpc", "network", { parent: network, remote: true });
        const vpc = stack.add("aws:ec2/vpc:Vpc", "network", { parent: awsx });
        for (const name of ["b", "a", "c"]) {
            const subnet = stack.add("aws:ec2/subnet:Subnet", name, { parent: vpc });
            stack.add("aws:ec2/routeTable:RouteTable", name, { parent: subnet });
        }
        stack.add("aws:ec2/natGateway:NatGateway", "nat", {
            parent: stack.resources.find(({ name, type }) => name === "b" && type.endsWith("Subnet")) ?? vpc,
        });
        for (const name of ["w", "v", "u"]) {
            stack.add("aws:kms/alias:Alias", name);
        }
        stack.add("aws:kms/key:Key", "one");
        stack.add("aws:kms/key:Key", "two");
        stack.add("awsx:lb:ApplicationLoadBalancer", "empty", { remote: true });
        assert.equal(
            treeOf(stack),
            [
                "├─ Network network (9 resources)",
                "│  └─ awsx ec2 Vpc network (8 resources, remote)",
                "│     └─ ec2 Vpc network (7 resources)",
                "│        ├─ ec2 Subnet a (1 resource)",
                "│        │  └─ ec2 RouteTable a",
                "│        ├─ ec2 Subnet b (2 resources)",
                "│        │  ├─ ec2 NatGateway nat",
                "│        │  └─ ec2 RouteTable b",
                "│        └─ ec2 Subnet c (1 resource, like a)",
                "├─ awsx lb ApplicationLoadBalancer empty (remote, not expanded)",
                "├─ kms Alias ×3 u, v, w",
                "├─ kms Key one",
                "└─ kms Key two",
            ].join("\n"),
        );
    });

    it("shows what others may change, and never folds it away", () => {
        const stack = new StackBuilder();
        for (const name of ["api", "shop", "web"]) {
            const service = stack.add("aws:ecs/service:Service", name);
            if (name === "shop") {
                service.ignoreChanges = ["taskDefinition"];
            }
        }
        stack.add("aws:ecs/service:Service", "zoo");
        assert.equal(
            treeOf(stack),
            [
                "├─ ecs Service ×3 api, web, zoo",
                "└─ ecs Service shop (ignores changes of taskDefinition)",
            ].join("\n"),
        );
    });

    it("shows a resource whose parent was not captured instead of losing it", () => {
        const stack = new StackBuilder();
        const key = stack.add("aws:kms/key:Key", "lost");
        key.parent = "urn:pulumi:dev::portcullis::gone:gone:Gone::gone";
        assert.equal(treeOf(stack), "kms Key lost (parent not captured)");
    });

    it("accounts for every resource exactly once, in any order, and does not hang on a parent loop", () => {
        const stack = sampleStack(["demo", "shop"]);
        const expected = treeOf(stack);
        fc.assert(
            fc.property(
                fc.shuffledSubarray(stack.resources, { minLength: stack.resources.length }),
                (shuffled) => {
                    const other = new StackBuilder();
                    other.resources.splice(0, other.resources.length, ...shuffled);
                    assert.equal(treeOf(other), expected);
                },
            ),
            { numRuns: 20 },
        );
        const [a, b] = [stack.add("portcullis:a:A", "a"), stack.add("portcullis:a:B", "b")];
        a.parent = b.urn;
        b.parent = a.urn;
        const index = new ResourceIndex(stack.resources);
        assert.equal(index.descendantsOf(a.urn).length, 1);
        assert.equal(index.ancestorsOf(a).length, 1);
        assert.equal(typeof treeOf(stack), "string");
    });
});

describe("names", () => {
    it("shortens types", () => {
        const types = {
            "aws:ec2/subnet:Subnet": "ec2 Subnet",
            "awsx:ec2:Vpc": "awsx ec2 Vpc",
            "portcullis:network:Network": "Network",
            "random:index/randomPassword:RandomPassword": "random RandomPassword",
            "tls:index/privateKey:PrivateKey": "tls PrivateKey",
            "pulumi:providers:aws": "provider aws",
            "pulumi:pulumi:Stack": "Stack",
            odd: "odd",
            "": "",
        };
        for (const [type, short] of Object.entries(types)) {
            assert.equal(shortType(type), short);
        }
        assert.equal(wordsOf("AnchoreEngine"), "Anchore Engine");
    });

    it("orders numbers as numbers, and totally", () => {
        assert.deepEqual(["app-10", "app-2", "app-1", "app", "b-01", "b-1"].sort(byName), [
            "app",
            "app-1",
            "app-2",
            "app-10",
            "b-01",
            "b-1",
        ]);
        const name = fc.stringMatching(/^[ab0-9-]{0,6}$/);
        fc.assert(
            fc.property(name, name, name, (a, b, c) => {
                assert.equal(Math.sign(byName(a, b)), -Math.sign(byName(b, a)) || 0);
                assert.equal(byName(a, b) === 0, a === b);
                if (byName(a, b) < 0 && byName(b, c) < 0) {
                    assert.ok(byName(a, c) < 0);
                }
            }),
        );
    });
});
