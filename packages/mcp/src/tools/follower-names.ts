import { isOpenid, type User, type WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import * as z from "zod";
import { foreignText } from "../safety/foreign-text.js";
import { within } from "../within.js";

/** What names are asked of. */
export interface NameSource {
  readonly users: Pick<WeChatClient["users"], "getMany" | "tags">;
}

/** What the people of the account call a follower; WeChat tells no names of followers any more. */
export const nameFields = {
  remark: z
    .string()
    .optional()
    .describe("The name (备注) that people of the account gave this follower. Absent: none, or WeChat did not tell."),
  tags: z
    .array(z.string())
    .optional()
    .describe("The tags (标签) that people of the account gave this follower. Absent: none, or WeChat did not tell."),
};

/** A follower in these words; empty where nothing is known. */
export interface FollowerName {
  readonly remark?: string;
  readonly tags?: readonly string[];
}

/** The same as a result shows it. */
export const named = ({ remark, tags }: FollowerName = {}) => ({
  ...(remark !== undefined && { remark }),
  ...(tags && { tags: [...tags] }),
});

/** Milliseconds that a result waits for names. What comes later serves the next one. */
const PATIENCE = 2_000;
/** The bounds of a call to WeChat, in milliseconds. */
const BOUNDS = { deadline: 10_000 };
/** Milliseconds that an answer is good for, and that nothing is asked for after a failure. */
const KEPT = 5 * 60_000;
/** Followers that are remembered. */
const MOST = 5_000;
/** Characters: WeChat lets remarks have 30 and names of tags 30 bytes. */
const LONGEST = 60;

/**
 * Remarks and tags of up to 100 followers, by openid. Never throws and takes 2 s at most: whom WeChat tells nothing of,
 * in time or at all, is left out.
 */
export function namesOf(openids: readonly string[], client: NameSource): Promise<ReadonlyMap<string, FollowerName>> {
  const book = BOOKS.get(client) ?? new NameBook(client);
  BOOKS.set(client, book);
  return book.look([...new Set(openids)].filter(isOpenid));
}

/** One an account, whatever connections there are. */
const BOOKS = new WeakMap<NameSource, NameBook>();

/** WeChat knows one of the openids not: in plain mode a push may name anybody. */
const UNKNOWN_OPENID = 40003;

/** What was asked and answered of late. */
class NameBook {
  readonly #client: NameSource;
  readonly #names = new Map<string, { readonly name: FollowerName; readonly until: number }>();
  readonly #loading = new Map<string, Promise<void>>();
  #tags: { readonly names: ReadonlyMap<number, string>; readonly until: number } | undefined;
  /** Nothing is asked for until then. */
  #pausedUntil = 0;

  constructor(client: NameSource) {
    this.#client = client;
  }

  async look(openids: readonly string[]): Promise<ReadonlyMap<string, FollowerName>> {
    const missing = openids.filter((openid) => !this.#loading.has(openid) && !this.#known(openid));
    if (missing.length > 0 && Date.now() >= this.#pausedUntil) this.#load(missing);
    const loading = openids.flatMap((openid) => this.#loading.get(openid) ?? []);
    if (loading.length > 0) await within(PATIENCE, Promise.all(loading));
    return new Map(
      openids.flatMap((openid) => {
        const name = this.#known(openid);
        return name ? [[openid, name] as const] : [];
      }),
    );
  }

  #known(openid: string): FollowerName | undefined {
    const entry = this.#names.get(openid);
    return entry && Date.now() < entry.until ? entry.name : undefined;
  }

  /** Goes on when nobody waits any more, and ends by itself. */
  #load(openids: readonly string[]): void {
    const loading = this.#fetch(openids)
      .catch((error: unknown) => {
        const oneIsWrong = error instanceof WeChatError && error.errcode === UNKNOWN_OPENID;
        if (oneIsWrong) for (const openid of openids) this.#keep(openid, {});
        else this.#pausedUntil = Date.now() + KEPT;
      })
      .finally(() => {
        for (const openid of openids) this.#loading.delete(openid);
      });
    for (const openid of openids) this.#loading.set(openid, loading);
  }

  async #fetch(openids: readonly string[]): Promise<void> {
    const users = await this.#client.users.getMany({ openids: [...openids] }, BOUNDS);
    const tags = users.some(({ tagIds }) => tagIds.length > 0) ? await this.#tagNames() : new Map();
    for (const user of users) this.#keep(user.openid, nameOf(user, tags));
  }

  /** Without them a remark is still worth showing. */
  async #tagNames(): Promise<ReadonlyMap<number, string>> {
    if (this.#tags && Date.now() < this.#tags.until) return this.#tags.names;
    const tags = await this.#client.users.tags(BOUNDS).catch(() => []);
    const names = new Map(tags.map(({ id, name }) => [id, name]));
    this.#tags = { names, until: Date.now() + KEPT };
    return names;
  }

  #keep(openid: string, name: FollowerName): void {
    this.#names.delete(openid);
    this.#names.set(openid, { name, until: Date.now() + KEPT });
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST && oldest !== undefined) this.#names.delete(oldest);
  }
}

/** Operators write them, and copy into them what followers call themselves. */
const cleaned = (words: string) => foreignText(words, LONGEST).text.trim();

function nameOf({ remark, tagIds }: User, names: ReadonlyMap<number, string>): FollowerName {
  const called = cleaned(remark);
  const tags = tagIds.map((id) => cleaned(names.get(id) ?? "")).filter((name) => name !== "");
  return { ...(called !== "" && { remark: called }), ...(tags.length > 0 && { tags }) };
}
