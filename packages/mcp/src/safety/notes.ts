import type { Inbox } from "@wechat-offiaccount/core";

/**
 * Small values with an end, changed in one step. With an inbox they are in its store, so that all processes that use it
 * have the same and a restart loses none.
 */
export type Notes = Pick<Inbox, "amendNote">;
