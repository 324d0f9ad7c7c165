/** A request that a page shows as a curl command. */
export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
}

const unquoted = (word: string) => word.replace(/^(["'])(.*)\1$/s, "$2");

/** What curl is told to ask, or the word that is not understood: of curl's options only those that the pages use. */
export function requestOf(words: readonly string[]): CurlRequest | { readonly trouble: string } {
  let method: string | undefined;
  let body: string | undefined;
  const urls: string[] = [];
  const left = words.values();
  for (const word of left) {
    if (word === "-X") method = left.next().value;
    else if (word === "-d") body = unquoted(left.next().value ?? "");
    else if (/^https?:\/\/\S+$/.test(unquoted(word))) urls.push(unquoted(word));
    else if (word !== "-N") return { trouble: word };
  }
  const [url, ...more] = urls;
  if (url === undefined || more.length > 0) return { trouble: `${urls.length} URLs` };
  return { method: method ?? (body === undefined ? "GET" : "POST"), url, ...(body !== undefined && { body }) };
}
