// node dev-server.mjs --api http://127.0.0.1:6002 [--role agent] [--port 8200]: serves dist/ as the
// program does, and hands every other request to a running server or agent.

import { request } from "node:http";

import { serve } from "./serve.mjs";

function proxy(api, req, res) {
  const url = new URL(req.url, api);
  const asked = request(url, { method: req.method, headers: { ...req.headers, host: url.host } }, (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
  });
  asked.on("error", () => {
    if (!res.headersSent) {
      res.writeHead(502, { "Content-Type": "application/json" });
    }
    res.end('{"error": "the program does not answer"}');
  });
  res.on("close", () => asked.destroy());
  req.pipe(asked);
}

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const api = option("api", "http://127.0.0.1:6002");
const server = await serve({ role: option("role", "server"), port: Number(option("port", "8200")), answer: (req, res) => proxy(api, req, res) });
console.log(`http://127.0.0.1:${server.address().port}/ → ${api}`);
