// Takes the README's pictures: tests/system/pictures.py says of which program, and where to.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { skip } from "./browser.ts";
import { takePictures } from "./pictures.ts";
import { sizeOf } from "./palette.ts";

const server = process.env["XPROBER_SERVER_URL"] ?? "";
const failing = process.env["XPROBER_FAILING"] ?? "";
const folder = process.env["XPROBER_PICTURES"] ?? "";
const missing = server && failing && folder ? skip : "no program is named: ./dev pictures does that";

test("the pictures are there, and small", { skip: missing }, async () => {
  const { targets } = (await (await fetch(`${server}/api/v1/targets?limit=1&target=${encodeURIComponent(failing)}`)).json()) as { targets: { uid: string }[] };
  for (const name of await takePictures(server, targets[0]?.uid ?? "", folder)) {
    const made = readFileSync(join(folder, name));
    assert.equal(sizeOf(made).width, 1280, name);
    assert.ok(made.length < 150 * 1024, `${name} has ${made.length} bytes`);
    console.log(`${name}: ${made.length} bytes`);
  }
});
