// An AI agent at an MCP client, without the AI: it waits for messages, reads and lists now and then, and answers.
import { answerTo } from "./answers.mjs";

/** So many of a hundred messages make the agent do this first. */
const READS = 10;
const LISTS = 4;
const KEYS = 20;
/** Of those with a key: called again, as after an answer that got lost. */
const REPEATS = 4;
/** Seconds. */
const WAIT = 20;

export class Agent {
  #book;
  #turn = 0;
  #working = new Set();
  /** Where it stands in the inbox; outlives its clients. */
  cursor = "0";

  /** @param mine tells whether the agent serves a follower; others are another agent's */
  constructor(book, mine = () => true) {
    this.#book = book;
    this.mine = mine;
  }

  /** Serves until `signal`; then what it has begun is finished, and the wait under way given up. */
  async serve(client, signal) {
    while (!signal.aborted) {
      const waited = await call(
        client,
        "wait_for_wechat_message",
        { after: this.cursor, timeout_seconds: WAIT },
        signal,
      )
        // Given up, or the server has gone.
        .catch((error) => (signal.aborted ? undefined : Promise.reject(error)));
      if (waited === undefined || signal.aborted) break;
      if (waited.status === "failed") throw new Error(`a wait failed: ${waited.message}`);
      this.cursor = waited.cursor;
      for (const message of waited.messages) if (this.mine(message.openid)) this.#take(client, message);
    }
    await Promise.all(this.#working);
  }

  #take(client, message) {
    const work = this.#handle(client, message)
      .catch((error) => this.#book.trouble(`an agent's call failed: ${error.message}`))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #handle(client, { openid, type, text, media_id: mediaId, event, event_key: eventKey }) {
    const turn = this.#turn++ % 100;
    const { mark, answer } = answerTo({ openid, type, text, mediaId, event, eventKey });
    if (answer === undefined) return this.#book.claim(mark, "seen");
    if (turn < READS) await call(client, "read_wechat_conversation", { openid, limit: 10, mark_read: true });
    if (turn < LISTS) await call(client, "list_wechat_conversations", { limit: 20 });
    const keyed = turn >= 100 - KEYS;
    const args = { openid, text: answer, ...(keyed && { idempotency_key: mark }) };
    const { delivery, parts, code } = await call(client, "send_wechat_text", args);
    if (keyed && turn >= 100 - REPEATS && delivery === "delivered") {
      const again = await call(client, "send_wechat_text", args);
      if (!again.duplicate) this.#book.trouble(`a repeated key gave ${again.delivery} ${again.code}`);
    }
    this.#book.claim(mark, delivery, parts.length, code);
  }
}

async function call(client, name, args, signal) {
  const { structuredContent, content } = await client.callTool({ name, arguments: args }, { signal });
  // With pictures a result has no structured content; its first block is the same JSON.
  return structuredContent ?? JSON.parse(content[0].text);
}
