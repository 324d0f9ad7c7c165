// What was pushed, what the agents say became of their answers, and what truly arrived. Each push must be taken up by an
// agent, and what the agent says of its answer must be so.
import { inBrackets, markIn } from "./answers.mjs";

/** Milliseconds. */
const OVERDUE = 60_000;
const SHOWN = 10;

export class Book {
  #simulator;
  /** By mark; taken out when it is settled. */
  #open = new Map();
  /** Pushes of the ledger that have no outcome yet. */
  #pushes = [];
  #idle = () => {};
  doors = {};
  problems = [];

  constructor(simulator, doors) {
    this.#simulator = simulator;
    for (const name of doors) this.doors[name] = { pushed: 0, outcomes: {}, latencies: [], all: [] };
  }

  /**
   * A follower has done something.
   * @param freed called when it was taken up, so that the follower may go on
   */
  pushed(door, mark, freed) {
    this.doors[door].pushed++;
    this.#open.set(mark, { door, mark, at: this.#simulator.clock.now(), arrived: 0, freed });
  }

  /**
   * What an agent says of the push.
   * @param delivery of its answer; `seen` where there was nothing to answer
   * @param parts of the answer
   * @param code of the error
   */
  claim(mark, delivery, parts = 0, code = undefined) {
    const record = this.#open.get(mark);
    if (!record) return this.trouble(`the agent took up ${mark}, which was not pushed or is settled`);
    if (record.claim) return this.trouble(`the agent took up ${mark} twice`);
    record.claim = delivery;
    record.parts = parts;
    record.code = code;
    record.freed();
    if (this.pending === 0) this.#idle();
  }

  trouble(words) {
    this.problems.push(words);
    if (this.problems.length <= SHOWN) console.error(`PROBLEM  ${words}`);
  }

  /** Pushes that no agent has spoken of yet. */
  get pending() {
    let count = 0;
    for (const { claim } of this.#open.values()) if (!claim) count++;
    return count;
  }

  /** Resolves when all that was pushed is through and taken up, or is overdue. */
  async quiet() {
    await this.#simulator.pushed();
    if (this.pending > 0) {
      let timer;
      await new Promise((resolve) => {
        this.#idle = resolve;
        timer = setTimeout(resolve, OVERDUE);
      });
      clearTimeout(timer);
    }
    this.sweep();
  }

  /** Reads the ledger and empties it. */
  sweep() {
    const settled = [...this.#open.values()].filter(({ claim }) => claim);
    const { messages, pushes } = this.#simulator.ledger;
    for (const { text, time } of messages) this.#arrived(text, time);
    this.#pushes.push(...pushes);
    this.#simulator.ledger.clear();
    this.#pushes = this.#pushes.filter((push) => !this.#checked(push));
    // A claim comes after the arrival, so that all that these will ever have is in the ledger.
    for (const record of settled) {
      this.#open.delete(record.mark);
      this.#judge(record);
    }
  }

  #arrived(text, time) {
    const record = this.#open.get(markIn(text));
    if (!record) return this.trouble(`an answer arrived that belongs to no open push: ${text?.slice(0, 60)}`);
    record.arrived++;
    record.answeredAt ??= time;
  }

  #checked({ outcome, openid, tries, body }) {
    if (outcome === undefined) return false;
    const fine = outcome === "accepted" || outcome === "replied";
    if (!fine)
      this.trouble(
        `a push of ${openid} was ${outcome} (${tries.map(({ error, status }) => error ?? status)}): ${body.slice(0, 200)}`,
      );
    return true;
  }

  #judge({ door, mark, at, claim, parts, code, arrived, answeredAt }) {
    const book = this.doors[door];
    const outcome = code ? `${claim} (${code})` : claim;
    book.outcomes[outcome] = (book.outcomes[outcome] ?? 0) + 1;
    if (answeredAt !== undefined) {
      book.latencies.push(answeredAt - at);
      book.all.push(answeredAt - at);
    }
    const so = { delivered: arrived === parts, unknown: arrived <= parts, "not-delivered": arrived === 0, seen: true };
    if (!so[claim]) this.trouble(`${door}: ${inBrackets(mark)} is told as ${claim}, ${arrived} of ${parts} arrived`);
  }

  /** At the end: what nobody took up is lost. */
  close() {
    for (const { door, mark } of this.#open.values()) this.trouble(`${door}: ${inBrackets(mark)} is lost`);
  }

  /** Latencies of a door since the last call, in milliseconds. */
  takeLatencies(door) {
    return this.doors[door].latencies.splice(0);
  }
}
