import type { RequestListener } from "node:http";
import { Callback, type Inbox, type QuietLog, type RefusedRequest, WeChatError } from "@wechat-offiaccount/core";
import { quietly } from "../quietly.js";
import { isSigned, remedyOf } from "../refusal-words.js";
import { plainLine } from "../safety/plain-line.js";
import type { CallbackSettings } from "./http-settings.js";

/** An account that WeChat pushes for. */
export interface CallbackAccount extends CallbackSettings {
  /** Keeps what comes; stays the caller's to close. */
  readonly inbox: Inbox;
}

/** What WeChat pushes into inboxes. */
export interface Callbacks {
  /** What is served, by path. WeChat's signature protects it. */
  readonly paths: ReadonlyMap<string, RequestListener>;
  /** What was refused last of an account; undefined where nothing was, or the last one was taken. */
  lastRefusal(account: string | undefined): RefusedRequest | undefined;
  /** Takes nothing more, and waits for what is under way. */
  close(): Promise<void>;
}

/**
 * Takes what WeChat pushes: it is kept in the inbox, where agents find it, and WeChat gets `success`; nobody answers here.
 * @param accounts each with a path of its own
 * @param log gets refused pushes and failures, each kind once a minute, without secrets
 */
export function openCallbacks(accounts: readonly CallbackAccount[], log: (line: string) => void): Callbacks {
  const refusals = new Map<string | undefined, RefusedRequest>();
  const opened = accounts.map((account) => ({
    path: account.path,
    callback: callbackOf(account, quietly(log), {
      taken: () => void refusals.delete(account.account),
      refused: (refusal) => {
        // What anybody may send does not hide what WeChat sent.
        const before = refusals.get(account.account);
        if (isSigned(refusal) || !before || !isSigned(before)) refusals.set(account.account, refusal);
      },
    }),
  }));
  return {
    lastRefusal: (account) => refusals.get(account),
    paths: new Map(opened.map(({ path, callback }) => [path, callback.listener])),
    close: async () => void (await Promise.all(opened.map(({ callback }) => callback.close()))),
  };
}

/** Hears of each push. */
interface Witness {
  taken(): void;
  refused(refusal: RefusedRequest): void;
}

function callbackOf(account: CallbackAccount, log: QuietLog<string>, witness: Witness): Callback {
  const { path, token, encodingAESKey, mode, inbox } = account;
  return new Callback({
    appId: inbox.appId,
    token,
    encodingAESKey,
    mode,
    inbox,
    onMessage: () => witness.taken(),
    onError: (error) => {
      const { message, remedy } = failureOf(error);
      log.note(message, `What WeChat pushed to ${path}: ${message} ${remedy}`.trim());
    },
    onRefused: (refusal) => {
      witness.refused(refusal);
      const { en, zh } = remedyOf(refusal);
      log.note(
        refusal.reason,
        `A request to ${path} was refused: ${refusal.reason} (${refusal.status}).\n  ${en}\n  ${zh}`,
      );
    },
  });
}

/** A message that is not core's is not repeated: nobody has checked what stands in it. */
function failureOf(error: unknown): { message: string; remedy: string } {
  if (!(error instanceof WeChatError)) return { message: "failed in a way that is not known.", remedy: "" };
  return { message: plainLine(error.message), remedy: `\n  ${error.remedy.en}\n  ${error.remedy.zh}` };
}
