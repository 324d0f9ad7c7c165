import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./tarballs.js";

/** A fenced block of a Markdown file. */
export interface Block {
  /** What stands after the fence, such as `sh`. */
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a package's README, in their order. */
export async function readmeBlocks(name: string): Promise<Block[]> {
  const text = await readFile(join(repository, "packages", name, "README.md"), "utf8");
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].map(([, language = "", code = ""]) => ({ language, code }));
}

/** The first block of a language. Throws if there is none. */
export async function readmeBlock(name: string, wanted: string): Promise<string> {
  const found = (await readmeBlocks(name)).find(({ language }) => language === wanted);
  if (!found) throw new Error(`the README of ${name} has no ${wanted} block`);
  return found.code;
}
