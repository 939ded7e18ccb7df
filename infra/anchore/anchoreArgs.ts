import type * as pulumi from "@pulumi/pulumi";
import type { AnchoreConfig, Protection } from "../config/schema";
import type { KeyWithAlias } from "../keys/keys";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";
import type { AnchoreNames } from "./anchoreNames";

/** What Anchore Engine is given by the stack. */
export interface AnchoreEngineArgs {
    account: Account;
    naming: Naming;
    tags: Tagging;
    config: AnchoreConfig;
    protection: Protection;
    key: KeyWithAlias;
    network: {
        vpcId: pulumi.Output<string>;
        privateSubnetIds: pulumi.Output<string[]>;
    };
    /** Literal ARNs of the repositories whose images it analyses. */
    repositoryArns: string[];
}

/** The same for the parts of the engine, with the names that they share. */
export interface AnchorePartArgs extends AnchoreEngineArgs {
    names: AnchoreNames;
}
