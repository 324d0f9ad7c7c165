import type { PhoneNews } from "../src/phone-news.js";

/** What the page is told. */
export interface NewsEvent {
  type: string;
  news: PhoneNews;
}

/** A reader of `/simulator/events`, as a browser is one. */
export class EventReader {
  private buffer = "";
  private constructor(
    private readonly reader: ReadableStreamDefaultReader<string>,
    readonly answer: Response,
  ) {}

  static async open(url: string, query = ""): Promise<EventReader> {
    const answer = await fetch(`${url}/simulator/events${query}`);
    if (answer.body === null) throw new Error("no body");
    return new EventReader(answer.body.pipeThrough(new TextDecoderStream()).getReader(), answer);
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<NewsEvent | undefined> {
    for (;;) {
      const end = this.buffer.indexOf("\n\n");
      if (end >= 0) {
        const block = this.buffer.slice(0, end);
        this.buffer = this.buffer.slice(end + 2);
        const [, type, data] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
        if (type !== undefined && data !== undefined) return { type, news: JSON.parse(data) };
        continue;
      }
      const { value, done } = await this.reader.read();
      if (done) return undefined;
      this.buffer += value;
    }
  }

  /** The first event that the check accepts. */
  async until(check: (event: NewsEvent) => boolean): Promise<NewsEvent> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error("the stream has ended");
      if (check(event)) return event;
    }
  }

  close(): Promise<void> {
    return this.reader.cancel();
  }
}

/** The first events of a stream that is opened for it. */
export async function eventsOf(url: string, count: number): Promise<NewsEvent[]> {
  const reader = await EventReader.open(url);
  const events: NewsEvent[] = [];
  while (events.length < count) {
    const event = await reader.next();
    if (event === undefined) break;
    events.push(event);
  }
  await reader.close();
  return events;
}
