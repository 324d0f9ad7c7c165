import { randomUUID } from "node:crypto";
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Confirmation } from "./safety/confirmation.js";
import { digestOf } from "./safety/digest.js";
import type { Notes } from "./safety/notes.js";

/** How long a person may take: the question is then asked anew. */
const PATIENCE_S = 600;
const ANSWER = "confirm";
/** No field to fill in: the host's own buttons are the answer. */
const FORM = { type: "object" as const, properties: {} };

const CAPABILITIES = z.object({ elicitation: z.looseObject({ form: z.unknown(), url: z.unknown() }).partial() });
/** What is sealed: the digest of tool and arguments, and what tells one question from every other. */
const STATE = z.strictObject({ digest: z.string(), nonce: z.string() });
type State = z.infer<typeof STATE>;

/**
 * Asks the person behind a host. A host of 2026-07-28 calls the tool again with the answer, and with a state that we
 * sealed, so that an answer counts for the very call that was shown; an older one is asked while its call waits.
 */
export class Elicitation {
  readonly #codec: ReturnType<typeof createRequestStateCodec<State>>;
  readonly #notes: Notes | undefined;

  /**
   * @param key 32 bytes that all replicas of the server share, which a call may reach in turn
   * @param notes where answers that were used are noted; without them none counts
   */
  constructor(key: Uint8Array, notes: Notes | undefined) {
    this.#notes = notes;
    this.#codec = createRequestStateCodec<State>({ key, ttlSeconds: PATIENCE_S });
  }

  /** What is known of the person's answer to this call before it is handled. */
  async before(server: McpServer, ctx: ServerContext, tool: string, input: unknown): Promise<Confirmation> {
    if (!canAsk(server, ctx)) return "unsupported";
    const answer = inputResponse(ctx.mcpReq.inputResponses, ANSWER);
    if (answer.kind !== "elicit") return "unanswered";
    const state = await this.#stateOf(ctx, tool, input);
    if (!state) return "unanswered";
    if (answer.action !== "accept") return "declined";
    return this.#used(state);
  }

  /** Whether the host is to be asked by a result, and calls again. */
  asksByResult({ mcpReq }: ServerContext): boolean {
    return mcpReq.envelope !== undefined;
  }

  /** The result that asks. */
  async question(ctx: ServerContext, tool: string, input: unknown, message: string) {
    return inputRequired({
      inputRequests: { [ANSWER]: inputRequired.elicit({ mode: "form", message, requestedSchema: FORM }) },
      requestState: await this.#codec.mint({ digest: digestOf([tool, input]), nonce: randomUUID() }, ctx),
    });
  }

  /** Asks while the call waits. */
  async ask({ mcpReq }: ServerContext, message: string): Promise<Confirmation> {
    try {
      const options = { signal: mcpReq.signal, timeout: PATIENCE_S * 1000 };
      const { action } = await mcpReq.elicitInput({ mode: "form", message, requestedSchema: FORM }, options);
      return action === "accept" ? "accepted" : "declined";
    } catch {
      return "failed";
    }
  }

  /** Undefined for a state that is none of ours, too old, or of another call: it is no answer to this one. */
  async #stateOf(ctx: ServerContext, tool: string, input: unknown): Promise<State | undefined> {
    try {
      const state = STATE.parse(await this.#codec.verify(ctx.mcpReq.requestState<string>() ?? "", ctx));
      return state.digest === digestOf([tool, input]) ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** One yes is for one message: a host that repeats its request has the person asked again. */
  async #used({ nonce }: State): Promise<Confirmation> {
    const mine = randomUUID();
    const take = (before: string | undefined) => (before === undefined ? mine : undefined);
    try {
      const first = await this.#notes?.amendNote(`confirmed ${nonce}`, take, PATIENCE_S * 1000);
      return first === mine ? "accepted" : "unanswered";
    } catch {
      return "unkept";
    }
  }
}

/** Whether the host declared that it can show a form; a bare `elicitation: {}` says so too. */
function canAsk({ server }: McpServer, { mcpReq }: ServerContext): boolean {
  const declared = mcpReq.envelope
    ? Reflect.get(mcpReq.envelope, CLIENT_CAPABILITIES_META_KEY)
    : server.getClientCapabilities();
  const elicitation = CAPABILITIES.safeParse(declared).data?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
