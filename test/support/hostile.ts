import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a server that means harm, or a broken one between WeChat and us, does with a call. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, echo: string) => void;

/** Where it listens, also as a proxy. */
export interface Hostile {
  readonly host: string;
}

const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};

/** Each says everything that it knows: the URL and the body that came, and the secrets themselves. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "a refusal that echoes": (_, response, echo) => json(response, { errcode: 40097, errmsg: `invalid args ${echo}` }),
  "a refused token that echoes": (_, response, echo) => json(response, { errcode: 40001, errmsg: `invalid ${echo}` }),
  "a refusal with hint and address that echo": (_, response, echo) =>
    json(response, { errcode: 40164, errmsg: `invalid ip ${echo.replaceAll(" ", "")}, hints: [ ${echo} ]` }),
  "busy, and echoes": (_, response, echo) => json(response, { errcode: -1, errmsg: `system error ${echo}` }),
  "an errcode that is text": (_, response, echo) => json(response, { errcode: echo, errmsg: echo }),
  "another JSON than documented": (_, response, echo) =>
    json(response, { errcode: 0, errmsg: echo, [echo]: echo }, 201),
  "HTTP 403 with JSON": (_, response, echo) => json(response, { errcode: 0, message: echo }, 403),
  "an HTML page": (_, response, echo) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<html><title>${echo}</title></html>`);
  },
  "HTTP 502 with a page": (_, response, echo) => {
    response.writeHead(502, "Bad Gateway", { "content-type": "text/html", via: echo.replaceAll(/[^\x20-\x7e]/g, "") });
    response.end(echo);
  },
  "a redirect to what was asked": (request, response) => {
    response.writeHead(302, { location: `https://example.com${request.url}` });
    response.end();
  },
  "garbage of a type that echoes": (_, response, echo) => {
    response.writeHead(200, { "content-type": `text/${echo.replaceAll(/[^\w-]/g, "")}` });
    response.end(Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from(echo)]));
  },
  "half an answer": (_, response, echo) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "10000" });
    response.write(`{"errcode":0,"errmsg":"${echo}`, () => response.destroy());
  },
  "no HTTP": (request, _, echo) => void request.socket.end(`${echo}\r\n\r\n`),
  "a header that breaks HTTP": (request, _, echo) =>
    void request.socket.end(`HTTP/1.1 200 OK\r\n${echo.replaceAll(" ", "")}\r\n\r\n`),
  "a reset": (request) => void request.socket.resetAndDestroy(),
  "no answer": () => {},
};

/**
 * A server in WeChat's place that gives `token` to who asks for one, and behaves as told otherwise.
 * @param at whether the endpoints that hand out tokens misbehave, or all others
 * @param secrets what it says beside what came
 */
export async function hostile(
  behaviour: Behaviour,
  at: "calls" | "tokens",
  token: string,
  secrets: readonly string[],
): Promise<Hostile> {
  const server = createServer(async (request, response) => {
    const asksForToken = /^\/cgi-bin\/(stable_)?token\b/.test(request.url ?? "");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (asksForToken && at === "calls") return json(response, { access_token: token, expires_in: 7200 });
    const body = Buffer.concat(chunks)
      .toString()
      .replaceAll(/[^\x20-\x7e]/g, "");
    behaviour(request, response, `${request.url} ${body} ${secrets.join(" ")} ${token}`);
  });
  // It is its own proxy too.
  server.on("connect", (_, socket) => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    server.emit("connection", socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}
