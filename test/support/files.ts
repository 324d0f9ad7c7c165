import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { FILES } from "../../packages/simulator/test/support.js";

export { FILES };

/** Bytes of any kind that begin as a format does: what is lost or moved on the way shows. */
export function varied(begin: Buffer, bytes: number): Buffer {
  const content = randomBytes(bytes);
  content.set(begin.subarray(0, 16));
  return content;
}

/** A folder that ends with the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "wechat-files-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
