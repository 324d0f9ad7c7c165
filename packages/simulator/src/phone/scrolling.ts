import type { App } from "./app.js";

/** Nearer to the end than this many pixels counts as at the end. */
const NEAR = 40;

const attached = new WeakMap<Element, true>();
const callbacks = new WeakMap<App, (element?: Element) => void>();
let log: HTMLElement | undefined;

/** For the list of messages: keeps its end in view while the reader is there, also when pictures load. */
export function keepAtEnd(app: App): (element?: Element) => void {
  const known = callbacks.get(app);
  if (known !== undefined) return known;
  const callback = (element?: Element) => {
    if (element instanceof HTMLElement) attach(app, element);
  };
  callbacks.set(app, callback);
  return callback;
}

/** Goes to the newest message. */
export function toEnd(app: App): void {
  app.atEnd = true;
  if (log !== undefined) log.scrollTop = log.scrollHeight;
  look(app);
  app.change();
}

/** To be called after each drawing: follows what has come, or counts it as unread. */
export function follow(app: App): void {
  if (app.atEnd && log !== undefined) log.scrollTop = log.scrollHeight;
  if (app.atEnd) look(app);
}

function attach(app: App, element: HTMLElement): void {
  if (attached.has(element)) return;
  attached.set(element, true);
  log = element;
  element.addEventListener("scroll", () => {
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (atEnd === app.atEnd) return;
    app.atEnd = atEnd;
    look(app);
    app.change();
  });
  const observer = new ResizeObserver(() => {
    if (app.atEnd) element.scrollTop = element.scrollHeight;
  });
  observer.observe(element);
  const [entries] = element.children;
  if (entries !== undefined) observer.observe(entries);
}

/** All that is there has been seen. */
function look(app: App): void {
  app.seen = app.entries.at(-1)?.id ?? 0;
}
