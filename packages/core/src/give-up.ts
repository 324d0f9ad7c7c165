/**
 * The result of work that others may wait for too: this caller can give up, and the work goes on for them.
 * @param ms milliseconds until it is given up
 * @param giveUp the error for the reason
 */
export function unlessGivenUp<T>(
  work: Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  giveUp: (reason: "timeout" | "aborted") => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const stop = (reason: "timeout" | "aborted") => {
      end();
      reject(giveUp(reason));
    };
    const onAbort = () => stop("aborted");
    const timer = setTimeout(() => stop("timeout"), Math.max(0, ms));
    work.then(resolve, reject).finally(end);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
