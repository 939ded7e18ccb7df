// Stands for the parts of AWS that the gate asks in a build step: a DynamoDB, and the registry's logins. A process of its
// own, because steps are run while the specs' process waits for them. Prints its two addresses as JSON when it is ready.
const { createServer } = require("node:http");
const dynalite = require("dynalite");

const listen = (server) =>
    new Promise((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`)),
    );
const registry = createServer((request, response) => {
    request.resume();
    const isToken = String(request.headers["x-amz-target"]).endsWith(".GetAuthorizationToken");
    response.writeHead(isToken ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
    const authorizationToken = Buffer.from(`AWS:${process.env.REGISTRY_PASSWORD}`).toString("base64");
    response.end(JSON.stringify(isToken ? { authorizationData: [{ authorizationToken }] } : {}));
});
Promise.all([listen(dynalite({ createTableMs: 0 })), listen(registry)]).then(([table, login]) =>
    process.stdout.write(`${JSON.stringify({ table, login })}\n`),
);
// Ends with the specs, however they end.
process.stdin.resume().on("end", () => process.exit());
