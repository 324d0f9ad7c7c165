import type { PhoneNews } from "../phone-news.js";

interface Hearer {
  /** @param anew it begins anew: what was known before is no longer so */
  news(news: PhoneNews, anew: boolean): void;
  live(live: boolean): void;
}

/** Milliseconds until it is tried again, where the browser itself gives up. */
const AGAIN = 1000;

/**
 * Listens to the simulator as long as the page can be seen: a browser keeps six connections to a server, and each page
 * that listens takes one. When it comes back, everything comes anew.
 */
export function connect(hearer: Hearer): void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    const opened = new EventSource("/simulator/events");
    source = opened;
    for (const [type, anew] of [
      ["full", true],
      ["change", false],
    ] as const) {
      opened.addEventListener(type, ({ data }: MessageEvent<string>) => {
        hearer.live(true);
        hearer.news(JSON.parse(data), anew);
      });
    }
    opened.addEventListener("error", () => {
      hearer.live(false);
      // A lost connection the browser opens again by itself; after an answer such as 503 it does not.
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else open();
  });
  if (!document.hidden) open();
}
