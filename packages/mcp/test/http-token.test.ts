import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isMountedSecret } from "../src/own-file.js";
import type { SettingsProblem } from "../src/problems.js";
import { makeBearerToken, readBearerToken } from "../src/transports/bearer-token.js";
import { startProcess } from "./support/host.js";
import { ask, startHttp } from "./support/http.js";

const ACCOUNT = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef" };
const GOOD = "sentinel-0123456789";
const LIST = { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "wechat-mcp-token-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function read(env: NodeJS.ProcessEnv) {
  const problems: SettingsProblem[] = [];
  const bearer = await readBearerToken(env, problems);
  expect(JSON.stringify(problems)).not.toContain("sentinel");
  for (const { remedy } of problems) expect(remedy.zh).toMatch(/\p{Script=Han}/u);
  return { bearer, names: problems.map(({ name }) => name), problems };
}

describe("the token of WECHAT_MCP_HTTP_TOKEN", () => {
  it("is taken without the white space around it", async () => {
    const { bearer, names } = await read({ WECHAT_MCP_HTTP_TOKEN: ` ${GOOD}\n` });
    expect({ bearer, names }).toEqual({ bearer: { from: "WECHAT_MCP_HTTP_TOKEN", token: GOOD }, names: [] });
  });

  it.each(["", " ", "sentinel", "sentinel with white space", "sentinel\tsentinel", "sentinel-公众号-公众号-公众号"])(
    "is refused if it is %j",
    async (token) => {
      expect((await read({ WECHAT_MCP_HTTP_TOKEN: token })).names).toEqual(["WECHAT_MCP_HTTP_TOKEN"]);
    },
  );

  it("is refused beside a file", async () => {
    const env = { WECHAT_MCP_HTTP_TOKEN: GOOD, WECHAT_MCP_HTTP_TOKEN_FILE: "/nowhere" };
    expect((await read(env)).names).toEqual(["WECHAT_MCP_HTTP_TOKEN_FILE"]);
  });
});

describe("the token of a file", () => {
  async function fileWith(content: string, mode = 0o600) {
    const path = join(await folder(), "token");
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  }

  it("is taken, also through a link, as Kubernetes mounts secrets", async () => {
    const path = await fileWith(`${GOOD}\n`);
    await symlink(path, `${path}-link`);
    const { bearer, names } = await read({ WECHAT_MCP_HTTP_TOKEN_FILE: `${path}-link` });
    expect({ bearer, names }).toEqual({ bearer: { from: `${path}-link`, token: GOOD }, names: [] });
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o666])("is refused if its mode is %i", async (mode) => {
    const path = await fileWith(GOOD, mode);
    const { names, problems } = await read({ WECHAT_MCP_HTTP_TOKEN_FILE: path });
    expect(names).toEqual(["WECHAT_MCP_HTTP_TOKEN_FILE"]);
    expect(problems[0]?.remedy.en).toContain(`chmod 600 '${path}'`);
  });

  it.each(["", "sentinel", "sentinel sentinel sentinel"])("is refused if %j stands in it", async (content) => {
    const { names } = await read({ WECHAT_MCP_HTTP_TOKEN_FILE: await fileWith(content) });
    expect(names).toEqual(["WECHAT_MCP_HTTP_TOKEN_FILE"]);
  });

  it.each([
    ["/run/secrets/token", true],
    ["/var/run/secrets/wechat/token", true],
    ["/run/secrets-of-others/token", false],
    ["/home/run/secrets/token", false],
    ["/run/token", false],
  ])("may have any mode where containers mount secrets: %s, %j", (path, mounted) => {
    expect(isMountedSecret(path)).toBe(mounted);
  });

  it("is a problem if the file is a folder", async () => {
    expect((await read({ WECHAT_MCP_HTTP_TOKEN_FILE: await folder() })).names).toEqual(["WECHAT_MCP_HTTP_TOKEN_FILE"]);
  });

  it("is none yet if the file is not there, and nothing is made by looking", async () => {
    const path = join(await folder(), "made", "token");
    expect(await read({ WECHAT_MCP_HTTP_TOKEN_FILE: path })).toMatchObject({ bearer: { from: path }, names: [] });
    await expect(stat(join(path, ".."))).rejects.toThrow("ENOENT");
  });
});

describe("a token that is made", () => {
  it("is 32 random bytes in a file and a folder of this user alone, with nothing beside it", async () => {
    const path = join(await folder(), "made", "token");
    const token = await makeBearerToken(path);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect((await readFile(path, "utf8")).trim()).toBe(token);
    expect(await modeOf(path)).toBe("600");
    expect(await modeOf(join(path, ".."))).toBe("700");
    expect(await readdir(join(path, ".."))).toEqual(["token"]);
    expect(await makeBearerToken(path)).toBe(token);
  });

  it("is one for all who make it at the same moment, and never read in part", async () => {
    const path = join(await folder(), "token");
    let makers = 20;
    const made = Promise.all(Array.from({ length: makers }, () => makeBearerToken(path).finally(() => makers--)));
    const seen = new Set<string>();
    while (makers > 0) seen.add(await readFile(path, "utf8").catch(() => "not yet"));
    const tokens = new Set(await made);
    expect(tokens.size).toBe(1);
    seen.delete("not yet");
    expect([...seen]).toEqual([...tokens].map((token) => `${token}\n`));
  });

  it("is a problem where nothing can be written", async () => {
    const blocked = join(await folder(), "file");
    await writeFile(blocked, "");
    await expect(makeBearerToken(join(blocked, "token"))).rejects.toMatchObject({
      problems: [{ name: "WECHAT_MCP_HTTP_TOKEN_FILE" }],
    });
  });
});

describe("two servers that start at the same moment", () => {
  it("make one token in the user's home, serve with it, and show it nowhere", async () => {
    const home = await folder();
    // Undefined takes the tests' token away.
    const env = { ...ACCOUNT, HOME: home, USERPROFILE: home, WECHAT_MCP_HTTP_TOKEN: undefined };
    const servers = await Promise.all([startHttp(env), startHttp(env)]);
    const path = join(home, ".wechat-offiaccount", "mcp-http-token");
    const token = (await readFile(path, "utf8")).trim();
    expect(await modeOf(path)).toBe("600");
    expect(await modeOf(join(path, ".."))).toBe("700");
    for (const { port, output } of servers) {
      expect((await ask(port, { ...LIST, headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
      expect((await ask(port, LIST)).status).toBe(401);
      expect(output.stderr).toContain(path);
      expect(output.stderr + output.stdout).not.toContain(token);
    }
  });
});

it("a start with a file that others can read fails, with the remedy and without what stands in it", async () => {
  const path = join(await folder(), "token");
  await writeFile(path, GOOD, { mode: 0o644 });
  const server = startProcess({ ...ACCOUNT, WECHAT_MCP_HTTP_TOKEN_FILE: path }, ["--http", "--port", "0"]);
  const { code, stdout, stderr } = await server.ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`chmod 600 '${path}'`);
  expect(stderr).not.toContain("sentinel");
});
