import type { ServerResponse } from "node:http";
import type { LedgerEntry, Listener } from "./changes.js";
import { ClockWatch } from "./clock-watch.js";
import type { Call, DeliveredMessage, PhoneLine } from "./ledger.js";
import { eventJson, newest, type PhoneState, phoneState, SHOWN, shown } from "./phone-news.js";
import type { Push } from "./push/record.js";
import type { World } from "./world.js";

/** More pages than anyone looks at. */
export const MOST_STREAMS = 32;
/** Milliseconds in which changes are gathered. */
const GATHER = 50;
/** The same while more happens than a page can show: it then gets everything anew. */
const GATHER_FLOOD = 1000;
/** Milliseconds between two signs of life. */
const BEAT = 15_000;
/** Beats after which a page that does not read is given up. */
const PATIENCE = 4;

interface Pending {
  readonly calls: Set<Call>;
  readonly pushes: Set<Push>;
  readonly messages: Set<DeliveredMessage>;
  readonly lines: Set<PhoneLine>;
}

/** A page that listens. */
interface Stream {
  readonly res: ServerResponse;
  /** The follower whose phone it is: always among those it is sent. */
  readonly openid: string | undefined;
  pending: Pending;
  /** It gets everything anew: it is new, or more has happened than is kept for it. */
  anew: boolean;
  /** Something has changed that it was not told. */
  dirty: boolean;
  /** Its connection takes no more at present. */
  full: boolean;
  /** Beats since it last took something. */
  missed: number;
}

/**
 * Tells the pages what happens, as server-sent events: `full` when one comes (also when it comes again), then `change`.
 * What waits for a slow reader is bounded: at most one event in its connection, and the entries of SHOWN; beyond them it
 * is sent everything anew when it reads again. While no page is open nothing is kept.
 */
export class EventStreams implements Listener {
  private readonly streams = new Set<Stream>();
  private readonly watch: ClockWatch;
  private timer: NodeJS.Timeout | undefined;
  private beat: NodeJS.Timeout | undefined;
  /** More happened lately than is kept for a page. */
  private flooded = false;
  private gather = GATHER;

  constructor(private readonly world: World) {
    this.watch = new ClockWatch(world.clock);
  }

  /** How many pages listen. */
  get size(): number {
    return this.streams.size;
  }

  /** @param openid the follower whose phone the page is */
  open(res: ServerResponse, openid?: string): void {
    res.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" });
    const stream: Stream = { res, openid, pending: nothing(), anew: true, dirty: true, full: false, missed: 0 };
    this.streams.add(stream);
    res.on("drain", () => {
      Object.assign(stream, { full: false, missed: 0 });
      this.later();
    });
    res.on("close", () => this.remove(stream));
    res.on("error", () => this.remove(stream));
    // How soon a page that lost the connection comes again.
    res.write("retry: 1000\n\n");
    this.world.changes.listener = this;
    this.beat ??= setInterval(() => this.onBeat(), BEAT);
    this.flush();
  }

  close(): void {
    for (const { res } of this.streams) res.end();
    this.streams.clear();
    this.rest();
  }

  entry(changed: LedgerEntry): void {
    for (const stream of this.streams) {
      stream.dirty = true;
      if (stream.anew || note(stream, changed)) continue;
      forget(stream);
      this.flooded = true;
    }
    this.later();
  }

  state(): void {
    for (const stream of this.streams) stream.dirty = true;
    this.later();
  }

  cleared(): void {
    for (const stream of this.streams) forget(stream);
    this.state();
  }

  clockMoved(): void {
    this.watch.moved();
    this.state();
  }

  private later(): void {
    this.timer ??= setTimeout(() => this.flush(), this.gather);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.gather = this.flooded ? GATHER_FLOOD : GATHER;
    this.flooded = false;
    const ready = [...this.streams].filter(({ dirty, full }) => dirty && !full);
    if (ready.length === 0) return;
    const chosen = [...this.streams].flatMap(({ openid }) => openid ?? []);
    const state = phoneState(this.world, this.watch.look(), chosen);
    for (const stream of ready) this.send(stream, state);
  }

  private send(stream: Stream, state: PhoneState): void {
    const entries = stream.anew ? newest(this.world.ledger) : shown(stream.pending);
    const event = stream.anew ? "full" : "change";
    Object.assign(stream, { pending: nothing(), anew: false, dirty: false });
    // JSON has no line break outside of strings, and within them it is escaped: one data line holds it.
    stream.full = !stream.res.write(`event: ${event}\ndata: ${eventJson({ state, ...entries })}\n\n`);
  }

  /** The state as a sign of life: it also sets the page's clock right. */
  private onBeat(): void {
    for (const stream of this.streams) {
      if (stream.full) stream.missed++;
      if (stream.missed >= PATIENCE) stream.res.destroy();
    }
    this.state();
  }

  private remove(stream: Stream): void {
    this.streams.delete(stream);
    if (this.streams.size === 0) this.rest();
  }

  private rest(): void {
    this.world.changes.listener = undefined;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.timer = undefined;
    this.beat = undefined;
  }
}

function nothing(): Pending {
  return { calls: new Set(), pushes: new Set(), messages: new Set(), lines: new Set() };
}

function forget(stream: Stream): void {
  stream.pending = nothing();
  stream.anew = true;
}

/** Keeps an entry for a page; false when that is more than is kept. */
function note({ pending }: Stream, changed: LedgerEntry): boolean {
  if (changed.list === "calls") pending.calls.add(changed.entry);
  else if (changed.list === "pushes") pending.pushes.add(changed.entry);
  else if (changed.list === "messages") pending.messages.add(changed.entry);
  else pending.lines.add(changed.entry);
  return pending[changed.list].size <= SHOWN[changed.list];
}
