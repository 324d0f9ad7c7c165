import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { simulated } from "./support/desk.js";
import { repository, run } from "./support/tarballs.js";

it.each(["wechat-api", "easywechat"])(
  "%s, a client of others, runs its own example with another base URL",
  async (name) => {
    const simulator = await simulated();
    const cwd = await mkdtemp(join(tmpdir(), "other-client-")); // node-easywechat keeps its token below
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    const script = join(repository, "examples/other-clients", `${name}.cjs`);
    const { stdout, stderr } = await run(process.execPath, [script, simulator.url], { cwd });
    expect({ stdout, stderr }).toEqual({ stdout: "{ errcode: 0, errmsg: 'ok' }\n", stderr: "" });

    const calls = simulator.ledger.calls.map(({ path, errcode }) => [path, errcode]);
    expect(calls).toEqual([
      ["/cgi-bin/token", 0],
      ["/cgi-bin/user/info/updateremark", 0],
    ]);
    const query = new URLSearchParams({
      grant_type: "client_credential",
      appid: DEFAULT_APP_ID,
      secret: DEFAULT_APP_SECRET,
    });
    const { access_token } = await (await fetch(`${simulator.url}/cgi-bin/token?${query}`)).json();
    const info = `${simulator.url}/cgi-bin/user/info?access_token=${access_token}&openid=${DEFAULT_FOLLOWER}`;
    expect(await (await fetch(info)).json()).toMatchObject({ remark: "remarked" });
  },
);
