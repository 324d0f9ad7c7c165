import { mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getMcpConfigForManifest, unpackExtension, v0_3 } from "@anthropic-ai/mcpb";
import type { ServerCommand } from "../../packages/mcp/test/support/host.js";
import { RELEASE_FOLDER, repository, run } from "./tarballs.js";

/** The MCPB bundle as a host has installed it. */
export interface InstalledBundle {
  /** Holds `folder`, and is the test's to use; gone after `remove`. */
  readonly scratch: string;
  /** Where the bundle was unpacked. */
  readonly folder: string;
  readonly manifest: ReturnType<typeof v0_3.McpbManifestSchema.parse>;
  remove(): Promise<void>;
}

/** Packs the bundle, unless a release has, and installs it. */
export async function installBundle(): Promise<InstalledBundle> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "mcpb-test-")));
  const packed = RELEASE_FOLDER ?? scratch;
  if (RELEASE_FOLDER === undefined)
    await run(process.execPath, [join(repository, "packages/mcp/mcpb/bundle.mjs"), packed]);
  const bundle = (await readdir(packed)).find((name) => name.endsWith(".mcpb")) ?? "";
  const folder = join(scratch, "installed");
  const unpacked = await unpackExtension({ mcpbPath: join(packed, bundle), outputDir: folder, silent: true });
  if (!unpacked) throw new Error(`${bundle} cannot be unpacked`);
  // It was packed, so it is valid; this rejects what mcpb does not know.
  const manifest = v0_3.McpbManifestSchema.parse(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
  return { scratch, folder, manifest, remove: () => rm(scratch, { recursive: true, force: true }) };
}

/** The command as a host makes it of the manifest and of what the user entered. */
export async function commandFor(
  { folder, manifest }: InstalledBundle,
  entered: Record<string, string | boolean>,
): Promise<ServerCommand> {
  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: folder,
    systemDirs: {},
    userConfig: entered,
    pathSeparator: "/",
  });
  if (!config?.args || !config.env) throw new Error("something required was not entered");
  return { command: config.command, args: config.args, env: config.env };
}
