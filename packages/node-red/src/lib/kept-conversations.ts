import { type Conversation, LONGEST_WINDOW } from "@wechat-offiaccount/core";
import type { InboxReader } from "./account-inbox.js";
import { type PlainConversation, type PlainMessage, plainConversation, plainMessage } from "./plain-conversation.js";

/** A page of what the inbox keeps, and the cursor for what is older, where there is more. */
export interface Page<T> {
  readonly payload: T;
  readonly older?: string | undefined;
}

/** Which conversations a list shows. */
export interface ListOptions {
  readonly limit: number;
  readonly before: string | undefined;
  readonly unreadOnly: boolean;
  /** Only those of followers who can be answered, as far as the inbox knows. */
  readonly openOnly: boolean;
}

type LookedUp = PlainConversation & { readonly messages?: readonly PlainMessage[] };

/** Conversations looked through at a time. */
const STEP = 500;

/**
 * One conversation. Of a follower whom the inbox does not know there is a window and nothing else.
 * @param messages how many of the newest ones come along; 0: none
 * @param before cursor: only messages that are older
 */
export async function lookUp(
  inbox: InboxReader,
  openid: string,
  { messages, before }: { readonly messages: number; readonly before: string | undefined },
): Promise<Page<LookedUp>> {
  const known = (await inbox.conversation(openid)) ?? { openid, unread: 0, window: await inbox.window(openid) };
  const conversation = plainConversation(known);
  if (messages === 0) return { payload: conversation };
  const page = await inbox.read(openid, { limit: messages, before });
  return { payload: { ...conversation, messages: page.messages.map(plainMessage) }, older: page.older };
}

/** Conversations, the one with the newest message first. */
export async function list(inbox: InboxReader, options: ListOptions): Promise<Page<readonly PlainConversation[]>> {
  const { openOnly, ...page } = options;
  const { conversations, older } = openOnly ? await openOnes(inbox, page) : await inbox.conversations(page);
  return { payload: conversations.map(plainConversation), older };
}

/** Looks through conversations until there are enough, or they are too old to be answered. */
async function openOnes(inbox: InboxReader, { limit, before, unreadOnly }: Omit<ListOptions, "openOnly">) {
  const conversations: Conversation[] = [];
  // What opens a window is a message of the conversation, so an older newest message has none.
  const oldest = Date.now() - LONGEST_WINDOW;
  for (let cursor = before; ; ) {
    const page = await inbox.conversations({ limit: STEP, before: cursor, unreadOnly });
    for (const conversation of page.conversations) {
      if (conversation.last.at < oldest) return { conversations };
      if (conversation.window.state !== "open") continue;
      if (conversations.length === limit) return { conversations, older: conversations.at(-1)?.last.id };
      conversations.push(conversation);
    }
    if (page.older === undefined) return { conversations };
    cursor = page.older;
  }
}
