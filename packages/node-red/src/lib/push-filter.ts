import type { PushedMessage } from "@wechat-offiaccount/core";

/** Types of messages that followers send. */
const MESSAGE_TYPES = ["text", "image", "voice", "video", "shortvideo", "location", "link"] as const;
const WORDS: ReadonlySet<string> = new Set([...MESSAGE_TYPES, "event", "unknown"]);
const EVENT = /^event:(\S+)$/;

/** Whether a receive node wants a message; or the first word of its filter that means nothing. */
export type PushFilter = { readonly wants: (message: PushedMessage) => boolean } | { readonly unknownWord: string };

/**
 * Reads a filter as the dialog writes it: words parted by commas, `text`, `image` … for messages of that type,
 * `event` for all events, `event:subscribe` for one, `unknown` for types that WeChat added later. None: everything.
 */
export function pushFilter(list: unknown): PushFilter {
  const text = typeof list === "string" ? list : "";
  const words = text.split(/[,，]/).flatMap((word) => word.trim().toLowerCase() || []);
  const unknownWord = words.find((word) => !WORDS.has(word) && !EVENT.test(word));
  if (unknownWord !== undefined) return { unknownWord };
  const wanted = new Set(words);
  return {
    wants: ({ type, event, ...more }) => {
      if (wanted.size === 0 || wanted.has(type)) return true;
      return type === "event" && [event, eventNameOf(more)].some((name) => wanted.has(`event:${name}`));
    },
  };
}

/** WeChat's own name of an event that core does not know. */
function eventNameOf(message: object): string {
  return "eventName" in message && typeof message.eventName === "string" ? message.eventName.toLowerCase() : "";
}
