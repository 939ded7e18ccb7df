import { createServer } from "node:http";

createServer((_request, response) => response.end("portcullis example\n")).listen(8080);
