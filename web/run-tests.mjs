// node run-tests.mjs NAME...: bundles the tests and runs NAME.test; the name "types" stands for the
// check of all types. Says SKIPPED where what they need is missing.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2);
const browser = names.some((name) => ["pages", "use", "access", "program", "pictures", "worlds", "large", "numbers", "open", "toy", "program_toy"].includes(name));
const needed = names.includes("types") ? ["typescript"] : ["esbuild", ...(browser ? ["playwright-core", "axe-core"] : [])];
const missing = needed.filter((name) => !existsSync(join(here, "node_modules", name)));
if (missing.length > 0) {
  console.log(`SKIPPED: ${missing.join(", ")} of npm missing in ${here}: npm ci has not worked there`);
  process.exit(0);
}
if (browser && !process.env.XPROBER_CHROMIUM && !["/usr/bin/chromium", "/usr/bin/chromium-browser"].some((path) => existsSync(path))) {
  console.log("SKIPPED: there is no Chromium (apt-get install chromium)");
  process.exit(0);
}
if (names.includes("types")) {
  const checked = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit"], { cwd: here, stdio: "inherit" });
  process.exit(checked.status ?? 1);
}
const out = join(here, `dist-test-${names.join("-")}`);
execFileSync(process.execPath, ["build.mjs", "--tests", out, ...names], { cwd: here, stdio: "inherit" });
// Side by side: a browser waits for most of its time.
const run = (name) =>
  new Promise((done) => {
    spawn(process.execPath, ["--test", join(out, `${name}.test.mjs`)], { cwd: here, stdio: "inherit" }).on("exit", (code) => done(code ?? 1));
  });
process.exit(Math.max(...(await Promise.all(names.map(run)))));
