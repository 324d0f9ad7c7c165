import { validate } from "../validation.js";
import { INBOX_REMEDIES, NOTE_BODY } from "./inbox-options.js";
import type { InboxStore, NoteAmendment } from "./store.js";

/** Amends a note by a `change` that may be wrong or throw: then nothing changes, and the store knows nothing of it. */
export async function amendSafely(store: InboxStore, account: string, note: NoteAmendment) {
  let thrown: readonly unknown[] = [];
  const change = (before: string | undefined) => {
    thrown = [];
    try {
      const body = note.change(before);
      return body === undefined ? undefined : validate(NOTE_BODY(), { body }, INBOX_REMEDIES).body;
    } catch (error) {
      thrown = [error];
      return undefined;
    }
  };
  const body = await store.amend(account, { ...note, change });
  if (thrown.length > 0) throw thrown[0];
  return body;
}
