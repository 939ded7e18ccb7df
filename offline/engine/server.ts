/** The listening server: both services on one loopback port that the operating system picks. */
import type { DeploymentEngine } from "./engine";
import { engineHandlers } from "./engineService";
import { monitorHandlers } from "./monitorService";
import { channelOptions, engineService, grpc, resourceMonitorService } from "./protocol";

export interface EngineServer {
    /** `127.0.0.1:<port>`. */
    address: string;
    close(): void;
}

export function startServer(engine: DeploymentEngine, projectDirectory: string): Promise<EngineServer> {
    const server = new grpc.Server(channelOptions);
    server.addService(resourceMonitorService, monitorHandlers(engine, projectDirectory));
    server.addService(engineService, engineHandlers(engine));
    return new Promise((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
            if (error) {
                reject(error);
            } else {
                resolve({ address: `127.0.0.1:${port}`, close: () => server.forceShutdown() });
            }
        });
    });
}
