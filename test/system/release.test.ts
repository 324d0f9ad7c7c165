import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { scratchRepository } from "../support/released.js";
import { run } from "../support/tarballs.js";

const VERSION = "9.0.0-rc.1";
const MINUTES = 60_000;

async function scratch(env: Record<string, string> = {}) {
  const repository = await scratchRepository(env);
  onTestFinished(() => repository.remove());
  return repository;
}

/** What npm uploads. */
interface Upload {
  readonly name: string;
  readonly "dist-tags": Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** A registry that keeps what npm uploads, and refuses a package for as long as it is told to. */
async function registry() {
  const uploads: Upload[] = [];
  const state = { refused: "" };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const name = decodeURIComponent(request.url ?? "").slice(1);
    const accepted = request.method === "PUT" && name !== state.refused;
    if (accepted) uploads.push(JSON.parse(body));
    const status = accepted ? 201 : request.method === "PUT" ? 403 : 404;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(accepted ? { ok: true } : { error: "no" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  // For our packages only: what is installed meanwhile comes from where it always does.
  const env = {
    "npm_config_@wechat-offiaccount:registry": `http://${host}/`,
    [`npm_config_//${host}/:_authToken`]: "none",
  };
  return { uploads, state, env };
}

it("a release is tried as a whole, and leaves no trace", { timeout: 10 * MINUTES }, async () => {
  const { folder, temporary, git, release } = await scratch();
  const before = await git("rev-parse", "HEAD");
  const { code, stdout, stderr } = await release(VERSION);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const name of ["core", "mcp", "node-red", "simulator"]) {
    expect(stdout).toMatch(new RegExp(`^wechat-offiaccount-${name}-9\\.0\\.0-rc\\.1\\.tgz \\(\\d+ kB\\)$`, "m"));
  }
  expect(stdout).toMatch(/^wechat-offiaccount-9\.0\.0-rc\.1\.mcpb \(\d+ kB\)$/m);
  expect(stdout).toMatch(/Nothing was published or changed; --publish does it\.\n$/);
  expect(await git("status", "--porcelain", "--ignored")).toBe("");
  expect(await git("rev-parse", "HEAD")).toBe(before);
  expect(await git("tag")).toBe("");
  expect(await readdir(temporary)).toEqual([]);
  expect(JSON.parse(await readFile(join(folder, "packages/core/package.json"), "utf8")).version).not.toBe(VERSION);
});

it("a release with a file missing from a tarball is refused", { timeout: 10 * MINUTES }, async () => {
  const { temporary, git, release } = await scratch();
  await git("rm", "--quiet", "packages/simulator/README.md");
  await git("commit", "--quiet", "--message", "no README");
  const { code, stderr } = await release(VERSION);
  expect(code).toBe(1);
  expect(stderr).toMatch(/FAIL.*the tarball of '@wechat-offiaccount\/simulator' > holds what a user needs/);
  expect(stderr).toMatch(/\nNothing was published or changed\.\n$/);
  expect(await git("tag")).toBe("");
  expect(await readdir(temporary)).toEqual([]);
});

it("published are the files that were looked at, each after what it needs; what is refused can follow", {
  timeout: 10 * MINUTES,
}, async () => {
  const { uploads, state, env } = await registry();
  const { folder, origin, temporary, git, release } = await scratch(env);
  state.refused = "@wechat-offiaccount/mcp";
  const refused = await release(VERSION, "--publish", "--no-provenance");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    "is committed and tagged and pushed to origin; published: core, simulator, node-red.",
  );
  // They outlive this machine before anything is published.
  const released = await git("rev-parse", "HEAD");
  for (const name of ["main", `v${VERSION}^{}`]) {
    const { stdout } = await run("git", ["rev-parse", name], { cwd: origin });
    expect(stdout.trim(), name).toBe(released);
  }
  const order = ["core", "simulator", "node-red"].map((name) => `@wechat-offiaccount/${name}`);
  expect(uploads.map(({ name }) => name)).toEqual(order);

  state.refused = "";
  const command = /^ {2}npm (publish .*)$/m.exec(refused.stderr)?.[1] ?? "";
  await run("npm", command.split(" "), { cwd: folder, env: { ...process.env, ...env } });
  expect(uploads.map(({ name }) => name)).toEqual([...order, "@wechat-offiaccount/mcp"]);
  for (const upload of uploads) {
    // Before its version proper, it is not what `npm install` takes.
    expect(upload["dist-tags"]).toEqual({ next: VERSION });
    const [attached = { data: "" }] = Object.values(upload._attachments);
    const file = `${upload.name.slice(1).replace("/", "-")}-${VERSION}.tgz`;
    const kept = await readFile(join(folder, "dist", `release-${VERSION}`, file));
    expect(sha(Buffer.from(attached.data, "base64"))).toBe(sha(kept));
  }
  expect(uploads.at(-1)?.versions[VERSION]?.dependencies).toMatchObject({ "@wechat-offiaccount/core": VERSION });

  expect(await git("log", "-1", "--format=%s")).toBe(`Release ${VERSION}`);
  expect(await git("describe", "--exact-match")).toBe(`v${VERSION}`);
  expect(await git("status", "--porcelain")).toBe("");
  expect(await readFile(join(folder, "CHANGELOG.md"), "utf8")).toMatch(/## Unreleased\n\n## 9\.0\.0-rc\.1 \(\d{4}-/);
  expect(await readdir(temporary)).toEqual([]);
});

const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
