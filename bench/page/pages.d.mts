// For test/docs-benchmarks.test.ts.
export function pagesOf(folder: string, options?: { readonly partial?: boolean }): Promise<Map<string, string>>;
