/** Header fields by name in lower case. */
export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;
/** Names and values in turn, as they came. */
export type RawHeaders = readonly Buffer[];

/** Most answers are taken without a look at a header, so they are read when they are asked for. */
export function headersOf(headers: IncomingHeaders | RawHeaders): IncomingHeaders {
  if (!isRaw(headers)) return headers;
  const read: Record<string, string | string[] | undefined> = Object.create(null);
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]?.toString("latin1").toLowerCase() ?? "";
    const value = headers[i + 1]?.toString("latin1") ?? "";
    const before = read[name];
    read[name] = before === undefined ? value : [before, value].flat();
  }
  return read;
}

// Array.isArray knows no readonly array.
const isRaw = (headers: IncomingHeaders | RawHeaders): headers is RawHeaders => Array.isArray(headers);
