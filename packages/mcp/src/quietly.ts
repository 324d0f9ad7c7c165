import { QuietLog } from "@wechat-offiaccount/core";

/** The log for what strangers can make happen: each kind once a minute, with its count. */
export const quietly = (log: (line: string) => void) =>
  new QuietLog<string>((line, more) => log(more > 0 ? `${line} (${more} more since the last time)` : line));
