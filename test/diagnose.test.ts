import { inspect } from "node:util";
import {
  type Diagnosis,
  WeChatClient,
  type WeChatClientOptions,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { Agent, type Dispatcher, MockAgent } from "undici";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { account, BROKEN_SET_UPS, SECRET, SECRETS, served } from "./support/broken-set-ups.js";
import { tokenCalls } from "./support/desk.js";

const SETTINGS = { appId: "wx0123456789abcdef", appSecret: SECRET };

function client(options: WeChatClientOptions): WeChatClient {
  const made = new WeChatClient(options);
  onTestFinished(() => made.close());
  return made;
}
const PROBE = "/cgi-bin/message/custom/send";

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

  it("a connection that does not come about in time is not told as one that was taken", async () => {
    const slow: Dispatcher = Object.assign(new Agent({ connect: () => {} }), {});
    onTestFinished(() => slow.destroy());
    const options = { ...SETTINGS, baseUrl: "http://wechat.invalid", dispatcher: slow, timeout: 200 };
    const [check] = (await diagnosed(Promise.resolve(options))).checks;
    expect(check?.finding.en).toBe("No connection to wechat.invalid comes about (timeout).");
  });

  it("names the backup host that answers where WeChat's own cannot be reached", async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    onTestFinished(() => mock.close());
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const path = /.*/;
    mock.get("https://api.weixin.qq.com").intercept({ path }).replyWithError(refused).persist();
    mock.get("https://api2.weixin.qq.com").intercept({ path }).reply(200, '{"errcode":41001}').persist();
    const [check] = (await diagnosed(Promise.resolve({ ...SETTINGS, dispatcher: mock }))).checks;
    expect(check).toMatchObject({
      status: "warning",
      finding: {
        en: expect.stringMatching(/^api\.weixin\.qq\.com cannot be reached; api2\.weixin\.qq\.com, a backup/),
      },
      details: { backup: "api2.weixin.qq.com" },
    });
  });

  it("the lower-case https_proxy is seen where the API is at https", async () => {
    for (const name of ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "no_proxy"]) vi.stubEnv(name, "");
    vi.stubEnv("https_proxy", "http://proxy.example:3128");
    onTestFinished(() => void vi.unstubAllEnvs());
    const at = async (baseUrl: string) => (await diagnosed(Promise.resolve({ ...SETTINGS, baseUrl }))).checks[0];
    expect((await at("https://no-such-host.invalid"))?.remedy?.en).toContain("https_proxy is set");
    expect((await at("http://no-such-host.invalid"))?.remedy?.en).not.toContain("is set");
  });

  it("asks for no token any more once it has ended", async () => {
    const { simulator, options } = await account();
    const asked: AbortSignal[] = [];
    const tokenSource = ({ signal }: { signal?: AbortSignal }) => {
      if (signal) asked.push(signal);
      return new Promise<string>(() => {});
    };
    await client({ ...options, tokenSource }).diagnose({ deadline: 500 });
    expect(simulator.ledger.calls).toHaveLength(1);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("hints at a proxy of the environment that the client was not told to use", async () => {
    vi.stubEnv("HTTP_PROXY", "http://user:pr0xy-pa55word@proxy.example:3128");
    onTestFinished(() => void vi.unstubAllEnvs());
    const [check] = (await diagnosed(Promise.resolve({ ...SETTINGS, baseUrl: "http://no-such-host.invalid" }))).checks;
    expect(check?.remedy?.en).toContain(
      "HTTP_PROXY is set, but this client uses a proxy only when told to: set WECHAT_PROXY=env",
    );
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
      {
        id: "token",
        status: "warning",
        finding: { en: expect.stringMatching(/GET \/cgi-bin\/token.*stable token was used/) },
      },
    ]);
    expect(tokenCalls(simulator)).toEqual(["/cgi-bin/stable_token"]);
  });

  describe("a classic client", () => {
    const ACCEPTANCE = "/cgi-bin/getcallbackip";
    /** The knock without a token is the first call of the path. */
    const LATER = { path: ACCEPTANCE, every: 2, times: 1 } as const;

    it("that holds a token is told that WeChat's API accepts it", async () => {
      const { simulator, options } = await account({}, { tokenSource: "classic" });
      const classic = client(options);
      await classic.messages.sendText(DEFAULT_FOLLOWER, "hi");
      const { checks } = await classic.diagnose();
      expect(checks[3]?.finding.en).toContain("accepts the one that this client holds");
      expect(checks[3]?.finding.en).not.toContain("stable token");
      expect(simulator.ledger.calls.filter(({ path }) => path === ACCEPTANCE)).toHaveLength(2);
    });

    it("whose token has expired at WeChat is not told that another program replaced it", async () => {
      const { simulator, options } = await account({}, { tokenSource: "classic" });
      const classic = client(options);
      await classic.messages.sendText(DEFAULT_FOLLOWER, "hi");
      simulator.inject({ kind: "token-expired", ...LATER });
      const { ok, checks } = await classic.diagnose();
      expect(ok).toBe(true);
      expect(checks[3]).toMatchObject({ status: "warning", finding: { en: expect.stringContaining("stable token") } });
      expect(checks[3]).not.toHaveProperty("errcode");
    });

    it("without a token: a refused stable token is the stable token's fault, and nothing is well", async () => {
      const { simulator, options } = await account({}, { tokenSource: "classic" });
      simulator.inject({ kind: "token-superseded", path: ACCEPTANCE, every: 2 });
      const { ok, checks } = await client(options).diagnose();
      expect(ok).toBe(false);
      expect(checks[3]).toMatchObject({
        status: "failed",
        errcode: 40001,
        details: { source: "classic" },
        finding: { en: expect.stringContaining("refuses the very token that stable_token gives (40001") },
      });
    });

    it("without a token: a call that gets no answer is no good token", async () => {
      const { simulator, options } = await account(
        {},
        { tokenSource: "classic", readRetry: { retries: 0, baseDelay: 0, maxDelay: 0 } },
      );
      simulator.inject({ kind: "stall", ...LATER });
      const { ok, checks } = await client(options).diagnose({ timeout: 500 });
      expect(ok).toBe(false);
      expect(checks[3]).toMatchObject({ id: "token", status: "failed" });
      expect(checks[3]?.finding.en).toContain("no complete answer within 500 ms");
    });
  });

  it("the probe of the permission has no recipient and no text, and what refuses it is told", async () => {
    const { simulator, options } = await account();
    await client(options).diagnose();
    const probe = simulator.ledger.calls.find(({ path }) => path === PROBE);
    expect(probe?.body).toEqual({ touser: "", msgtype: "text", text: { content: "" } });
    simulator.inject({ kind: "errcode", errcode: 40001, path: PROBE });
    expect((await client(options).diagnose()).checks[4]).toMatchObject({ status: "failed", errcode: 40001 });
  });

  it("a probe without an answer, or answered -1, is made once and asks for nothing but another try", async () => {
    for (const fault of [{ kind: "busy", times: 9 }, { kind: "stall" }] as const) {
      const { simulator, options } = await account({}, { atLeastOnce: true });
      simulator.inject(fault);
      const { checks } = await client(options).diagnose({ timeout: 500 });
      expect(checks[4]).toMatchObject({ id: "permission", status: fault.kind === "busy" ? "skipped" : "failed" });
      expect(checks[4]?.remedy?.en).toMatch(/try again|run the diagnosis again/i);
      expect(checks[4]?.remedy?.en).not.toMatch(/message|done/);
      expect(simulator.ledger.calls.filter(({ path }) => path === PROBE)).toHaveLength(1);
    }
  });

  it("a callback for which WeChat gives no pings is not said to answer them", async () => {
    const { url } = await served(({ url: path = "" }, response) =>
      response.end(
        path.includes("/callback/check")
          ? '{"dns":[{"ip":"203.0.113.9","real_operator":"CAP"}],"ping":[]}'
          : '{"ip_list":[],"access_token":"t","expires_in":7200}',
      ),
    );
    const { checks } = await diagnosed(Promise.resolve({ ...SETTINGS, baseUrl: url }));
    expect(checks[6]).toMatchObject({ id: "callback", status: "ok" });
    expect(checks[6]?.finding.en).toContain("told no result of a ping");
    expect(checks[6]?.finding.en).not.toContain("gets answers");
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
    const { ok, checks } = await client(options).diagnose({ timeout: 500 });
    expect(ok).toBe(false);
    expect(checks.slice(0, 5)).toMatchObject([
      { status: "ok" },
      { id: "credentials", status: "skipped", finding: { en: expect.stringMatching(/^Not known: .*within 500 ms/) } },
      { id: "ip-white-list", status: "skipped", finding: { en: expect.stringMatching(/^Not known: /) } },
      { id: "token", status: "failed", finding: { en: expect.stringContaining("no complete answer within 500 ms") } },
      { status: "skipped", details: { failed: "token" } },
    ]);
    expect(checks[3]?.finding.zh).toBe("未在限定时间内得到应答（POST /cgi-bin/stable_token，500 ms）。");
    expect(checks[3]?.remedy?.en).toMatch(/^Try again/);
  });

  it("a busy token endpoint is no fault of AppID and AppSecret", async () => {
    const { simulator, options } = await account({}, { tokenRetry: { retries: 0, baseDelay: 0, maxDelay: 0 } });
    simulator.inject({ kind: "busy", path: "/cgi-bin/stable_token", times: 9 });
    const { ok, checks } = await client(options).diagnose();
    expect(ok).toBe(false);
    expect(statuses({ ok, checks }).slice(1, 4)).toEqual([
      "credentials skipped",
      "ip-white-list skipped",
      "token failed",
    ]);
    expect(checks[3]).toMatchObject({ errcode: -1, remedy: { en: expect.stringMatching(/run the diagnosis again/) } });
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
      zh: "客户端已关闭。",
    });
  });
});
