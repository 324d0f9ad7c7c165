import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { Inbox } from "@wechat-offiaccount/core";
import { onTestFinished } from "vitest";
import { IdempotencyKeys } from "../../src/safety/idempotency.js";
import { RateLimiter } from "../../src/safety/rate.js";
import { serverFactory } from "../../src/server.js";
import { DEFAULT_SETTINGS, type Settings } from "../../src/settings.js";
import type { ToolAccount } from "../../src/tools/account-tools.js";
import type { Guards } from "../../src/tools/outgoing.js";
import { toolResult } from "../../src/tools/result.js";
import type { Desk } from "../../src/tools/tools.js";
import { APP_ID } from "./conversations.js";
import { fakeClient } from "./fake-client.js";

/** An account that may write to nobody, and has what the test gives. */
export function accountOf(given: Partial<ToolAccount> = {}): ToolAccount {
  const ownNotes = new Inbox({ appId: APP_ID });
  return {
    name: undefined,
    client: fakeClient().client,
    recipients: { kind: "nobody" },
    templateRecipients: { kind: "nobody" },
    notes: ownNotes,
    ownNotes,
    ...given,
  };
}

export const deskOf = (
  account: Partial<ToolAccount> = {},
  settings: Partial<Settings> = {},
  audit?: Desk["audit"],
): Desk => ({ settings: { ...DEFAULT_SETTINGS, ...settings }, accounts: [accountOf(account)], audit });

/** The guards of an account without limits, keys of its own, and what the test gives. */
export function guardsOf(given: Partial<Guards> = {}): Guards {
  const notes = new Inbox({ appId: APP_ID });
  const none = { perFollower: undefined, total: undefined };
  return {
    dryRun: false,
    confirm: "off",
    rate: new RateLimiter(none, { shared: notes, own: notes }),
    keys: new IdempotencyKeys(notes, toolResult),
    ...given,
  };
}

/** A host that is connected to the desk in this process; closed after the test. */
export async function hostOf(
  desk: Desk,
  options: ClientOptions = {},
  prepare: (host: Client) => void = () => {},
): Promise<Client> {
  const server = serverFactory(desk)();
  const host = new Client({ name: "test-host", version: "1.0.0" }, options);
  prepare(host);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(ours);
  await host.connect(theirs);
  onTestFinished(() => host.close());
  return host;
}
