import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const run = promisify(execFile);
export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What of a package.json the tests look at. */
export interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package as it would be published, and unpacked where a program finds it. */
export interface Packed {
  /** Its folder in the workspace. */
  readonly source: string;
  /** Its tarball's path. */
  readonly tarball: string;
  /** Where it was unpacked. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Its files, relative to its folder. */
  readonly files: readonly string[];
}

/** A program's folder with all our packages installed in its node_modules. */
export interface Installed {
  readonly folder: string;
  /** By name. */
  readonly packages: ReadonlyMap<string, Packed>;
}

/** Holds the tarballs and the bundle that a release has made: its tests look at these. Unset: they pack their own. */
export const RELEASE_FOLDER = process.env.RELEASE_FOLDER;

/** Packs every package as a release would. Answers the folder of the tarballs, which is `folder` unless a release has made them. */
export async function packTarballs(folder: string): Promise<string> {
  if (RELEASE_FOLDER !== undefined) return RELEASE_FOLDER;
  await pnpm("--filter", "./packages/*", "pack", "--pack-destination", folder);
  return folder;
}

/** Packs every package as a release would, and installs the tarballs; what they depend on comes from the workspace. */
export async function installTarballs(): Promise<Installed> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "installed-")));
  const tarballs = await packTarballs(folder);
  const packages = new Map<string, Packed>();
  for (const name of await readdir(join(repository, "packages"))) {
    const packed = await install(folder, tarballs, join(repository, "packages", name));
    packages.set(packed.manifest.name, packed);
  }
  for (const { source, manifest } of packages.values()) {
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (!packages.has(dependency)) await link(folder, source, dependency);
    }
  }
  await link(folder, repository, "@types/node"); // for programs in TypeScript
  return { folder, packages };
}

/** As the README says it, or the pnpm that runs the tests. */
export function pnpm(...args: string[]): Promise<unknown> {
  const running = process.env.npm_config_user_agent?.startsWith("pnpm/") ?? false;
  const [command, first] = running ? ["pnpm", []] : ["npx", ["-y", "pnpm@12"]];
  return run(command, [...first, ...args], { cwd: repository });
}

/** The tarball of a package in a folder. */
export async function tarballIn(tarballs: string, source: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  return join(tarballs, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
}

async function install(folder: string, tarballs: string, source: string): Promise<Packed> {
  const { name } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  const tarball = await tarballIn(tarballs, source);
  const target = join(folder, "node_modules", name);
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(target, join(entry.parentPath, entry.name)));
  const manifest = JSON.parse(await readFile(join(target, "package.json"), "utf8"));
  return { source, tarball, folder: target, manifest, files };
}

async function link(folder: string, from: string, dependency: string): Promise<void> {
  const target = join(folder, "node_modules", dependency);
  await mkdir(dirname(target), { recursive: true });
  await symlink(await realpath(join(from, "node_modules", dependency)), target).catch((error) => {
    if (error.code !== "EEXIST") throw error; // another package wants it too
  });
}
