import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readAccountOptions } from "./accounts.js";
import { readAgentOptions } from "./agents.js";
import { foreignRequest } from "./browser-guard.js";
import { readRequest, sendHtml, sendJson } from "./exchange.js";
import { readFaultOptions } from "./faults.js";
import { readFollowerOptions } from "./followers.js";
import { readMediaOptions } from "./media.js";
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
import { renderContent, renderPage } from "./page.js";
import { readAction } from "./push/actions.js";
import { CALLBACK_FIELDS, readCallbackOptions } from "./push/callback.js";
import { SCENES } from "./reply-window.js";
import { describeWorld } from "./state.js";
import type { World } from "./world.js";

export const CONTROL_PREFIX = "/simulator";
const PAGE = "/simulator/";
const CONTENT = "/simulator/content";
const NOT_STORED = ["Cache-Control", "no-store"];
const LARGEST_BODY = 1024 * 1024;
const DEFAULT_LEDGER_ENTRIES = 1000;

type Action = (input: unknown, world: World, query: URLSearchParams) => unknown;

/** The control API: path, then method. What an action returns, perhaps later, is the answer's JSON. */
const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
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
    DELETE: (_input, world) => {
      world.faults.clear();
      return { faults: [] };
    },
  },
  "/simulator/tokens": { POST: changeTokens },
};

/** Serves what is under `/simulator/`: the control API and the ledger page. */
export class Control {
  constructor(
    private readonly world: World,
    private readonly onLoopback: boolean,
  ) {}

  /** @param path the request's path without its query */
  handle(req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams): void {
    const foreign = foreignRequest(req.headers, this.onLoopback);
    if (foreign !== undefined) {
      req.resume();
      sendJson(res, JSON.stringify({ error: foreign }), 403);
      return;
    }
    if (path === PAGE || path === CONTENT || path === CONTROL_PREFIX) {
      req.resume();
      if (path === PAGE) this.page(res);
      else if (path === CONTENT) sendHtml(res, 200, renderContent(this.world), NOT_STORED);
      else redirect(res);
      return;
    }
    const methods = ACTIONS[path];
    const action = methods?.[req.method ?? "GET"];
    if (methods === undefined || action === undefined) {
      req.resume();
      const known = methods === undefined ? Object.keys(ACTIONS).join(", ") : Object.keys(methods).join(", ");
      const error = methods === undefined ? `unknown; there are ${known}` : `use ${known}`;
      sendJson(res, JSON.stringify({ error: `${path}: ${error}` }), methods === undefined ? 404 : 405);
      return;
    }
    if (Number(req.headers["content-length"] ?? 0) > LARGEST_BODY || req.headers["transfer-encoding"] !== undefined) {
      req.resume();
      sendJson(res, JSON.stringify({ error: `send at most ${LARGEST_BODY} bytes, with Content-Length` }), 413);
      return;
    }
    readRequest(req, (body) => {
      if (body !== undefined) void this.act(req, res, action, body.toString("utf8"), query);
    });
  }

  private async act(
    req: IncomingMessage,
    res: ServerResponse,
    action: Action,
    body: string,
    query: URLSearchParams,
  ): Promise<void> {
    try {
      const fromPage = isForm(req, body);
      const result = await action(
        fromPage ? Object.fromEntries(new URLSearchParams(body)) : parse(body),
        this.world,
        query,
      );
      if (fromPage) redirect(res);
      else sendJson(res, JSON.stringify(result));
    } catch (error) {
      // Anything but a bad option is a fault of this program: it must not look like an answer.
      if (!(error instanceof SimulatorOptionError)) throw error;
      sendJson(res, JSON.stringify({ error: error.message }), 400);
    }
  }

  private page(res: ServerResponse): void {
    const nonce = randomBytes(16).toString("base64");
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
    sendHtml(res, 200, renderPage(this.world, nonce), ["Content-Security-Policy", policy, ...NOT_STORED]);
  }
}

function redirect(res: ServerResponse): void {
  sendHtml(res, 303, "", ["Location", PAGE]);
}

/** A form of the page. `curl -d '{…}'` says the same content type, but means JSON, well written or not. */
function isForm(req: IncomingMessage, body: string): boolean {
  const form = req.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return form && /^\w+=[^&]*(?:&\w+=[^&]*)*$/.test(body);
}

function parse(body: string): unknown {
  if (body.trim() === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new SimulatorOptionError(
      "body",
      "it is no JSON; give a JSON object, with double quotes around names and texts",
    );
  }
}

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
