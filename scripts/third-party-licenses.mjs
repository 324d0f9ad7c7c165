// The notices of what a bundle of ours holds.
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Packages that come as one file, with what is inside it. */
const SINGLE_FILE = { "markdown-it": ["entities", "linkify-it", "mdurl", "punycode.js", "uc.micro"] };

/** What a package leaves out of its tarball is in our own folder, as its repository has it. */
const LEFT_OUT = new URL("./licenses/", import.meta.url);

/**
 * Their licences ask that the notice goes along with copies: those of the packages that were bundled, as one text.
 * @param {string} workingDir what the paths are relative to
 * @param {import("esbuild").Metafile["inputs"]} inputs of the bundles
 */
export async function thirdPartyLicenses(workingDir, inputs) {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  for (const folder of [...folders]) {
    const inside = SINGLE_FILE[basename(folder)] ?? [];
    for (const name of inside) folders.add(join(dirname(folder), name));
  }
  const notices = [];
  for (const folder of [...folders].map((path) => join(workingDir, path)).sort()) {
    const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const path = file ? join(folder, file) : new URL(`${name}.txt`, LEFT_OUT);
    notices.push(`${name} ${version}\n\n${(await readFile(path, "utf8")).trim()}\n`);
  }
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}
