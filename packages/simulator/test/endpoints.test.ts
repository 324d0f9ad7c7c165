import { API_ENDPOINTS, type ApiEndpoint, type Limits } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { account, type Caller, HOUR, ready, start } from "./support.js";

/** These authenticate with the AppSecret; tokens.test.ts and operations.test.ts are about them. */
const BY_SECRET = ["/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/clear_quota/v2"];
const BY_TOKEN = API_ENDPOINTS.filter(({ path }) => !BY_SECRET.includes(path)).map(
  (endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const,
);

function call(caller: Caller, { method, path }: ApiEndpoint, token: string) {
  return method === "GET" ? caller.get(path, token) : caller.post(path, token, {});
}

it("there are the endpoints that a client of messages, and what is around them, needs", () => {
  expect(API_ENDPOINTS.length).toBe(BY_TOKEN.length + BY_SECRET.length);
  expect(API_ENDPOINTS.map(({ method, path }) => `${method} ${path}`).sort()).toMatchSnapshot();
});

describe.each(BY_TOKEN)("%s", (_name, endpoint) => {
  it("wants a token that is there, well formed, known, current and not expired", async () => {
    const { caller, sim, token } = await ready();
    expect((await call(caller, endpoint, "")).errcode).toBe(41001);
    expect((await call(caller, endpoint, "abc")).errcode).toBe(40014);
    expect((await call(caller, endpoint, await (await start()).token())).errcode).toBe(40001);
    sim.tokens.expire();
    expect((await call(caller, endpoint, token)).errcode).toBe(42001);
  });

  it("wants its method", async () => {
    const { caller, token } = await ready();
    const other: ApiEndpoint = { ...endpoint, method: endpoint.method === "GET" ? "POST" : "GET" };
    if (endpoint.path !== "/customservice/kfaccount/del") {
      expect((await call(caller, other, token)).errcode).toBe(endpoint.method === "GET" ? 43001 : 43002);
    }
    const put = await caller.json(`${endpoint.path}?access_token=${token}`, { method: "PUT", body: "{}" });
    expect(put.errcode).toBe(endpoint.method === "GET" ? 43001 : 43002);
  });

  it("is for verified accounts only, unless it is an operation", async () => {
    const { caller, token } = await ready({ verified: false });
    const operation = /openapi|clear_quota|ip$|callback/.test(endpoint.path);
    const { errcode } = await call(caller, endpoint, token);
    if (operation) expect(errcode).not.toBe(48001);
    else expect(errcode).toBe(48001);
  });

  it("is struck by faults", async () => {
    const { caller, sim, token } = await ready();
    sim.inject({ kind: "errcode", path: endpoint.path, errcode: 50002, errmsg: "user limited" });
    expect(await call(caller, endpoint, token)).toMatchObject({ errcode: 50002 });
    expect(sim.ledger.calls.at(-1)).toMatchObject({ path: endpoint.path, fault: "errcode", errcode: 50002 });
  });

  it("ends for the day at its limit, and begins again after midnight in China", async () => {
    const named: Record<string, keyof Limits> = {
      "/cgi-bin/message/custom/send": "customSendsPerDay",
      "/cgi-bin/message/template/send": "templateSendsPerDay",
      "/cgi-bin/media/upload": "mediaUploadsPerDay",
      "/cgi-bin/media/get": "mediaDownloadsPerDay",
      "/cgi-bin/user/get": "userListsPerDay",
      "/cgi-bin/user/info": "userInfosPerDay",
      "/cgi-bin/user/info/batchget": "userInfosPerDay",
    };
    const { caller, sim, token } = await ready({}, { limits: { [named[endpoint.path] ?? "otherCallsPerDay"]: 1 } });
    expect((await call(caller, endpoint, token)).errcode).not.toBe(45009);
    expect((await call(caller, endpoint, token)).errcode).toBe(45009);
    sim.clock.advance(14 * HOUR - 1);
    expect((await call(caller, endpoint, await caller.token())).errcode).toBe(45009);
    sim.clock.advance(1);
    expect((await call(caller, endpoint, await caller.token())).errcode).not.toBe(45009);
  });
});

it("an account's limits go before those for all, and zero closes an endpoint", async () => {
  const caller = await start({
    accounts: [account({ limits: { userListsPerDay: 0 } }), { appId: "wx2", secret: "s" }],
    limits: { userListsPerDay: 1 },
  });
  expect((await caller.get("/cgi-bin/user/get", await caller.token())).errcode).toBe(45009);
  expect((await caller.get("/cgi-bin/user/get", await caller.token("wx2", "s"))).errcode).toBeUndefined();
});
