// dist/ as the program serves it: for the development server and for the tests.

import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const types = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml", txt: "text/plain; charset=utf-8" };
const pages = {
  server: /^\/(|(map|targets|agents|certificates|system|status)\/?|(incident|pair|target)\/.*)$/,
  agent: /^\/(|system\/?|target\/.*)$/,
};
export const policy =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const filePolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"; // counts for a worker

/** As the program fills a document (web/document_form): a line that names a text that is not there is left out. */
export function fillDocument(document, texts) {
  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const names = /@(TO|PROBLEM|TITLE|SENTENCE|STATUS|WAY_OUT)@/g;
  return document
    .split("\n")
    .filter((line) => [...line.matchAll(names)].every(([, name]) => texts[name]))
    .map((line) => line.replace(names, (_, name) => texts[name].replace(/[&<>"']/g, (each) => escapes[each])))
    .join("\n");
}

/** Listens on 127.0.0.1. `answer(req, res)` takes what is neither page nor asset. */
export function serve({ role, port = 0, dist = join(here, "dist"), answer }) {
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url, "http://x");
    if (pathname.startsWith("/assets/")) {
      const name = pathname.slice(8);
      const packed = (req.headers["accept-encoding"] ?? "").includes("br") && existsSync(join(dist, `${name}.br`));
      if (name.includes("/") || !existsSync(join(dist, name))) {
        res.writeHead(404).end();
        return;
      }
      res.writeHead(200, {
        "Content-Type": types[name.split(".").pop()],
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": filePolicy,
        ...(packed ? { "Content-Encoding": "br" } : {}),
      });
      res.end(readFileSync(join(dist, packed ? `${name}.br` : name)));
    } else if (pages[role].test(pathname)) {
      res.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": policy });
      res.end(readFileSync(join(dist, `${role}.html`)));
    } else {
      answer(req, res);
    }
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}
