import { constants, type FileHandle, open } from "node:fs/promises";

/** Another user of this machine owns the file, or can read or change it. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
  /** As the system's errors have one. */
  readonly code = "not this user's alone: chmod 600";
}

/** The code of a system's error, such as ENOENT; `?` where there is none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "?";

/** For {@link openOwn}. */
export const TO_READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** For {@link openOwn}; a link is not followed, as another user might have made it. */
export const TO_APPEND =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/**
 * Docker, Podman and Compose mount secrets there, mostly with mode 0444, which nobody in the container can change; only
 * the container's own processes see the folder.
 */
export const isMountedSecret = (path: string): boolean => /^\/(var\/)?run\/secrets\//.test(path);

/** Whether the file's mode says something: Windows has no such modes and tells 0o666 of every file. */
export const hasModes = (path: string): boolean => process.platform !== "win32" && !isMountedSecret(path);

/** Whether other users can read or change a file. */
export const isOpenToOthers = ({ mode }: { readonly mode: number }): boolean => (mode & 0o077) !== 0;

/**
 * Opens a file that is this user's alone; a new one has mode 0600. What was looked at is what is then read or written.
 * On Windows, which has no such modes, it is only opened.
 * @throws ForeignFileError; the system's error
 */
export async function openOwn(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags, 0o600);
  try {
    const found = await file.stat();
    // A pipe or a device would let us wait, or belong to everybody.
    const own = found.isFile() && found.uid === process.geteuid?.() && !isOpenToOthers(found);
    if (hasModes(path) && !own) throw new ForeignFileError();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
