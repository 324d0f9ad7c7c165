import { readAccountOptions } from "./accounts.js";
import { readAgentOptions } from "./agents.js";
import { readFaultOptions } from "./faults.js";
import { readFollowerOptions } from "./followers.js";
import { readMediaOptions } from "./media.js";
import { readMenu } from "./menus.js";
import {
  fields,
  finiteNumber,
  isObject,
  oneOf,
  optionalFlag,
  optionalString,
  optionalText,
  SimulatorOptionError,
  text,
} from "./options.js";
import { readAction } from "./push/actions.js";
import { CALLBACK_FIELDS, readCallbackOptions } from "./push/callback.js";
import { SCENES } from "./reply-window.js";
import { describeWorld } from "./state.js";
import type { World } from "./world.js";

const DEFAULT_LEDGER_ENTRIES = 1000;

/** What an action returns, perhaps later, is the answer's JSON. @throws SimulatorOptionError naming the field */
export type Action = (input: unknown, world: World, query: URLSearchParams) => unknown;

/** The control API: path, then method. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  "/simulator/state": { GET: (_input, world) => describeWorld(world) },
  "/simulator/ledger": {
    GET: (_input, { ledger }, query) => {
      const limit = ledgerLimit(query.get("limit"));
      const [calls, messages] = [ledger.calls.slice(-limit), ledger.messages.slice(-limit)];
      const [pushes, lines] = [ledger.pushes.slice(-limit), ledger.lines.slice(-limit)];
      return { calls, messages, pushes, lines, totals: ledger.totals };
    },
    DELETE: (_input, { ledger }) => {
      ledger.clear();
      return { totals: ledger.totals };
    },
  },
  "/simulator/clock": { GET: (_input, { clock }) => ({ now: clock.now() }), POST: moveClock },
  "/simulator/accounts": {
    GET: (_input, world) => ({ accounts: describeWorld(world).accounts }),
    POST: (input, world) => {
      const account = readAccountOptions(input);
      world.addAccount(account);
      return { appId: account.appId };
    },
  },
  "/simulator/followers": {
    GET: (_input, world) => ({
      accounts: describeWorld(world).accounts.map(({ appId, followers }) => ({ appId, followers })),
    }),
    POST: (input, world) => {
      const follower = readFollowerOptions(input);
      world.addFollower(follower);
      return { openid: follower.openid };
    },
  },
  "/simulator/media": {
    POST: (input, world) => {
      const media = readMediaOptions(input);
      world.addMedia(media);
      return { mediaId: media.mediaId };
    },
  },
  "/simulator/act": { POST: act },
  "/simulator/callback": { POST: setCallback, DELETE: removeCallback },
  "/simulator/pushed": {
    GET: async (_input, { pusher, ledger }) => {
      await pusher.settled();
      return { pushes: ledger.totals.pushes };
    },
  },
  "/simulator/interact": { POST: interact },
  "/simulator/transfer": { POST: transfer },
  "/simulator/switch-session": { POST: switchSession },
  "/simulator/agents": {
    POST: (input, world) => {
      const agent = readAgentOptions(input);
      world.changeAgent(agent);
      return { kfAccount: agent.kfAccount };
    },
  },
  "/simulator/faults": {
    GET: (_input, world) => ({ seed: world.settings.seed, faults: world.faults.list() }),
    POST: (input, world) => world.faults.add(readFaultOptions(input)),
    DELETE: (_input, { faults }, query) => {
      const id = query.get("id");
      if (id === null) faults.clear();
      else faults.remove(id);
      return { faults: faults.list() };
    },
  },
  "/simulator/menu": {
    GET: (_input, { accounts }) => ({
      menus: [...accounts.values()].map(({ appId, menu }) => ({ appId, menu: menu ?? null })),
    }),
    POST: setMenu,
    DELETE: (_input, world, query) => {
      world.setMenu(undefined, query.get("appId") ?? undefined);
      return { menu: null };
    },
  },
  "/simulator/tokens": { POST: changeTokens },
};

function ledgerLimit(value: string | null): number {
  if (value === null) return DEFAULT_LEDGER_ENTRIES;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new SimulatorOptionError("limit", "give a whole number from 1");
  return Number(value);
}

function moveClock(input: unknown, { clock }: World): unknown {
  const given = fields(input, "clock", ["advance", "set"]);
  if ((given.advance === undefined) === (given.set === undefined)) {
    throw new SimulatorOptionError("clock", "give either advance or set, in milliseconds");
  }
  if (given.advance !== undefined) clock.advance(finiteNumber(given.advance, "clock.advance"));
  else clock.set(finiteNumber(given.set, "clock.set"));
  return { now: clock.now() };
}

function interact(input: unknown, world: World): unknown {
  const given = fields(input, "interact", ["openid", "scene", "appId", "text"]);
  const openid = text(given.openid, "interact.openid");
  const scene = oneOf(given.scene, "interact.scene", SCENES);
  world.interact(openid, scene, {
    appId: optionalText(given.appId, "interact.appId"),
    text: optionalString(given.text, "interact.text"),
  });
  return { openid, scene };
}

/** The action's fields stand beside who does it. */
function act(input: unknown, world: World): unknown {
  if (!isObject(input)) throw new SimulatorOptionError("act", "give an object");
  const { openid, appId, ...action } = input;
  return world.act(text(openid, "act.openid"), readAction(action), optionalText(appId, "act.appId"));
}

