import type { ServerResponse } from "node:http";
import type { Node, NodeAPI } from "node-red";
import type { AccountSettings } from "./account-settings.js";
import { testConnection } from "./connection-test.js";
import { dialogSettings } from "./dialog-settings.js";
import { failureOf } from "./failure.js";
import { userDirOf } from "./user-dir.js";

/** Where the dialog asks for a test, below `httpAdminRoot`. */
const PATH = "/wechat-oa-account/test";
const PERMISSION = "wechat-oa-account.write";

/** An account that runs, with its settings. */
export interface Deployed {
  readonly node: Node;
  readonly settings: AccountSettings;
}

/**
 * Serves the dialog's button "Test connection". Each dialog has one test at a time, which ends when the dialog is
 * closed; that of Redis ends by its own time limit.
 * @param accounts those that run, by id
 */
export function serveConnectionTest(RED: NodeAPI, accounts: ReadonlyMap<string, Deployed>): void {
  const running = new Map<string, AbortController>();

  async function serve(asked: object, response: ServerResponse): Promise<void> {
    const dialog = textOf(asked, "dialog").slice(0, 100);
    running.get(dialog)?.abort();
    const controller = new AbortController();
    running.set(dialog, controller);
    response.once("close", () => controller.abort());
    try {
      const account = accounts.get(textOf(asked, "id"));
      // A dialog that is not deployed has no node to ask for its variables: those of any other account stand in, which
      // differ only where one lies in a tab or group with an environment of its own.
      const node = account?.node ?? accounts.values().next().value?.node;
      const variable = (name: string) => (node ? settingOf(RED, node, name) : environmentOf(RED, name));
      const settings = dialogSettings(asked, { deployed: account?.settings, variable });
      answer(response, 200, await testConnection(settings, userDirOf(RED.settings), controller.signal));
    } finally {
      if (running.get(dialog) === controller) running.delete(dialog);
    }
  }

  RED.httpAdmin.post(PATH, RED.auth.needsPermission(PERMISSION), (request, response) => {
    const asked: unknown = request.body;
    // A form of a foreign page can send anything but JSON.
    if (!request.is("application/json") || typeof asked !== "object" || asked === null) {
      answer(response, 400, {});
      return;
    }
    serve(asked, response).catch((error: unknown) => {
      RED.log.error(failureOf(error, "en").error.message);
      answer(response, 500, {});
    });
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

function settingOf(RED: NodeAPI, node: Node, name: string): string | undefined {
  const value: unknown = RED.util.getSetting(node, name);
  return value === undefined ? undefined : String(value);
}

/** As the runtime gives it to nodes: without what settings.js excludes. */
function environmentOf(RED: NodeAPI, name: string): string | undefined {
  const excluded: unknown = Reflect.get(RED.settings, "envVarExcludes");
  return Array.isArray(excluded) && excluded.includes(name) ? undefined : process.env[name];
}

function textOf(asked: object, field: string): string {
  const value: unknown = Reflect.get(asked, field);
  return typeof value === "string" ? value : "";
}
