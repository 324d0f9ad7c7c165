import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeAPI } from "node-red";
import type { FlowsGate } from "./flows-gate.js";

/** Answers a request to a path of its own. `since` is when it came in, as `performance.now()` tells. */
export type Listener = (request: IncomingMessage, response: ServerResponse, since: number) => void;

/** What an account wants to answer. */
export interface Claim {
  /** For the users of another account that wants the same path. */
  readonly name: string;
  readonly listener: Listener;
  /** Whether there are nodes for what comes: a deploy that was given up may have stopped them. */
  readonly isServed: () => boolean;
  /** Called at once, and when it changes: `rival` is who has the path; undefined: it is ours. */
  readonly onHolder: (rival: string | undefined) => void;
}

type App = NodeAPI["httpNode"];
type Next = (word?: unknown) => void;
type Middleware = (request: IncomingMessage & { readonly path: string }, response: ServerResponse, next: Next) => void;

/**
 * Milliseconds that a request waits for the flows to start: more than the 5 s after which WeChat hangs up and tries again.
 * No source says that it tries again what was answered with an error.
 */
const PATIENCE = 5_500;
const ROUTES = new WeakMap<App, Routes>();

/**
 * The paths of all accounts behind one permanent handler of Node-RED's HTTP nodes: nothing is added to or taken from
 * its router when flows are deployed. A path belongs to the account that claimed it first, until it is released.
 */
export class Routes {
  /** The holder first. A path whose accounts are being redeployed has nobody. */
  readonly #claims = new Map<string, Claim[]>();
  readonly #gate: FlowsGate;

  private constructor(app: App, gate: FlowsGate, middleware: readonly Middleware[]) {
    this.#gate = gate;
    const match: Middleware = ({ path }, _response, next) => next(this.#claims.has(path) ? undefined : "route");
    const serve: Middleware = (request, response, next) => {
      this.#serve(request, response, next).catch(next);
    };
    app.all(/.*/, match, ...middleware, serve);
  }

  /** One handler an application. @param settings the runtime's: its `httpNodeMiddleware` runs first, as for http in */
  static of(app: App, gate: FlowsGate, settings: object): Routes {
    const routes = ROUTES.get(app) ?? new Routes(app, gate, middlewareOf(settings));
    ROUTES.set(app, routes);
    return routes;
  }

  /** @returns releases it; who waits for the path gets it then */
  claim(path: string, claim: Claim): () => void {
    const claims = this.#claims.get(path) ?? [];
    this.#claims.set(path, claims);
    claims.push(claim);
    claim.onHolder(claims[0] === claim ? undefined : claims[0]?.name);
    return () => this.#release(path, claims, claim);
  }

  #release(path: string, claims: Claim[], claim: Claim): void {
    const index = claims.indexOf(claim);
    if (index < 0) return;
    claims.splice(index, 1);
    const holder = claims[0];
    if (index === 0) for (const waiting of claims) waiting.onHolder(waiting === holder ? undefined : holder?.name);
    if (!holder) this.#forgetUnlessClaimed(path);
  }

  /** Only once the flows run: until then the account is merely being redeployed, and WeChat's request waits for it. */
  async #forgetUnlessClaimed(path: string): Promise<void> {
    await this.#gate.passes(() => false);
    if (this.#claims.get(path)?.length === 0) this.#claims.delete(path);
  }

  async #serve(request: Parameters<Middleware>[0], response: ServerResponse, next: Next): Promise<void> {
    const since = performance.now();
    const isServed = () => this.#claims.get(request.path)?.[0]?.isServed() ?? false;
    if (!(await this.#gate.passes(isServed, PATIENCE))) {
      response.destroy();
      return;
    }
    const holder = this.#claims.get(request.path)?.[0];
    if (holder) holder.listener(request, response, since);
    else next();
  }
}

function middlewareOf(settings: object): Middleware[] {
  // One function, or a list of them, as Express takes it.
  const configured: unknown[] = [Reflect.get(settings, "httpNodeMiddleware")].flat(5);
  return configured.filter((item): item is Middleware => typeof item === "function");
}
