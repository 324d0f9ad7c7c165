import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { AccountOptions } from "./accounts.js";
import { type AgentOptions, readAgentOptions } from "./agents.js";
import { Api } from "./api.js";
import { isLoopbackName } from "./browser-guard.js";
import { type Clock, createClock, movable } from "./clock.js";
import { CONTROL_PREFIX, Control } from "./control.js";
import type { FaultOptions } from "./faults.js";
import { type FollowerOptions, readFollowerOptions } from "./followers.js";
import type { Ledger } from "./ledger.js";
import { type Limits, readLimits } from "./limits.js";
import { type MediaOptions, readMediaOptions } from "./media.js";
import { type MenuOptions, readMenu } from "./menus.js";
import { fields, oneOf, optionalCount, optionalFlag, SimulatorOptionError } from "./options.js";
import { type FollowerAction, readAction } from "./push/actions.js";
import { CALLBACK_FIELDS, type CallbackOptions, readCallbackOptions } from "./push/callback.js";
import { type QuotaRule, SCENES, type Scene } from "./reply-window.js";
import type { DeadTokenCode, TokenKind } from "./tokens.js";
import { type Acted, DEFAULT_APP_ID, DEFAULT_APP_SECRET, type Interaction, World } from "./world.js";

export interface SimulatorOptions {
  /** TCP port. Default 0: any free one. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** The time that windows, quotas and token lives follow. Default: the system's, movable. */
  clock?: Clock | Pick<Clock, "now">;
  /** The accounts. Default: one, with DEFAULT_APP_ID and DEFAULT_APP_SECRET. Each has DEFAULT_FOLLOWER. */
  accounts?: readonly AccountOptions[];
  /** False: messages are not counted (no 45047), for load tests; the time of the window still holds. Default true. */
  replyQuota?: boolean;
  /** How the quotas of several interactions combine, which no source says. Default `reset`, the careful reading. */
  quotaRule?: QuotaRule;
  /** Differences from WeChat's limits, for all accounts. */
  limits?: Partial<Limits>;
  /** Calls, and messages, that the ledger keeps; the oldest go first. Default 200 000 (about 1 kB each). */
  ledgerSize?: number;
  /** Seed of the faults that strike at random (`rate`). Default: a random one, see `Simulator.seed`. */
  seed?: number;
  /**
   * Gets a line for each push that failed (what, why, and what to do), and one when a follower first acts on an account
   * without callback. No line holds a secret. Default: nobody; failed pushes are in the ledger too.
   */
  notice?: (line: string) => void;
}

export interface Simulator {
  /** For example `http://127.0.0.1:8787`, without a slash at the end. */
  readonly url: string;
  /** Give it to `createSimulator` to get the same random faults again. */
  readonly seed: number;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** Adds an account, or changes the settings of the one with this AppID. */
  addAccount(options: AccountOptions): void;
  /** Adds a follower, or begins anew with the one of this openid. */
  addFollower(options: FollowerOptions): void;
  /** Makes a media_id or article_id known, so that messages may use it. */
  addMedia(options: MediaOptions): void;
  /**
   * A follower does something, and WeChat pushes it to the account's callback, if there is one. It opens the same reply
   * windows as `interact`. Default account: the first that has the follower.
   * @throws SimulatorOptionError naming the field
   */
  act(openid: string, action: FollowerAction, appId?: string): Acted;
  /** Resolves when no push is under way: each was answered, or tried as often as WeChat does. `ledger.pushes` tells. */
  pushed(): Promise<void>;
  /**
   * Sets the callback of an account while running, as the console does: WeChat first asks the URL for an echostr.
   * Without a URL nothing is pushed any more.
   * @throws SimulatorOptionError when the URL does not give the echostr back; the callback is then as before
   */
  setCallback(options: CallbackOptions, appId?: string): Promise<void>;
  /** As if a follower had done something: each scene opens its reply window. Nothing is pushed. A string is the AppID. */
  interact(openid: string, scene: Scene, options?: string | Interaction): void;
  /**
   * Gives an account the custom menu (自定义菜单) that the phone shows, or takes it away. `menu` is what WeChat's
   * menu/create takes: `{ button: [{ type, name, key … , sub_button }] }`. Default account: the first.
   * @throws SimulatorOptionError naming the field
   */
  setMenu(menu: MenuOptions | undefined, appId?: string): void;
  /** As if the account had answered the follower with transfer_customer_service: the follower waits for an agent. */
  transfer(openid: string, appId?: string): void;
  /** An agent hands the follower to another agent, who must be online. */
  switchSession(openid: string, kfAccount: string, appId?: string): void;
  /** An agent answers an invitation, comes or goes. */
  changeAgent(options: AgentOptions): void;
  readonly tokens: {
    /** As if another party called stable_token with force_refresh: the limits hold. Returns the token it gets. */
    forceRefresh(appId?: string): string;
    /**
     * The current token is refused from now on. `repeat`: normal mode still hands it out. Defaults: `stable`, 40001.
     */
    kill(options?: { appId?: string; kind?: TokenKind; repeat?: boolean; errcode?: DeadTokenCode }): void;
    /** All tokens of the account end now (42001). */
    expire(appId?: string): void;
  };
  /** Adds a fault. @throws SimulatorOptionError naming the field. */
  inject(fault: FaultOptions): { id: string; path: string };
  clearFaults(): void;
  /** Ends all connections, also stalled ones, and the pushes under way. */
  close(): Promise<void>;
}

