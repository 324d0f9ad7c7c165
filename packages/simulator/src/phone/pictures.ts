/** What a follower can send as a picture, by its first bytes. */
const PICTURES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["jpg", [0xff, 0xd8, 0xff]],
  ["gif", [0x47, 0x49, 0x46, 0x38]],
];

/** As large as WeChat's media API takes a picture or video. */
export const LARGEST_FILE = 10 * 1024 * 1024;

export type FileProblem = "empty" | "too-large" | "no-picture";

/** What is wrong with a file chosen as a picture, or its ending. */
export function pictureKind(content: Uint8Array): FileProblem | { readonly ending: string } {
  if (content.length === 0) return "empty";
  if (content.length > LARGEST_FILE) return "too-large";
  const found = PICTURES.find(([, bytes]) => bytes.every((byte, index) => content[index] === byte));
  return found === undefined ? "no-picture" : { ending: found[0] };
}

/** Base64, piece by piece: a function takes only so many arguments. */
export function base64(content: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < content.length; at += 8192) binary += String.fromCharCode(...content.subarray(at, at + 8192));
  return btoa(binary);
}
