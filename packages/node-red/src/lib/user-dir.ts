/** The runtime's user directory, where relative paths begin: its working directory may be any. */
export function userDirOf(settings: object): string {
  const userDir: unknown = Reflect.get(settings, "userDir");
  return typeof userDir === "string" ? userDir : "";
}
