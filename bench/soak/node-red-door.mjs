// Node-RED under soak, seen from the bench. It also receives for the MCP server over stdio, whose inbox it shares.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.mjs";

const SCRIPT = fileURLToPath(new URL("./node-red.mjs", import.meta.url));
/** Node-RED 5 needs Node 22. */
const RUNTIME = Number(process.versions.node.split(".")[0]) >= 24 ? "node-red-5" : "node-red";

/** @param inbox of each account, as the account's dialog has it */
export async function openNodeRedDoor({ own, other, callback, simulator, book, folder }) {
  const userDir = join(folder, "node-red");
  await mkdir(userDir);
  const given = JSON.stringify({ baseUrl: simulator.url, callback, own, other });
  const child = new Child("node-red", [SCRIPT, RUNTIME, userDir, given], { env: {}, folder });
  child.process.stdout.resume();
  const ready = new Promise((resolve) => {
    child.process.on("message", ({ ready, claim, trouble }) => {
      if (ready) resolve(ready);
      if (claim) book.claim(...claim);
      if (trouble) book.trouble(trouble);
    });
  });
  const started = await Promise.race([ready, child.ended.then(() => undefined)]);
  if (!started) throw new Error(`Node-RED did not start: ${child.stderr}`);
  for (const { appId } of [own, other]) {
    await simulator.setCallback({ callback: `${started.url}/flow/wechat/${appId}`, ...callback }, appId);
  }
  return {
    child,
    version: started.version,
    /** As a service manager does it; Node-RED stops its flows. */
    end: () => child.end(() => child.process.kill("SIGTERM")),
  };
}
