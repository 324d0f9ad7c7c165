import type { PhoneNews } from "../phone-news.js";

interface Hearer {
  /** The openid of the follower who is chosen: the simulator sends always also that one. */
  chosen(): string | undefined;
  /** @param anew it begins anew: what was known before is no longer so */
  news(news: PhoneNews, anew: boolean): void;
  live(live: boolean): void;
}

/** Milliseconds until it is tried again, where the browser itself gives up. */
const AGAIN = 1000;

/**
 * Listens to the simulator as long as the page can be seen: a browser keeps six connections to a server, and each page
 * that listens takes one. When it comes back, everything comes anew.
 * @returns asks for everything anew
 */
export function connect(hearer: Hearer): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    const openid = hearer.chosen();
    const query = openid === undefined ? "" : `?${new URLSearchParams({ openid })}`;
    const opened = new EventSource(`/simulator/events${query}`);
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
  const look = () => {
    if (document.hidden) close();
    else open();
  };
  document.addEventListener("visibilitychange", look);
  look();
  return look;
}
