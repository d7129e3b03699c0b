// The README's pictures: pages of a program that runs, as tests/system/pictures.py and test_pages.py start it.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { visit } from "./browser.ts";
import { withPalette } from "./palette.ts";

interface Picture {
  name: string;
  path: string;
  /** What is there once the page is whole. */
  shows: string;
  height: number;
  dark?: boolean;
}

/** `failing` is the number of the target whose page is shown. */
function pictures(failing: string): Picture[] {
  return [
    { name: "now", path: "/", shows: "[data-incident]", height: 720 },
    { name: "map", path: "/map", shows: "[data-from]", height: 900 },
    { name: "target", path: `/target/${failing}?range=15m`, shows: "#sources [data-evidence]", height: 1400 },
    { name: "system", path: "/system", shows: "[data-edge] text", height: 900, dark: true },
  ];
}

/** Takes them of the server at `base` into a folder: the names of their files. */
export async function takePictures(base: string, failing: string, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const taken: string[] = [];
  for (const { name, path, shows, height, dark = false } of pictures(failing)) {
    const { page, end } = await visit(base, path, { dark, height });
    await page.locator(shows).first().waitFor();
    await page.waitForFunction(() => document.querySelector(".loading") === null);
    await page.waitForTimeout(500); // the plots' legends, and a second reading of what is counted
    writeFileSync(join(folder, `${name}.png`), withPalette(await page.screenshot()));
    taken.push(`${name}.png`);
    await end();
  }
  return taken;
}
