import { request } from "node:http";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Caller, HOUR, MORNING, start, text } from "./support.js";

interface ControlAnswer {
  status: number;
  body: Record<string, unknown>;
}

async function control(caller: Caller, method: string, path: string, body?: unknown): Promise<ControlAnswer> {
  const answer = await fetch(`${caller.sim.url}/simulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A request with headers that fetch would not let one set. */
function raw(caller: Caller, method: string, path: string, headers: Record<string, string>, body = "") {
  return new Promise<{ status: number | undefined; body: string; location: string | undefined }>((resolve, reject) => {
    const length = { "Content-Length": String(Buffer.byteLength(body)) };
    const req = request(caller.sim.url + path, { method, headers: { ...length, ...headers } }, (res) => {
      let all = "";
      res.on("data", (part: Buffer) => {
        all += part.toString();
      });
      res.on("end", () => resolve({ status: res.statusCode, body: all, location: res.headers.location }));
    });
    req.on("error", reject);
    req.end(body);
  });
}

describe("control API", () => {
  it("shows the state: accounts, followers with their windows, faults, totals", async () => {
    const caller = await start({ seed: 7 });
    await caller.send(await caller.token(), text("x"));
    caller.sim.inject({ kind: "busy", rate: 0.5 });
    const { body } = await control(caller, "GET", "state");
    expect(body).toMatchObject({
      now: MORNING,
      seed: 7,
      totals: { calls: 2, messages: 1 },
      faults: [{ id: "fault-1", kind: "busy", path: "/cgi-bin/message/custom/send", struck: 0, left: "always" }],
      accounts: [
        {
          appId: DEFAULT_APP_ID,
          wechatId: "simulator",
          verified: true,
          tokens: { classic: null, stable: { expiresIn: 7200 } },
          used: { stableTokens: 1, customSends: 1 },
          followers: [
            {
              openid: DEFAULT_FOLLOWER,
              subscribed: true,
              replyErrcode: 0,
              windows: [{ scene: "message", remaining: 4, expiresAt: MORNING + 48 * HOUR }],
            },
          ],
        },
      ],
    });
  });

  it("gives the newest entries of the ledger, as many as asked for, and clears it", async () => {
    const caller = await start();
    const token = await caller.token();
    for (const content of ["1", "2", "3"]) await caller.send(token, text(content));
    const { body } = await control(caller, "GET", "ledger?limit=2");
    expect(body).toMatchObject({
      calls: [{ id: 3 }, { id: 4 }],
      messages: [{ text: "2" }, { text: "3" }],
      totals: { calls: 4, messages: 3 },
    });
    expect((await control(caller, "GET", "ledger?limit=x")).status).toBe(400);
    await control(caller, "DELETE", "ledger");
    expect(caller.sim.ledger.totals).toEqual({ calls: 0, messages: 0, pushes: 0 });
  });

  it("moves the clock", async () => {
    const caller = await start();
    expect((await control(caller, "POST", "clock", { advance: 1000 })).body).toEqual({ now: MORNING + 1000 });
    expect((await control(caller, "POST", "clock", { set: 5000 })).body).toEqual({ now: 5000 });
    expect((await control(caller, "GET", "clock")).body).toEqual({ now: 5000 });
    expect((await control(caller, "POST", "clock", {})).body.error).toMatch(/^clock: give either advance or set/);
    expect((await control(caller, "POST", "clock", { advance: "1" })).status).toBe(400);
  });

  it("adds accounts, followers and media, and lets followers act", async () => {
    const caller = await start();
    const two = { appId: "wx2", secret: "secret-of-two", callback: "http://127.0.0.1:1880/wx" };
    expect((await control(caller, "POST", "accounts", two)).body).toEqual({ appId: "wx2" });
    await control(caller, "POST", "followers", { openid: "oTwo", appId: "wx2", window: "closed" });
    await control(caller, "POST", "media", { mediaId: "m1", type: "image", appId: "wx2" });
    const token = await caller.token("wx2", two.secret);
    const image = { touser: "oTwo", msgtype: "image", image: { media_id: "m1" } };
    expect((await caller.send(token, image)).errcode).toBe(45015);
    await control(caller, "POST", "interact", { openid: "oTwo", scene: "scan" });
    expect((await caller.send(token, image)).errcode).toBe(0);
    const shown = JSON.stringify((await control(caller, "GET", "accounts")).body);
    expect(shown).toContain('"callback":"http://127.0.0.1:1880/wx"');
    expect(shown).not.toContain(two.secret);
    expect(JSON.stringify((await control(caller, "GET", "followers")).body)).toContain('"openid":"oTwo"');
  });

  it("injects and clears faults", async () => {
    const caller = await start();
    const token = await caller.token();
    expect(await control(caller, "POST", "faults", { kind: "busy", times: "always" })).toEqual({
      status: 200,
      body: { id: "fault-1", path: "/cgi-bin/message/custom/send" },
    });
    expect((await caller.send(token, text("x"))).errcode).toBe(-1);
    expect((await caller.send(token, text("x"))).errcode).toBe(-1);
    expect((await control(caller, "GET", "faults")).body).toMatchObject({ faults: [{ struck: 2, left: "always" }] });
    await control(caller, "DELETE", "faults");
    expect((await caller.send(token, text("x"))).errcode).toBe(0);
  });

  it("takes one fault back, or says that there is none of this id", async () => {
    const caller = await start();
    await control(caller, "POST", "faults", { kind: "busy" });
    await control(caller, "POST", "faults", { kind: "stall" });
    expect((await control(caller, "DELETE", "faults?id=fault-1")).body).toMatchObject({ faults: [{ id: "fault-2" }] });
    expect((await control(caller, "DELETE", "faults?id=fault-1")).body.error).toMatch(
      /^id: there is no fault "fault-1"/,
    );
    expect((await control(caller, "DELETE", "faults")).body).toEqual({ faults: [] });
  });

  it("kills, forces and expires tokens without showing them", async () => {
    const caller = await start();
    const token = await caller.token();
    expect((await control(caller, "POST", "tokens", { action: "kill", repeat: true })).status).toBe(200);
    expect(await caller.token()).toBe(token);
    expect(await caller.judge(token)).toBe(40001);
    const forced = await control(caller, "POST", "tokens", { action: "force", appId: DEFAULT_APP_ID });
    const next = await caller.token();
    expect(next).not.toBe(token);
    expect(JSON.stringify(forced.body)).not.toContain(next);
    await control(caller, "POST", "tokens", { action: "expire" });
    expect(await caller.judge(next)).toBe(42001);
  });

  it.each([
    ["POST", "faults", { kind: "buzy" }, 400, /^fault\.kind: give one of/],
    ["POST", "faults", "{", 400, /^body: it is no JSON; give a JSON object/],
    ["POST", "act", "openid: o, type: text", 400, /^body: it is no JSON/],
    ["POST", "act", "'{openid:o}'", 400, /^body: it is no JSON/],
    ["POST", "faults", [1], 400, /^fault: give an object/],
    ["POST", "followers", {}, 400, /^openid: give a non-empty string/],
    ["POST", "followers", { openid: "o", appId: "wx9" }, 400, /^appId: there is no account wx9/],
    ["POST", "accounts", { appId: "wx9" }, 400, /^account\.secret: give a non-empty string/],
    ["POST", "accounts", { appId: "wx9", secret: "s", limits: { textBytes: "1" } }, 400, /^account\.limits\.textBytes/],
    ["POST", "interact", { openid: DEFAULT_FOLLOWER, scene: "wave" }, 400, /^interact\.scene: give one of/],
    ["POST", "tokens", { action: "steal" }, 400, /^tokens\.action: give one of kill, force, expire/],
    ["POST", "media", { mediaId: "x", type: "gif" }, 400, /^type: give one of image, voice/],
    ["POST", "act", { type: "text", text: "x" }, 400, /^act\.openid: give a non-empty string/],
    ["POST", "act", { openid: DEFAULT_FOLLOWER, type: "wave" }, 400, /^action\.type: give one of text/],
    ["POST", "act", [1], 400, /^act: give an object/],
    [
      "POST",
      "act",
      { openid: "oNew", type: "follow" },
      400,
      /^openid: no .*"oNew"; .* POST \/simulator\/followers .*subscribed: false/,
    ],
    [
      "POST",
      "act",
      { openid: DEFAULT_FOLLOWER, type: "follow" },
      400,
      /already; .*"unfollow".*subscribed: false .*POST \/simulator\/followers/,
    ],
    ["POST", "callback", {}, 400, /^callback\.callback: give the URL/],
    ["POST", "callback", { callback: "ftp://x" }, 400, /^callback\.callback: give a URL that begins with http/],
    ["POST", "callback", { callback: "http://x", url: "x" }, 400, /^callback\.url: is not an option/],
    ["POST", "switch-session", { openid: DEFAULT_FOLLOWER }, 400, /^session\.kfAccount/],
    ["POST", "followers", { openid: "o".repeat(129) }, 400, /^openid: give at most 128 characters; there are 129$/],
    ["POST", "followers", { openid: "o", nickname: "n".repeat(65) }, 400, /^nickname: give at most 64 characters/],
    ["POST", "accounts", { appId: "a".repeat(129), secret: "s" }, 400, /^account\.appId: give at most 128 characters/],
    ["POST", "accounts", { appId: "a", secret: "s", name: "n".repeat(65) }, 400, /^account\.name: give at most 64/],
    [
      "POST",
      "act",
      { openid: DEFAULT_FOLLOWER, type: "image", name: "n".repeat(256) },
      400,
      /^action\.name: give at most 255/,
    ],
    [
      "POST",
      "act",
      { openid: DEFAULT_FOLLOWER, type: "menu", key: "k".repeat(2001) },
      400,
      /^action\.key: give at most 2000/,
    ],
    [
      "POST",
      "interact",
      { openid: DEFAULT_FOLLOWER, scene: "message", text: "x".repeat(20_001) },
      400,
      /^interact\.text: give at most 20000/,
    ],
    ["PUT", "faults", {}, 405, /^\/simulator\/faults: use GET, POST, DELETE/],
    ["GET", "nothing", undefined, 404, /^\/simulator\/nothing: unknown; there are \/simulator\/state, /],
  ])("%s %s %o is refused clearly", async (method, path, body, status, error) => {
    const answer = await control(await start(), method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatch(error);
  });

  it("says that a body is no JSON also when curl calls it a form", async () => {
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    for (const body of ["hello", "'{openid:o}'", '"openid=o', "{openid=o}"]) {
      const { status, body: answer } = await raw(await start(), "POST", "/simulator/act", form, body);
      expect([status, JSON.parse(answer)]).toEqual([400, { error: expect.stringMatching(/^body: it is no JSON/) }]);
    }
  });

  it("adds a follower who does not follow yet, and who then follows", async () => {
    const caller = await start();
    await control(caller, "POST", "followers", { openid: "oNew", subscribed: false });
    expect((await control(caller, "POST", "act", { openid: "oNew", type: "follow" })).status).toBe(200);
    expect(JSON.stringify((await control(caller, "GET", "followers")).body)).toContain('"oNew","subscribed":true');
  });

  it("takes 14 MiB of what a follower does, and 1 MiB of all else", async () => {
    const caller = await start();
    const declares = (path: string, bytes: number) =>
      raw(caller, "POST", `/simulator/${path}`, { "Content-Length": String(bytes), Connection: "close" });
    for (const [path, most] of [
      ["act", 14 * 2 ** 20],
      ["interact", 2 ** 20],
      ["media", 2 ** 20],
    ] as const) {
      expect(await declares(path, most + 1)).toMatchObject({
        status: 413,
        body: `{"error":"send at most ${most} bytes, with Content-Length"}`,
      });
    }
  });

  it("answers 500 when something fails in it, says where on stderr, and lives on", async () => {
    const failing = vi.fn(() => {
      throw new Error("the notice failed");
    });
    const caller = await start({ notice: failing });
    const said: string[] = [];
    const stderr = vi.spyOn(process.stderr, "write").mockImplementation((words) => said.push(String(words)) > 0);
    onTestFinished(() => stderr.mockRestore());
    const act = () => control(caller, "POST", "act", { openid: DEFAULT_FOLLOWER, type: "text", text: "x" });
    expect(await act()).toEqual({ status: 500, body: { error: "the simulator failed; its stderr says where" } });
    expect(said.join("")).toMatch(/^Error: the notice failed\n +at .*control\.test/);
    expect((await control(caller, "GET", "state")).status).toBe(200);
  });

  it("answers 500 also when a page or file fails", async () => {
    let broken = false;
    const now = () => {
      if (broken) throw new Error("the clock failed");
      return MORNING;
    };
    const caller = await start({ clock: { now } });
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    onTestFinished(() => stderr.mockRestore());
    broken = true;
    expect((await control(caller, "GET", "media?mediaId=x")).status).toBe(500);
    broken = false;
    expect((await control(caller, "GET", "media?mediaId=x")).status).toBe(404);
  });

  it("is not in the ledger", async () => {
    const caller = await start();
    await control(caller, "GET", "state");
    await fetch(`${caller.sim.url}/simulator/`);
    expect(caller.sim.ledger.calls).toEqual([]);
  });
});

describe("a page of another site", () => {
  const refused: [string, Record<string, string>][] = [
    ["another origin", { Origin: "https://evil.example" }],
    ["another port of this machine", { Origin: "http://127.0.0.1:1" }],
    ["an opaque origin", { Origin: "null" }],
    ["a rebound name", { Host: "evil.example", Origin: "http://evil.example" }],
    ["a rebound name without origin", { Host: "evil.example:8787" }],
    ["a name that looks like loopback", { Host: "127.0.0.1.evil.example" }],
    ["a cross-site subresource", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" }],
  ];

  it.each(refused)("cannot control it: %s", async (_what, headers) => {
    const caller = await start();
    const fault = JSON.stringify({ kind: "busy" });
    expect((await raw(caller, "POST", "/simulator/faults", headers, fault)).status).toBe(403);
    expect((await raw(caller, "GET", "/simulator/ledger", headers)).status).toBe(403);
    expect((await raw(caller, "GET", "/simulator/", headers)).status).toBe(403);
    expect((await caller.send(await caller.token(), text("x"))).errcode).toBe(0);
  });

  it("may link to it; its own page, localhost and curl may control it", async () => {
    const caller = await start();
    const { host, port } = new URL(caller.sim.url);
    const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
    expect((await raw(caller, "GET", "/simulator/", link)).status).toBe(200);
    const allowed: Record<string, string>[] = [
      { Origin: `http://${host}`, "Sec-Fetch-Site": "same-origin" },
      { Host: `localhost:${port}`, Origin: `http://localhost:${port}` },
      { "Content-Type": "application/x-www-form-urlencoded" },
    ];
    for (const headers of allowed) {
      expect((await raw(caller, "POST", "/simulator/faults", headers, '{"kind":"busy"}')).status).toBe(200);
    }
  });

  it("another Host is right when the simulator listens beyond loopback, another origin is not", async () => {
    const caller = await start({ host: "0.0.0.0" });
    expect(caller.sim.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await raw(caller, "GET", "/simulator/state", { Host: "build-box:8787" })).status).toBe(200);
    const foreign = { Host: "build-box:8787", Origin: "http://evil.example" };
    expect((await raw(caller, "POST", "/simulator/faults", foreign, '{"kind":"busy"}')).status).toBe(403);
  });
});
