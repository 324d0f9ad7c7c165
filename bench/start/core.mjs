// Clients of WeChat: a process that imports one and makes a client; and what importing alone costs.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MANIFEST } from "../send/peers.mjs";
import { run } from "./install.mjs";
import { SAYS_READY, saidReady, started } from "./measure.mjs";

const ACCOUNT = '"wx0123456789abcdef", "0123456789abcdef0123456789abcdef"';
const FROM_COMMONJS = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
const peer = (name) => `${name}@${MANIFEST.dependencies[name]}`;
const program = (packages, source, more) => ({
  packages,
  entry: "program.mjs",
  source: `${source}\n${SAYS_READY}\n`,
  ...more,
});

/** The first is what the others are compared with. */
export const clients = (ours) => ({
  "Node alone": program([], ""),
  zod: program(["zod@4"], 'import * as z from "zod"; z.object({ name: z.string() });'),
  undici: program(["undici@7"], 'import { Pool } from "undici"; new Pool("http://127.0.0.1");'),
  "@wechat-offiaccount/core": program(
    [ours.core],
    `import { WeChatClient } from "@wechat-offiaccount/core";
    const [appId, appSecret] = [${ACCOUNT}]; new WeChatClient({ appId, appSecret });`,
  ),
  "wechat-api": program([peer("wechat-api")], `${FROM_COMMONJS} new (require("wechat-api"))(${ACCOUNT});`),
  "co-wechat-api": program([peer("co-wechat-api")], `${FROM_COMMONJS} new (require("co-wechat-api"))(${ACCOUNT});`),
  "node-easywechat": program(
    [peer("node-easywechat")],
    `${FROM_COMMONJS} const { OfficialAccount } = require("node-easywechat");
    const [app_id, secret] = [${ACCOUNT}]; new OfficialAccount({ app_id, secret }).getClient();`,
    { manifest: { overrides: MANIFEST.overrides } },
  ),
});

export const startClient = (folder, { entry }) => started([entry], { cwd: folder, env: process.env }, saidReady);

/** Time and memory of importing what the arguments name, in a process that has done nothing else. */
const IMPORT = `
const before = process.memoryUsage.rss();
const began = performance.now();
for (const name of process.argv.slice(2)) await import(name);
const time = performance.now() - began;
console.log(JSON.stringify({ time, memory: process.memoryUsage.rss() - before }));
`;

/** @param folder where core is installed, and zod with it */
export async function imports(folder) {
  await writeFile(join(folder, "import.mjs"), IMPORT);
  const importing = (...modules) => {
    return async () => JSON.parse(run(process.execPath, ["import.mjs", ...modules], folder));
  };
  const core = "@wechat-offiaccount/core";
  return { zod: importing("zod"), core: importing(core), "zod, then core": importing("zod", core) };
}
