import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Why a path may not be read, by the key of the error's text. */
export type PathProblem = "mediaNoFolder" | "mediaOutside" | "mediaMissing";

/**
 * The file that a path names, if it lies below the folder, also after links are followed. A path from a flow may have
 * come from anywhere: without a folder none is read.
 * @param path relative to the folder, or absolute
 */
export async function pathBelow(
  folder: string,
  path: string,
): Promise<{ readonly path: string } | { readonly problem: PathProblem }> {
  if (folder === "") return { problem: "mediaNoFolder" };
  if (!isBelow(folder, resolve(folder, path))) return { problem: "mediaOutside" };
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(resolve(folder, path))]);
    return isBelow(root, file) ? { path: file } : { problem: "mediaOutside" };
  } catch {
    return { problem: "mediaMissing" };
  }
}

function isBelow(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
