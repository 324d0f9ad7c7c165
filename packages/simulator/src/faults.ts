import {
  type Fields,
  fields,
  finiteNumber,
  LONGEST,
  oneOf,
  optionalCount,
  optionalFlag,
  optionalText,
  SimulatorOptionError,
} from "./options.js";
import { CUSTOM_SEND } from "./paths.js";
import { type Random, seededRandom } from "./random.js";

/**
 * What WeChat and networks do to a call. "Processed" means that the call does its work (a message arrives),
 * whatever the caller gets to see.
 */
export const FAULT_KINDS = [
  /** errcode -1, not processed. */
  "busy",
  /** errcode -1 although the call was processed. */
  "busy-delivered",
  /** errcode 42001, not processed. */
  "token-expired",
  /** errcode 40001, not processed. */
  "token-superseded",
  /** TCP reset once the request has arrived, not processed. */
  "reset-before",
  /** Processed, then TCP reset instead of an answer. */
  "reset-after",
  /** No answer ever; processed with `delivered`. */
  "stall",
  /** HTTP 502 with an HTML page; processed with `delivered`. */
  "http-502",
  /** HTTP 200 with an HTML page; processed with `delivered`. */
  "html-200",
  /** HTTP 200 with the first half of a JSON answer; processed with `delivered`. */
  "truncated-json",
  /** Processed at once; the normal answer comes `delayMs` later. */
  "slow",
  /** The errcode given, not processed. */
  "errcode",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What befalls a push on its way to the callback. */
export const PUSH_FAULT_KINDS = [
  /** A push to the callback is lost. */
  "push-drop",
  /** A push comes twice at the same time, with the same MsgId, each with its own nonce and tries. */
  "push-duplicate",
  /** A push waits until another one of the account is through, at most `delayMs`. */
  "push-reorder",
  /** A push comes `delayMs` late. */
  "push-slow",
  /** A push comes once, with signatures that are wrong, as a forger would make them. */
  "push-signature",
  /** When a push is through, the very same request comes once more, as from someone who has recorded it. */
  "push-replay",
] as const;
export type PushFaultKind = (typeof PUSH_FAULT_KINDS)[number];

type AnyKind = FaultKind | PushFaultKind;

const DEFAULT_SLOW_MS = 1000;
/** In place of an endpoint's path: what a push is struck by. */
export const PUSHES = "push";

export interface FaultOptions {
  kind: FaultKind | PushFaultKind;
  /** The endpoint's path, or `*` for every endpoint. Default `/cgi-bin/message/custom/send`. Not for `push-` faults. */
  path?: string;
  /** Only calls of this account. */
  appId?: string;
  /** Only calls for this follower. */
  openid?: string;
  /** How often it strikes. Default 1; with `every` or `rate` without end. */
  times?: number;
  /** It strikes every n-th matching call. */
  every?: number;
  /** It strikes a matching call with this probability (0 to 1), from the simulator's seed. */
  rate?: number;
  /** Milliseconds of real time before the answer, the reset or the push. Default 0; `slow`, `push-slow`, `push-reorder` 1000. */
  delayMs?: number;
  /** For `stall`, `http-502`, `html-200`, `truncated-json`: the call is processed all the same. Default false. */
  delivered?: boolean;
  /** For `errcode`: the code. */
  errcode?: number;
  /** For `errcode`: the text, without rid. Default: that of the code. */
  errmsg?: string;
}

const MAY_DELIVER: readonly AnyKind[] = ["stall", "http-502", "html-200", "truncated-json"];
const DELIVERS: readonly AnyKind[] = ["busy-delivered", "reset-after", "slow"];
const LATE: readonly AnyKind[] = ["slow", "push-slow", "push-reorder"];

/** A fault that strikes the present call. */
export interface Strike {
  readonly kind: AnyKind;
  readonly delayMs: number;
  /** The call is processed before the answer is spoilt. */
  readonly processed: boolean;
  readonly errcode: number;
  readonly errmsg?: string;
}

export interface FaultState {
  readonly id: string;
  readonly kind: AnyKind;
  readonly path: string;
  readonly seen: number;
  readonly struck: number;
  /** How often it will still strike; "always" when without end. */
  readonly left: number | "always";
}

interface Fault {
  readonly id: string;
  readonly options: FaultOptions;
  readonly path: string;
  readonly strike: Strike;
  readonly random: Random;
  left: number;
  seen: number;
  struck: number;
}

interface FaultedCall {
  readonly path: string;
  readonly appId: string | undefined;
  readonly openid: string | undefined;
}

/** Faults in the order given: a call is struck by the first that matches and strikes, and by that one only. */
export class Faults {
  private queue: Fault[] = [];
  private lastId = 0;

  constructor(
    private readonly seed: number,
    private readonly changed: () => void = () => {},
  ) {}

  /**
   * @returns its id, and the path whose calls it waits for
   * @throws SimulatorOptionError naming the field.
   */
  add(options: FaultOptions): { id: string; path: string } {
    const read = readFaultOptions(options);
    this.lastId++;
    const id = `fault-${this.lastId}`;
    const path = ofPush(read.kind) ? PUSHES : (read.path ?? CUSTOM_SEND);
    const endless = read.every !== undefined || read.rate !== undefined;
    this.queue.push({
      id,
      options: read,
      path,
      strike: strikeOf(read),
      // A stream of its own: what one fault draws does not shift the others.
      random: seededRandom(this.seed + this.lastId * 0x9e3779b9),
      left: read.times ?? (endless ? Number.POSITIVE_INFINITY : 1),
      seen: 0,
      struck: 0,
    });
    this.changed();
    return { id, path };
  }

  clear(): void {
    this.queue = [];
    this.changed();
  }

  /** Takes one back. @throws SimulatorOptionError when there is none of this id */
  remove(id: string): void {
    const at = this.queue.findIndex((fault) => fault.id === id);
    if (at < 0) throw new SimulatorOptionError("id", `there is no fault "${id}"; GET /simulator/faults lists them`);
    this.queue.splice(at, 1);
    this.changed();
  }

  take(call: FaultedCall): Strike | undefined {
    for (const fault of this.queue) {
      if (!matches(fault, call) || fault.left <= 0) continue;
      fault.seen++;
      const { every, rate } = fault.options;
      if (every !== undefined && fault.seen % every !== 0) continue;
      if (rate !== undefined && fault.random() >= rate) continue;
      fault.left--;
      fault.struck++;
      return fault.strike;
    }
    return undefined;
  }

  list(): readonly FaultState[] {
    return this.queue.map(({ id, options, path, seen, struck, left }) => ({
      id,
      kind: options.kind,
      path,
      seen,
      struck,
      left: left === Number.POSITIVE_INFINITY ? "always" : left,
    }));
  }
}

function matches({ path, options }: Fault, call: FaultedCall): boolean {
  return (
    (path === call.path || (path === "*" && call.path !== PUSHES)) &&
    (options.appId === undefined || options.appId === call.appId) &&
    (options.openid === undefined || options.openid === call.openid)
  );
}

function ofPush(kind: AnyKind): boolean {
  return PUSH_FAULT_KINDS.some((known) => known === kind);
}

function strikeOf(options: FaultOptions): Strike {
  const codes: Partial<Record<AnyKind, number>> = { "token-expired": 42001, "token-superseded": 40001 };
  return {
    kind: options.kind,
    delayMs: options.delayMs ?? (LATE.includes(options.kind) ? DEFAULT_SLOW_MS : 0),
    processed: DELIVERS.includes(options.kind) || options.delivered === true,
    errcode: options.errcode ?? codes[options.kind] ?? -1,
    ...(options.errmsg === undefined ? {} : { errmsg: options.errmsg }),
  };
}

const FAULT_FIELDS = [
  "kind",
  "path",
  "appId",
  "openid",
  "times",
  "every",
  "rate",
  "delayMs",
  "delivered",
  "errcode",
  "errmsg",
] as const;

export function readFaultOptions(value: unknown): FaultOptions {
  const given = fields(value, "fault", FAULT_FIELDS);
  const kind = oneOf(given.kind, "fault.kind", [...FAULT_KINDS, ...PUSH_FAULT_KINDS]);
  const path = optionalText(given.path, "fault.path", LONGEST.url);
  if (path !== undefined && path !== "*" && !path.startsWith("/")) {
    throw new SimulatorOptionError("fault.path", 'give a path such as /cgi-bin/stable_token, or "*"');
  }
  if (path !== undefined && ofPush(kind))
    throw new SimulatorOptionError("fault.path", `"${kind}" strikes pushes, not calls`);
  const delivered = optionalFlag(given.delivered, "fault.delivered");
  if (delivered !== undefined && !MAY_DELIVER.includes(kind)) {
    throw new SimulatorOptionError("fault.delivered", `is for ${MAY_DELIVER.join(", ")}; "${kind}" says itself`);
  }
  return {
    kind,
    path,
    delivered,
    appId: optionalText(given.appId, "fault.appId"),
    openid: optionalText(given.openid, "fault.openid"),
    times: optionalCount(given.times, "fault.times", 1),
    every: optionalCount(given.every, "fault.every", 1),
    rate: readRate(given.rate),
    delayMs: readDelay(given.delayMs),
    ...readErrcode(kind, given),
  };
}

function readRate(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const rate = finiteNumber(value, "fault.rate");
  if (rate < 0 || rate > 1) throw new SimulatorOptionError("fault.rate", "give a probability from 0 to 1");
  return rate;
}

function readDelay(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const delay = finiteNumber(value, "fault.delayMs");
  if (delay < 0 || delay > 2 ** 31 - 1)
    throw new SimulatorOptionError("fault.delayMs", "give milliseconds from 0 to 2147483647");
  return delay;
}

function readErrcode(kind: AnyKind, given: Fields): Pick<FaultOptions, "errcode" | "errmsg"> {
  if (kind !== "errcode") {
    for (const name of ["errcode", "errmsg"]) {
      if (given[name] !== undefined) throw new SimulatorOptionError(`fault.${name}`, 'is for the kind "errcode"');
    }
    return {};
  }
  const errcode = finiteNumber(given.errcode, "fault.errcode");
  if (!Number.isInteger(errcode) || errcode === 0) {
    throw new SimulatorOptionError("fault.errcode", "give a whole number other than 0");
  }
  if (given.errmsg === undefined) return { errcode };
  if (typeof given.errmsg !== "string") throw new SimulatorOptionError("fault.errmsg", "give a string");
  return { errcode, errmsg: given.errmsg };
}
