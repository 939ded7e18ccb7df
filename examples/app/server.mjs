import { createServer } from "node:http";
import minimist from "minimist";

const { port } = minimist(process.argv.slice(2), { default: { port: 8080 } });

createServer((_request, response) => response.end("portcullis example\n")).listen(port);
