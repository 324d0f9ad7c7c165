import { readdir, readFile } from "node:fs/promises";

/** A node of an example, as its file holds it. */
export interface ExampleNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly z?: string;
  readonly [property: string]: unknown;
}

const FOLDER = new URL("../../../../examples/node-red/", import.meta.url);

/** The files of all examples, as the import menu orders them. */
export const EXAMPLES: readonly string[] = (await readdir(FOLDER)).sort();

/** An example by its file, or by the number that its file begins with. */
export async function readExample(name: string): Promise<ExampleNode[]> {
  const file = EXAMPLES.find((file) => file.startsWith(name));
  if (file === undefined) throw new Error(`there is no example ${name}`);
  return JSON.parse(await readFile(new URL(file, FOLDER), "utf8"));
}
