/**
 * A string, also one without its end: else every quote in it would be tried as a beginning, which takes minutes for a
 * hostile megabyte. Or an integer of 16 digits and more.
 */
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"?|-?\b\d{16,}\b(?![.eE])/gs;

/** Message ids have up to 64 bits, which a JavaScript number does not hold: integers of 16 digits and more become text. */
export function keepLongNumbers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(STRING_OR_LONG, (token) => (token[0] === '"' ? token : `"${token}"`));
}
