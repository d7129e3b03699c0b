// node build.mjs [--out DIR]: bundles src/ into DIR (dist/): one script and its workers, one style sheet, an icon, the
// licences of what is in the script, each with a hash in its name, compressed beside itself, a page for each role, the
// documents that stand apart with their style in them, and manifest.json.
// With --tests FOLDER NAME... it bundles test/NAME.test.ts into FOLDER instead.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf("--out");
const out = at > 0 ? process.argv[at + 1] : join(here, "dist");
const options = { bundle: true, jsx: "automatic", jsxImportSource: "preact", logLevel: "warning", absWorkingDir: here };

const tests = process.argv.indexOf("--tests");
if (tests > 0) {
  const [folder, ...names] = process.argv.slice(tests + 1);
  rmSync(folder, { recursive: true, force: true });
  await build({
    ...options,
    entryPoints: names.map((name) => join("test", `${name}.test.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    packages: "external",
  });
  process.exit(0);
}

/** What is served as /assets/NAME, with its compressed forms where they are smaller. */
function asset(folder, base, extension, type, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const name = `${base}.${hash}.${extension}`;
  writeFileSync(join(folder, name), bytes);
  const forms = [""];
  const add = (ending, packed) => {
    if (packed.length < bytes.length) {
      writeFileSync(join(folder, name + ending), packed);
      forms.push(ending);
    }
  };
  add(".gz", gzipSync(bytes, { level: 9 }));
  add(".br", brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  return { name, type, forms };
}

const bundle = { ...options, outdir: "unused", write: false, minify: true, format: "esm", target: "es2022", legalComments: "none" };
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const worker = async (name) => {
  const apart = await build({ ...bundle, entryPoints: [`src/lib/${name}_worker.ts`] });
  return asset(out, name, "js", "text/javascript; charset=utf-8", apart.outputFiles[0].text);
};
const [reading, events] = [await worker("reading"), await worker("events")];
const made = await build({
  ...bundle,
  entryPoints: { app: "src/main.tsx", style: "src/style.css", apart: "src/apart.css" },
  define: { READING_WORKER: JSON.stringify(`/assets/${reading.name}`), EVENTS_WORKER: JSON.stringify(`/assets/${events.name}`) },
});
const text = (name) => made.outputFiles.find((file) => basename(file.path) === name).text;

const script = asset(out, "app", "js", "text/javascript; charset=utf-8", text("app.js"));
const style = asset(out, "style", "css", "text/css; charset=utf-8", text("style.css"));
const icon = asset(out, "icon", "svg", "image/svg+xml", readFileSync(join(here, "src/icon.svg")));

const licences = ["preact", "uplot"].map((name) => `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8")}`);
const terms = asset(out, "licences", "txt", "text/plain; charset=utf-8", licences.join("\n\n"));

const frame = readFileSync(join(here, "src/index.html"), "utf8");
const api = { server: ', <a href="/api/v1/incidents">/api/v1/incidents</a>', agent: ', <a href="/targets">/targets</a>' };
for (const role of ["server", "agent"]) {
  const names = { ROLE: role, ICON: icon.name, CSS: style.name, JS: script.name, LICENCES: terms.name, API: api[role] };
  writeFileSync(join(out, `${role}.html`), frame.replace(/@([A-Z]+)@/g, (_, name) => names[name]));
}

// Who is not let in, or comes by a wrong name, can load no file: the style is in the document, and the policy names its hash.
const apart = text("apart.css").trim();
for (const name of ["sign_in", "error"]) {
  const document = readFileSync(join(here, `src/${name}.html`), "utf8");
  writeFileSync(join(out, `${name}.html`), document.replace("@STYLE@", () => apart));
}
const apartStyle = `'sha256-${createHash("sha256").update(apart).digest("base64")}'`;
writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ apart_style: apartStyle, assets: [script, reading, events, style, icon, terms] }, null, 2)}\n`);
