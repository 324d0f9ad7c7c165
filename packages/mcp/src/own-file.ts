import { constants, type FileHandle, open } from "node:fs/promises";

/** Another user of this machine owns the file, or can read or change it. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** The code of a system's error, such as ENOENT; `?` where there is none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "?";

/** For {@link openOwn}. */
export const TO_READ = constants.O_RDONLY;
/** For {@link openOwn}; a link is not followed, as another user might have made it. */
export const TO_APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * Docker, Podman and Compose mount secrets there, mostly with mode 0444, which nobody in the container can change; only
 * the container's own processes see the folder.
 */
export const isMountedSecret = (path: string): boolean => /^\/(var\/)?run\/secrets\//.test(path);

/**
 * Opens a file that is this user's alone; a new one has mode 0600. What was looked at is what is then read or written.
 * On Windows, which has no such modes, it is only opened.
 * @throws ForeignFileError; the system's error
 */
export async function openOwn(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags, 0o600);
  try {
    const { mode, uid } = await file.stat();
    const own = uid === process.getuid?.() && (mode & 0o077) === 0;
    if (process.platform !== "win32" && !own && !isMountedSecret(path)) throw new ForeignFileError();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
