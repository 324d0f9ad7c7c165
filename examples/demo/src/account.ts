import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";

/** The account of the local WeChat, as all three doors use it. */
export interface DemoAccount {
  /** Where all that the demo writes is. */
  readonly folder: string;
  /** Node-RED and the MCP server share it. */
  readonly inboxFile: string;
  readonly callbackToken: string;
  readonly encodingAESKey: string;
  /** What the doors take from the environment. */
  readonly env: Readonly<Record<"WECHAT_APP_ID" | "WECHAT_APP_SECRET" | "WECHAT_API_BASE_URL", string>>;
}

/** @param baseUrl of the local WeChat */
export function demoAccount(folder: string, baseUrl: string): DemoAccount {
  return {
    folder,
    inboxFile: join(folder, "inbox.db"),
    callbackToken: randomBytes(16).toString("hex"),
    // As WeChat's console makes it: 43 letters and digits.
    encodingAESKey: randomBytes(64).toString("base64").replace(/\W/g, "").slice(0, 43),
    env: { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: DEFAULT_APP_SECRET, WECHAT_API_BASE_URL: baseUrl },
  };
}
