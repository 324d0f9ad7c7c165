// Puts the styles of the phone beside its scripts: `node packages/simulator/build.mjs`, after `tsc -b`.
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const folder = (name) => fileURLToPath(new URL(`${name}/phone/`, import.meta.url));

await mkdir(folder("dist"), { recursive: true });
for (const name of await readdir(folder("src"))) {
  if (name.endsWith(".css")) await copyFile(folder("src") + name, folder("dist") + name);
}
