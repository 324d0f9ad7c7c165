import { EventEmitter, once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { McpServer } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { serveOverHttp } from "../src/transports/http.js";
import { HttpAccess } from "../src/transports/http-access.js";
import { type Asking, ask, begin, callOf, messageOf, TOKEN } from "./support/http.js";

/** A server with a tool that answers, and one that answers when it is told to, or its call is cancelled. */
async function door({ host = "127.0.0.1", allowedHosts = [] as string[] } = {}) {
  let created = 0;
  const seen = new EventEmitter();
  const [hanging, cancelled, released] = ["hanging", "cancelled", "released"].map((event) => once(seen, event));
  const create = () => {
    created++;
    const server = new McpServer({ name: "test", version: "1.0.0" });
    const inputSchema = z.strictObject({});
    server.registerTool("answer", { description: "answers", inputSchema }, () => ({
      content: [{ type: "text", text: "here" }],
    }));
    server.registerTool("hang", { description: "hangs", inputSchema }, async (_, { mcpReq }) => {
      seen.emit("hanging");
      await Promise.race([released, once(mcpReq.signal, "abort").then(() => seen.emit("cancelled"))]);
      return { content: [] };
    });
    return server;
  };
  const access = new HttpAccess({ host, allowedHosts, token: TOKEN });
  const connection = await serveOverHttp(create, { host: "127.0.0.1", port: 0, access });
  onTestFinished(() => connection.close(0));
  return {
    connection,
    port: connection.port,
    created: () => created,
    hanging,
    cancelled,
    release: () => seen.emit("released"),
    ask: (asking: Asking) => ask(connection.port, asking),
  };
}

const LIST = { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
const BIG = "x".repeat(1024 * 1024 + 1);

describe("a request", () => {
  it.each<[string, Asking, number]>([
    ["of a page at another name", { ...LIST, headers: { host: "evil.example" } }, 403],
    ["that hides another name behind ours", { ...LIST, headers: { host: "127.0.0.1@evil.example" } }, 403],
    ["with a host that cannot be read", { ...LIST, headers: { host: "127.0.0.1:x" } }, 403],
    ["of another origin", { ...LIST, headers: { origin: "https://evil.example" } }, 403],
    ["of no origin that can be named", { ...LIST, headers: { origin: "null" } }, 403],
    ["without a token", { ...LIST, headers: { authorization: undefined } }, 401],
    ["with another token", { ...LIST, headers: { authorization: `Bearer ${TOKEN}x` } }, 401],
    ["with the beginning of the token", { ...LIST, headers: { authorization: `Bearer ${TOKEN.slice(0, -1)}` } }, 401],
    ["with an empty token", { ...LIST, headers: { authorization: "Bearer " } }, 401],
    ["with the token as a password", { ...LIST, headers: { authorization: `Basic ${btoa(`x:${TOKEN}`)}` } }, 401],
    ["with the token in the query", { ...LIST, path: `/mcp?token=${TOKEN}`, headers: { authorization: "" } }, 401],
    ["to another path", { ...LIST, path: "/" }, 404],
    ["to a path below", { ...LIST, path: "/mcp/" }, 404],
    ["to a path of another host", { ...LIST, path: "http://127.0.0.1/mcp" }, 404],
    ["for a login that is not there", { method: "GET", path: "/.well-known/oauth-protected-resource/mcp" }, 404],
    ["for a stream of its own", { method: "GET" }, 405],
    ["to end a session", { method: "DELETE" }, 405],
    ["of another method", { method: "PUT", body: "{}" }, 405],
    ["that is no JSON by its type", { ...LIST, headers: { "content-type": "text/plain" } }, 415],
    ["that is no JSON", { body: "{" }, 400],
    ["that is empty", { body: "" }, 400],
    ["that says it is too large", { body: BIG }, 413],
    ["that turns out too large", { body: [BIG.slice(9), BIG.slice(9)] }, 413],
    ["in pieces", { body: [LIST.body.slice(0, 9), LIST.body.slice(9)] }, 200],
    ["with the token, the scheme in small letters", { ...LIST, headers: { authorization: `bearer ${TOKEN}` } }, 200],
    ["by another name of this machine", { ...LIST, headers: { host: "LOCALHOST:1" } }, 200],
    ["of a page of this machine", { ...LIST, headers: { origin: "http://localhost:5173" } }, 200],
  ])("%s", async (_, asking, status) => {
    const { ask, created } = await door();
    const answer = await ask(asking);
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toContain("no-store");
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(TOKEN.slice(0, 8));
    expect(answer.headers["www-authenticate"]?.startsWith("Bearer")).toBe(status === 401 ? true : undefined);
    if (status === 404) expect(answer.text).toContain("/mcp");
    if (status === 200) expect(messageOf(answer)).toMatchObject({ result: { tools: [{}, {}] } });
    // What is refused reaches no server.
    if ([401, 403, 404, 413].includes(status)) expect(created()).toBe(0);
  });

  it("is checked in order: path, Host, Origin, token, body", async () => {
    const { ask } = await door();
    const wrong = {
      path: "/elsewhere",
      headers: { host: "evil.example", origin: "https://evil.example", authorization: undefined },
      body: BIG,
    };
    const { headers } = wrong;
    expect((await ask(wrong)).status).toBe(404);
    expect((await ask({ ...wrong, path: "/mcp" })).text).toContain("(Host)");
    expect((await ask({ body: BIG, headers: { ...headers, host: "localhost" } })).text).toContain("(Origin)");
    expect((await ask({ body: BIG, headers: { authorization: undefined } })).status).toBe(401);
    expect((await ask({ body: BIG })).status).toBe(413);
  });

  it.each<[string, string[], string, number]>([
    ["127.0.0.1", [], "192.0.2.7", 403],
    ["0.0.0.0", [], "0.0.0.0", 403],
    ["::", [], "[::]", 403],
    ["192.0.2.7", [], "192.0.2.7:9967", 200],
    ["192.0.2.7", [], "192.0.2.8", 403],
    ["192.0.2.7", [], "localhost", 200],
    ["2001:DB8:0:0::1", [], "[2001:db8::1]:9967", 200],
    ["Desk.Example", [], "desk.example", 200],
    ["0.0.0.0", ["mcp.example.com"], "mcp.example.com", 200],
    ["0.0.0.0", ["mcp.example.com"], "evil.mcp.example.com", 403],
    ["127.0.0.1", ["公众号.example"], "xn--55qx5dp9b.example", 403],
    ["127.0.0.1", ["公众号.example"], new URL("http://公众号.example").hostname, 200],
  ])("to a server on %s, allowed %j, by the name %s: %i", async (host, allowedHosts, name, status) => {
    const { ask } = await door({ host, allowedHosts });
    expect((await ask({ ...LIST, headers: { host: name } })).status).toBe(status);
    expect((await ask({ ...LIST, headers: { origin: `https://${name}` } })).status).toBe(status);
  });

  it("whose head does not come is given up", async () => {
    const { port } = await door();
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /mcp HTTP/1.1\r\nHost: 127");
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain("408");
  });
});

describe.each(["2025", "2026"] as const)("a call of the %s revision", (era) => {
  it("is answered", async () => {
    const { ask } = await door();
    expect(messageOf(await ask(callOf(era, "answer")))).toMatchObject({
      id: 1,
      result: { content: [{ text: "here" }] },
    });
  });

  it("is cancelled when its client goes away", async () => {
    const { port, hanging, cancelled } = await door();
    const { answer, goAway } = begin(port, callOf(era, "hang"));
    const lost = expect(answer).rejects.toThrow();
    await hanging;
    goAway();
    await lost;
    await cancelled;
  });

  it("is waited for when the server ends, and cancelled when that takes too long", async () => {
    const { connection, port, hanging, cancelled } = await door();
    const { answer } = begin(port, callOf(era, "hang"));
    const lost = expect(answer).rejects.toThrow();
    await hanging;
    await connection.close(50);
    await Promise.all([lost, cancelled]);
    await expect(ask(port, callOf(era, "answer"))).rejects.toThrow("ECONNREFUSED");
  });
});

it("a subscription of the 2026 revision does not keep the server when it ends", async () => {
  const { connection, port } = await door();
  const asking = callOf("2026", "listen");
  const message = JSON.parse(String(asking.body));
  const params = { _meta: message.params._meta, notifications: { toolsListChanged: true } };
  const body = JSON.stringify({ ...message, method: "subscriptions/listen", params });
  const headers = { ...asking.headers, "mcp-method": "subscriptions/listen", "mcp-name": undefined };
  const acknowledged = new Promise<void>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      const given = Object.entries({ ...headers, "content-type": "application/json", accept: "text/event-stream" });
      const lines = given.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
    socket.on("data", (chunk) => String(chunk).includes("acknowledged") && resolve());
  });
  await acknowledged;
  // Longer than a test may take.
  await connection.close(60_000);
});

it("a call under way is answered when the server ends, and its connection is not kept for a next one", async () => {
  const { connection, hanging, release } = await door();
  const agent = new Agent({ keepAlive: true });
  const { answer } = begin(connection.port, { ...callOf("2025", "hang"), agent });
  await hanging;
  // Longer than a test may take.
  const closed = connection.close(60_000);
  release();
  expect(messageOf(await answer)).toMatchObject({ result: {} });
  await closed;
});
