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

/** How long a person may take: the question is then asked anew. */
const PATIENCE_S = 600;
const ANSWER = "confirm";
/** No field to fill in: the host's own buttons are the answer. */
const FORM = { type: "object" as const, properties: {} };

const CAPABILITIES = z.object({ elicitation: z.looseObject({ form: z.unknown(), url: z.unknown() }).partial() });
const STATE = z.object({ digest: z.string() });
type State = z.infer<typeof STATE>;

/**
 * Asks the person behind a host. A host of 2026-07-28 calls the tool again with the answer, and with a state that we
 * sealed, so that an answer counts for the very call that was shown; an older one is asked while its call waits.
 */
export class Elicitation {
  readonly #codec: ReturnType<typeof createRequestStateCodec<State>>;

  /** @param key 32 bytes that all replicas of the server share, which a call may reach in turn */
  constructor(key: Uint8Array) {
    this.#codec = createRequestStateCodec<State>({ key, ttlSeconds: PATIENCE_S });
  }

  /** What is known of the person's answer to this call before it is handled. */
  async before(server: McpServer, ctx: ServerContext, tool: string, input: unknown): Promise<Confirmation> {
    if (!canAsk(server, ctx)) return "unsupported";
    const answer = inputResponse(ctx.mcpReq.inputResponses, ANSWER);
    if (answer.kind !== "elicit") return "unanswered";
    if (!(await this.#isOf(ctx, tool, input))) return "unanswered";
    return answer.action === "accept" ? "accepted" : "declined";
  }

  /** Whether the host is to be asked by a result, and calls again. */
  asksByResult({ mcpReq }: ServerContext): boolean {
    return mcpReq.envelope !== undefined;
  }

  /** The result that asks. */
  async question(ctx: ServerContext, tool: string, input: unknown, message: string) {
    return inputRequired({
      inputRequests: { [ANSWER]: inputRequired.elicit({ mode: "form", message, requestedSchema: FORM }) },
      requestState: await this.#codec.mint({ digest: digestOf([tool, input]) }, ctx),
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

  /** A state that is none of ours, too old, or of another call is no answer to this one. */
  async #isOf(ctx: ServerContext, tool: string, input: unknown): Promise<boolean> {
    try {
      const { digest } = await this.#codec.verify(ctx.mcpReq.requestState<string>() ?? "", ctx);
      return digest === digestOf([tool, input]);
    } catch {
      return false;
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