/**
 * Starts a local WeChat; it listens when the promise resolves.
 * @throws SimulatorOptionError for a bad option; the system's error (EADDRINUSE, EACCES …) when it cannot listen
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const world = createWorld(options);
  const host = options.host ?? "127.0.0.1";
  const api = new Api(world);
  const control = new Control(world, isLoopbackName(host));
  const server = createServer({ keepAlive: true, noDelay: true }, (req, res) => {
    const { path, query } = splitTarget(req.url ?? "/");
    if (path === CONTROL_PREFIX || path.startsWith(`${CONTROL_PREFIX}/`)) control.handle(req, res, path, query);
    else api.handle(req, res, path, query);
  });
  // Longer than a client's usual keep-alive, so that a pooled connection is not closed under a request.
  server.keepAliveTimeout = 75_000;
  const port = optionalCount(options.port, "port", 0) ?? 0;
  if (port > 65_535) throw new SimulatorOptionError("port", "give a port from 0 to 65535");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  world.host = `${reachable(host)}:${bound}`;

  return {
    url: `http://${world.host}`,
    seed: world.settings.seed,
    clock: world.clock,
    ledger: world.ledger,
    addAccount: (account) => world.addAccount(account),
    addFollower: (follower) => world.addFollower(readFollowerOptions(follower)),
    addMedia: (media) => world.addMedia(readMediaOptions(media)),
    act: (openid, action, appId) => world.act(openid, readAction(action), appId),
    pushed: () => world.pusher.settled(),
    setCallback: async (callback, appId) => {
      const given = fields(callback, "callback", CALLBACK_FIELDS);
      await world.setCallback(
        readCallbackOptions(given, (field) => `callback.${field}`),
        appId,
      );
    },
    interact: (openid, scene, options) => {
      const interaction = typeof options === "string" ? { appId: options } : options;
      world.interact(openid, oneOf(scene, "scene", SCENES), interaction);
    },
    setMenu: (menu, appId) => world.setMenu(menu === undefined ? undefined : readMenu(menu), appId),
    transfer: (openid, appId) => world.transfer(openid, appId),
    switchSession: (openid, kfAccount, appId) => world.switchSession(openid, kfAccount, appId),
    changeAgent: (agent) => world.changeAgent(readAgentOptions(agent)),
    tokens: {
      forceRefresh: (appId) => {
        const { value } = world.tokens.stable(world.account(appId), true, world.clock.now());
        world.changes.state();
        return value;
      },
      kill: ({ appId, kind = "stable", repeat = false, errcode = 40001 } = {}) => {
        world.tokens.kill(world.account(appId), kind, world.clock.now(), { repeat, errcode });
        world.changes.state();
      },
      expire: (appId) => {
        world.tokens.expire(world.account(appId), world.clock.now());
        world.changes.state();
      },
    },
    inject: (fault) => world.faults.add(fault),
    clearFaults: () => world.faults.clear(),
    close: async () => {
      api.close();
      control.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, world.pusher.close()]);
    },
  };
}

const OPTION_NAMES = [
  "port",
  "host",
  "clock",
  "accounts",
  "replyQuota",
  "quotaRule",
  "limits",
  "ledgerSize",
  "seed",
  "notice",
] as const satisfies readonly (keyof SimulatorOptions)[];

function createWorld(options: SimulatorOptions): World {
  fields(options, "options", OPTION_NAMES);
  const { clock = createClock(), accounts = [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET }] } = options;
  const seed = options.seed ?? randomInt(2 ** 32);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new SimulatorOptionError("seed", `give a whole number from 0 to ${2 ** 32 - 1}`);
  }
  const world = new World({
    clock: movable(clock),
    seed,
    quota: {
      rule: oneOf(options.quotaRule ?? "reset", "quotaRule", ["reset", "add"] as const),
      counted: optionalFlag(options.replyQuota, "replyQuota") ?? true,
    },
    limits: options.limits === undefined ? {} : readLimits(options.limits, "limits"),
    ledgerSize: optionalCount(options.ledgerSize, "ledgerSize", 1) ?? 200_000,
    notice: options.notice ?? (() => {}),
  });
  accounts.forEach((account, index) => {
    if (world.accounts.has(account.appId)) {
      throw new SimulatorOptionError(`accounts[${index}].appId`, `"${account.appId}" is given twice`);
    }
    world.addAccount(account, `accounts[${index}]`);
  });
  if (world.accounts.size === 0) throw new SimulatorOptionError("accounts", "give at least one account");
  return world;
}

function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf("?");
  return mark < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** An address under which this machine reaches `host`. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