async function setCallback(input: unknown, world: World): Promise<unknown> {
  const given = fields(input, "callback", [...CALLBACK_FIELDS, "appId"]);
  if (given.callback === undefined) throw new SimulatorOptionError("callback.callback", "give the URL");
  await world.setCallback(
    readCallbackOptions(given, (field) => `callback.${field}`),
    optionalText(given.appId, "callback.appId"),
  );
  return { callback: given.callback };
}

async function removeCallback(_input: unknown, world: World, query: URLSearchParams): Promise<unknown> {
  await world.setCallback({}, query.get("appId") ?? undefined);
  return { callback: null };
}

/** The menu's `button` stands beside the account. */
function setMenu(input: unknown, world: World): unknown {
  const { appId, ...menu } = fields(input, "menu", ["appId", "button"]);
  const read = readMenu(menu);
  world.setMenu(read, optionalText(appId, "menu.appId"));
  return { menu: read };
}

function switchSession(input: unknown, world: World): unknown {
  const given = fields(input, "session", ["openid", "kfAccount", "appId"]);
  const [openid, kfAccount] = [text(given.openid, "session.openid"), text(given.kfAccount, "session.kfAccount")];
  world.switchSession(openid, kfAccount, optionalText(given.appId, "session.appId"));
  return { openid, kfAccount };
}

function transfer(input: unknown, world: World): unknown {
  const given = fields(input, "transfer", ["openid", "appId"]);
  const openid = text(given.openid, "transfer.openid");
  world.transfer(openid, optionalText(given.appId, "transfer.appId"));
  return { openid };
}

function changeTokens(input: unknown, world: World): unknown {
  const given = fields(input, "tokens", ["action", "appId", "kind", "repeat"]);
  const action = oneOf(given.action, "tokens.action", ["kill", "force", "expire"] as const);
  const account = world.account(optionalText(given.appId, "tokens.appId"));
  const kind = given.kind === undefined ? "stable" : oneOf(given.kind, "tokens.kind", ["stable", "classic"] as const);
  const repeat = optionalFlag(given.repeat, "tokens.repeat") ?? false;
  const now = world.clock.now();
  if (action === "kill") world.tokens.kill(account, kind, now, { repeat, errcode: 40001 });
  else if (action === "expire") world.tokens.expire(account, now);
  else world.tokens.stable(account, true, now);
  return { appId: account.appId, tokens: world.tokens.describe(account, now) };
}
