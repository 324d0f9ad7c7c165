/** What is awaited, or undefined if it fails or takes longer than so many milliseconds; it goes on all the same. */
export async function within<T>(ms: number, awaited: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([awaited.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
