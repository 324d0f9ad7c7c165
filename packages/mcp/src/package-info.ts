import { readFileSync } from "node:fs";
import * as z from "zod";

const packageJson = z.object({ name: z.string(), displayName: z.string(), version: z.string() });

/** Name, title and version as package.json has them: what `--version` prints and what the server says it is. */
export const packageInfo = packageJson.parse(
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")),
);
