/** What the browser remembers under the name; null when there is nothing, or it remembers nothing for pages. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Has the browser remember it, where it does so for pages. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {}
}
