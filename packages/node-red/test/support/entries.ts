import { onTestFinished, vi } from "vitest";

/**
 * Watches maps that nothing shows, for what stays in them for ever.
 * @returns the sizes now of those that were given an entry like this, one for each time
 */
export function watchEntries(isLike: (key: unknown, value: unknown) => boolean): () => number[] {
  const set = vi.spyOn(Map.prototype, "set");
  onTestFinished(() => set.mockRestore());
  return () => {
    const { calls, contexts } = set.mock;
    return calls.flatMap(([key, value], index) => {
      const map: unknown = contexts[index];
      return map instanceof Map && isLike(key, value) ? map.size : [];
    });
  };
}
