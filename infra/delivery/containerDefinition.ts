import type { CreatedService } from "../config/deliverySchema";
import type { Account } from "../naming";
import { createdContainer, type CreatedTargetNames, type DeliveryTarget } from "./deliveryNames";

/**
 * A digest that no image can have. The template of a service names it, because at first there is no image: admission
 * refuses it, and the first release takes its place.
 */
export const nothingReleased = `sha256:${"0".repeat(64)}`;

/** The one place where a container may write, besides its log. */
const scratch = { volume: "scratch", path: "/tmp" } as const;

/** Volumes of the task; empty when it starts, gone when it stops, and on Fargate encrypted. */
export const volumes = [{ name: scratch.volume }];

/**
 * Container definitions of a service's template, as JSON. Every release copies them and puts its own image in.
 *
 * There is no health check of the container: a command for it would have to be in the application's image, which the
 * stack knows nothing about. Where there is a load balancer, that asks.
 */
export function containerDefinitions(
    account: Account,
    target: DeliveryTarget,
    { logGroup }: CreatedTargetNames,
    { environment, loadBalancer, user }: CreatedService,
): string {
    return JSON.stringify([
        {
            name: createdContainer,
            image: `${target.repository.uri}@${nothingReleased}`,
            essential: true,
            user,
            privileged: false,
            readonlyRootFilesystem: true,
            linuxParameters: { initProcessEnabled: true, capabilities: { add: [], drop: ["ALL"] } },
            environment: Object.keys(environment)
                .sort()
                .map((name) => ({ name, value: environment[name] })),
            mountPoints: [{ sourceVolume: scratch.volume, containerPath: scratch.path, readOnly: false }],
            portMappings:
                loadBalancer === undefined
                    ? []
                    : [
                          {
                              containerPort: loadBalancer.port,
                              hostPort: loadBalancer.port,
                              protocol: "tcp",
                          },
                      ],
            logConfiguration: {
                logDriver: "awslogs",
                options: {
                    "awslogs-group": logGroup,
                    "awslogs-region": account.region,
                    "awslogs-stream-prefix": target.tier,
                },
            },
        },
    ]);
}
