import { inspect } from "node:util";
import {
  type Diagnosis,
  WeChatClient,
  type WeChatClientOptions,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { account, BROKEN_SET_UPS, SECRET, SECRETS, served } from "./support/broken-set-ups.js";
import { tokenCalls } from "./support/desk.js";

const SETTINGS = { appId: "wx0123456789abcdef", appSecret: SECRET };

function client(options: WeChatClientOptions): WeChatClient {
  const made = new WeChatClient(options);
  onTestFinished(() => made.close());
  return made;
}
const diagnosed = async (options: Promise<WeChatClientOptions>) => client(await options).diagnose();
const statuses = ({ checks }: Diagnosis) => checks.map(({ id, status }) => `${id} ${status}`);

describe("diagnose", () => {
  it("finds nothing wrong with a healthy account, changes nothing and writes to nobody", async () => {
    const { simulator, options } = await account();
    const { ok, checks } = await client(options).diagnose();
    expect(ok).toBe(true);
    expect(checks.map(({ id }) => id)).toEqual([
      "reachability",
      "credentials",
      "ip-white-list",
      "token",
      "permission",
      "quota",
      "callback",
    ]);
    for (const check of checks) {
      expect(check.status, check.id).toBe("ok");
      expect(check).not.toHaveProperty("remedy");
    }
    expect(simulator.ledger.messages).toEqual([]);
    expect(simulator.ledger.calls.map(({ path, errcode }) => [path, errcode])).toEqual([
      ["/cgi-bin/getcallbackip", 41001],
      ["/cgi-bin/stable_token", 0],
      ["/cgi-bin/getcallbackip", 0],
      ["/cgi-bin/message/custom/send", 40003],
      ["/cgi-bin/openapi/quota/get", 0],
      ["/cgi-bin/callback/check", 0],
    ]);
  });

  it.each(BROKEN_SET_UPS)("names $name", async (setUp) => {
    const diagnosis = await diagnosed(setUp.options());
    const at = diagnosis.checks.findIndex(({ id }) => id === setUp.check);
    const found = diagnosis.checks[at]!;
    expect(found, inspect(diagnosis, { depth: 9 })).toMatchObject({ status: setUp.status });
    expect(found.errcode).toBe(setUp.errcode);
    expect(found.finding.en).toMatch(setUp.en);
    expect(found.finding.zh).toMatch(setUp.zh);
    expect(found.remedy?.en).toMatch(setUp.remedy.en);
    expect(found.remedy?.zh).toMatch(setUp.remedy.zh);
    expect(diagnosis.ok).toBe(setUp.status !== "failed");
    // Nothing else is blamed, and what could not be made says why.
    const others = diagnosis.checks.filter(({ id }) => id !== setUp.check);
    expect(others.filter(({ status }) => status === "failed" || status === "warning")).toEqual([]);
    for (const later of diagnosis.checks.slice(at + 1)) {
      if (setUp.status !== "failed" || setUp.goesOn) expect(later.status, later.id).toBe("ok");
      else expect(later).toMatchObject({ status: "skipped", details: { failed: setUp.check } });
    }
    const shown = inspect(diagnosis, { depth: 9 }) + JSON.stringify(diagnosis);
    for (const secret of SECRETS) expect(shown).not.toContain(secret);
    for (const { title, finding, remedy } of diagnosis.checks) {
      for (const { en, zh } of [title, finding, ...(remedy ? [remedy] : [])]) {
        expect(en + zh).not.toMatch(/[{}]|undefined|\[object/);
        expect(en).not.toBe(zh);
      }
    }
  });

  it("gives the rid of a refusal, and the IP address for programs", async () => {
    const { simulator, options } = await account({ ipWhitelist: [] });
    const { checks } = await client(options).diagnose();
    expect(checks[2]).toMatchObject({ details: { ip: "127.0.0.1" }, rid: simulator.ledger.calls.at(-1)?.rid });
  });

  it("does not show AppID and AppSecret to what is not WeChat", async () => {
    const { url, requests } = await served((_, response) => response.end("{}"));
    const { options } = await account({}, { baseUrl: url });
    expect((await client(options).diagnose()).ok).toBe(false);
    expect(requests).toHaveLength(1);
    expect(requests.join()).not.toMatch(new RegExp(`${SECRET}|${options.appId}`));
  });

  it("hints at a proxy of the environment that the client was not told to use", async () => {
    vi.stubEnv("HTTP_PROXY", "http://user:pr0xy-pa55word@proxy.example:3128");
    onTestFinished(() => void vi.unstubAllEnvs());
    const [check] = (await diagnosed(Promise.resolve({ ...SETTINGS, baseUrl: "http://no-such-host.invalid" }))).checks;
    expect(check?.remedy?.en).toContain("HTTP_PROXY is set, but this client uses a proxy only when told to");
    expect(check?.remedy?.zh).toContain("环境中设置了 HTTP_PROXY");
  });

  it("says which proxy of the environment was used, without its password", async () => {
    const proxy = await served(() => {});
    const url = proxy.url.replace("://", "://user:pr0xy-pa55word@");
    for (const name of ["HTTP_PROXY", "http_proxy"]) vi.stubEnv(name, url);
    for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { checks } = await diagnosed(
      Promise.resolve({ ...SETTINGS, baseUrl: "http://wechat.invalid", proxy: "env" }),
    );
    expect(checks[0]?.finding.en).toContain(`The proxy ${new URL(url).host} gives no connection to wechat.invalid`);
    expect(JSON.stringify(checks)).not.toContain("pr0xy-pa55word");
  });

  it("warns of the classic token source and fetches no classic token, which would end that of others", async () => {
    const { simulator, options } = await account({}, { tokenSource: "classic" });
    const { ok, checks } = await client(options).diagnose();
    expect(ok).toBe(true);
    expect(checks.filter(({ status }) => status !== "ok")).toMatchObject([
      { id: "token", status: "warning", finding: { en: expect.stringContaining("GET /cgi-bin/token") } },
    ]);
    expect(tokenCalls(simulator)).toEqual(["/cgi-bin/stable_token"]);
  });

  it("tells a classic client that another program has replaced its token, and leaves that program's alone", async () => {
    const { simulator, options } = await account({}, { tokenSource: "classic" });
    const classic = client(options);
    await classic.messages.sendText(DEFAULT_FOLLOWER, "hi");
    simulator.tokens.kill({ kind: "classic" });
    const { checks } = await classic.diagnose();
    expect(checks[3]).toMatchObject({
      status: "warning",
      errcode: 40001,
      finding: { en: expect.stringContaining("Another program has replaced this client's classic token (40001") },
    });
    expect(tokenCalls(simulator)).toEqual(["/cgi-bin/token", "/cgi-bin/stable_token"]);
  });

  it("a working token source of one's own: AppSecret and white list are left to it", async () => {
    const { simulator, options } = await account();
    const token = simulator.tokens.forceRefresh();
    const asked: boolean[] = [];
    const tokenSource = async ({ force }: { force: boolean }) => {
      asked.push(force);
      return token;
    };
    const diagnosis = await client({ ...options, tokenSource }).diagnose();
    expect(diagnosis.ok).toBe(true);
    expect(statuses(diagnosis).filter((status) => !status.endsWith(" ok"))).toEqual([
      "credentials skipped",
      "ip-white-list skipped",
    ]);
    expect(asked).toEqual([false]);
    expect(JSON.stringify(diagnosis)).not.toContain(token);
  });

  it("a call refused for the IP address under a token source of one's own is the white list's finding", async () => {
    const { simulator, options } = await account();
    const token = simulator.tokens.forceRefresh();
    const errmsg = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist";
    simulator.inject({ kind: "errcode", errcode: 40164, errmsg, path: "/cgi-bin/getcallbackip", every: 2 });
    const { checks } = await client({ ...options, tokenSource: async () => token }).diagnose();
    expect(checks[2]).toMatchObject({ id: "ip-white-list", status: "failed", details: { ip: "203.0.113.7" } });
  });

  it("what WeChat answers before it has looked at the permission leaves the permission unknown", async () => {
    for (const errcode of [45009, 45011]) {
      const { simulator, options } = await account();
      simulator.inject({ kind: "errcode", errcode });
      const { checks } = await client(options).diagnose();
      expect(checks[4]).toMatchObject({ id: "permission", status: "skipped", errcode });
      expect(checks[4]?.finding.en).toMatch(/^Not known: WeChat answered 450/);
    }
  });

  it("an API that takes a message to nobody is suspect", async () => {
    const { url } = await served(({ url: path = "" }, response) =>
      response.end(
        path.includes("getcallbackip")
          ? '{"ip_list":[]}'
          : '{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200}',
      ),
    );
    const { checks } = await diagnosed(Promise.resolve({ ...SETTINGS, baseUrl: url }));
    expect(checks[4]).toMatchObject({ id: "permission", status: "warning" });
    expect(checks[5]).toMatchObject({ id: "quota", status: "warning" });
    expect(checks[5]?.finding.en).toContain("not as documented");
  });

  it("an answer that does not come in time ends the check, not the caller", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "stall", path: "/cgi-bin/stable_token" });
    const { ok, checks } = await client(options).diagnose({ timeout: 200 });
    expect(ok).toBe(false);
    expect(checks[1]).toMatchObject({ id: "credentials", status: "failed" });
    expect(checks[1]?.finding.en).toContain("no complete answer within");
    expect(checks[1]?.remedy?.en).not.toContain("message");
  });

  it("ends at the deadline", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "stall", path: "/cgi-bin/openapi/quota/get", times: 99 });
    const { ok, checks } = await client(options).diagnose({ deadline: 1_500 });
    expect(ok).toBe(false);
    expect(checks.slice(5)).toMatchObject([
      { id: "quota", status: "warning" },
      { id: "callback", status: "skipped", finding: { en: "Not checked: the deadline passed." } },
    ]);
  });

  it("stopped by its signal, it says what it knows by then", async () => {
    const { simulator, options } = await account();
    const controller = new AbortController();
    simulator.inject({ kind: "stall", path: "/cgi-bin/stable_token" });
    const running = client(options).diagnose({ signal: controller.signal });
    await expect.poll(() => simulator.ledger.calls.length).toBe(2);
    controller.abort();
    const diagnosis = await running;
    expect(diagnosis.ok).toBe(false);
    expect(statuses(diagnosis)).toEqual([
      "reachability ok",
      ...["credentials", "ip-white-list", "token", "permission", "quota", "callback"].map((id) => `${id} skipped`),
    ]);
    expect(diagnosis.checks.at(-1)?.finding.zh).toBe("未检查：诊断已被中止。");
  });

  it("a wrong option is refused; a closed client is a finding", async () => {
    const { options } = await account();
    const one = client(options);
    await expect(one.diagnose({ deadline: -1 })).rejects.toBeInstanceOf(WeChatValidationError);
    await expect(one.diagnose({ dead: 1 } as object)).rejects.toMatchObject({ field: "dead" });
    await one.close();
    const { ok, checks } = await one.diagnose();
    expect(ok).toBe(false);
    expect(checks[0]?.finding).toEqual({
      en: "This WeChatClient was closed.",
      zh: "客户端已关闭（This WeChatClient was closed.）。",
    });
  });
});
