import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { createSimulator, SimulatorOptionError } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { RID, start, text } from "./support.js";

interface HttpAnswer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: string;
  /** The local port of the connection that was used. */
  port: number | undefined;
}

function exchange(
  url: string,
  method: string,
  agent: Agent,
  write: (end: (chunk?: string) => void, chunk: (data: string) => void) => void,
) {
  return new Promise<HttpAnswer>((resolve, reject) => {
    const req = request(url, { method, agent }, (res) => {
      const port = res.socket.localPort;
      const parts: Buffer[] = [];
      res.on("data", (part: Buffer) => parts.push(part));
      res.on("end", () =>
        resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts).toString(), port }),
      );
    });
    req.on("error", reject);
    write(
      (data) => req.end(data),
      (data) => req.write(data),
    );
  });
}

it("answers JSON as WeChat does, with its length, in raw UTF-8", async () => {
  const caller = await start();
  const answer = await fetch(`${caller.sim.url}/cgi-bin/token?grant_type=client_credential`);
  const body = await answer.text();
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json; encoding=utf-8");
  expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(body)));
  expect((JSON.parse(body) as { errmsg: string }).errmsg).toMatch(RID);
});

it("answers 412 to a chunked body, delivers nothing, and keeps the connection", async () => {
  const caller = await start();
  const url = `${caller.sim.url}/cgi-bin/message/custom/send?access_token=${await caller.token()}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const json = JSON.stringify(text("你好"));
  const chunked = await exchange(url, "POST", agent, (end, chunk) => {
    chunk(json.slice(0, 10));
    chunk(json.slice(10));
    end();
  });
  expect(chunked.status).toBe(412);
  expect(chunked.body).toContain("412 Precondition Failed");
  expect(chunked.headers["content-type"]).toMatch(/^text\/html/);
  expect(caller.sim.ledger.messages).toEqual([]);
  expect(caller.sim.ledger.calls.at(-1)).toMatchObject({ path: "/cgi-bin/message/custom/send", httpStatus: 412 });
  const whole = await exchange(url, "POST", agent, (end) => end(json));
  expect(whole).toMatchObject({ status: 200, body: '{"errcode":0,"errmsg":"ok"}', port: chunked.port });
  expect(caller.sim.ledger.messages).toHaveLength(1);
  agent.destroy();
});

it("answers 413 to a body beyond 1 MiB without reading it into memory", async () => {
  const caller = await start();
  const url = `${caller.sim.url}/cgi-bin/message/custom/send?access_token=${await caller.token()}`;
  const answer = await fetch(url, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
  expect(answer.status).toBe(413);
  expect(caller.sim.ledger.calls.at(-1)?.httpStatus).toBe(413);
  expect((await fetch(url, { method: "POST", body: "x".repeat(1024 * 1024) })).status).toBe(200);
});

it("takes a deeply nested body without harm", async () => {
  const caller = await start();
  const deep = `{"touser":"x","msgtype":"text","secret":"s","text":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
  const answer = await caller.send(await caller.token(), deep);
  expect([40003, 47001]).toContain(answer.errcode);
  expect((await fetch(`${caller.sim.url}/simulator/ledger`)).status).toBe(200);
});

it("records a request that breaks off, and delivers nothing", async () => {
  const caller = await start();
  const token = await caller.token();
  const { hostname, port } = new URL(caller.sim.url);
  const body = JSON.stringify(text("half"));
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /cgi-bin/message/custom/send?access_token=${token} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -5)}`,
    () => socket.destroy(),
  );
  await expect.poll(() => caller.sim.ledger.calls.at(-1)).toMatchObject({ aborted: true });
  expect(caller.sim.ledger.messages).toEqual([]);
});

it("says which endpoint it does not have", async () => {
  const caller = await start();
  const answer = await fetch(`${caller.sim.url}/cgi-bin/menu/create?access_token=x`, { method: "POST", body: "{}" });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: "the simulator does not have POST /cgi-bin/menu/create" });
  expect(caller.sim.ledger.calls.at(-1)).toMatchObject({ path: "/cgi-bin/menu/create", httpStatus: 404 });
});

it("listens on loopback, on any free port, and fails clearly when it cannot", async () => {
  const { sim } = await start();
  expect(sim.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await expect(createSimulator({ port: Number(new URL(sim.url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

it.each([
  [{ port: 70_000 }, /^port: give a port from 0 to 65535/],
  [{ prot: 1 }, /^options\.prot: is not an option; known are port, host/],
  [{ accounts: [] }, /^accounts: give at least one account/],
  [{ accounts: [{ appId: "wx1" }] }, /^accounts\[0\]\.secret: give a non-empty string/],
  [{ accounts: [{ appId: "wx1", secret: "s", verifed: false }] }, /^accounts\[0\]\.verifed: is not an option/],
  [
    {
      accounts: [
        { appId: "a", secret: "s" },
        { appId: "a", secret: "s" },
      ],
    },
    /^accounts\[1\]\.appId: "a" is given twice/,
  ],
  [{ accounts: [{ appId: "a", secret: "s", callback: "ftp://x" }] }, /^accounts\[0\]\.callback: give a URL/],
  [{ accounts: [{ appId: "a", secret: "s", ipWhitelist: ["10.0.0.0/33"] }] }, /"10\.0\.0\.0\/33" is neither an IP/],
  [{ limits: { customSendsPerDay: -1 } }, /^limits\.customSendsPerDay: give a whole number of at least 0/],
  [{ seed: 0.5 }, /^seed: give a whole number from 0/],
  [{ quotaRule: "sum" }, /^quotaRule: give one of reset, add/],
])("refuses bad options: %o", async (options, message) => {
  const started = createSimulator(options as object);
  await expect(started).rejects.toThrow(message);
  await expect(started).rejects.toBeInstanceOf(SimulatorOptionError);
});
