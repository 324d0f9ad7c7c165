import type { RequestListener } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { type FetchLimits, fetchFile } from "../../src/lib/fetch-file.js";
import { serve } from "../support/receiving.js";

const LIMITS: FetchLimits = { maxBytes: 1000, timeout: 20_000, maxRedirects: 3 };

async function fetched(listener: RequestListener, limits: Partial<FetchLimits> = {}, signal?: AbortSignal) {
  const { url, close } = await serve(listener);
  onTestFinished(close);
  return fetchFile(new URL(url), { ...LIMITS, ...limits }, signal ?? new AbortController().signal);
}

it("takes a file up to the limit", async () => {
  expect(await fetched((_request, response) => response.end(Buffer.alloc(1000, 7)))).toEqual({
    bytes: Buffer.alloc(1000, 7),
  });
});

it("takes no larger one, whether its length is told or not", async () => {
  const tooBig = { problem: "fetchTooBig", detail: "1000" };
  expect(await fetched((_request, response) => response.end(Buffer.alloc(1001)))).toEqual(tooBig);
  let ended = false;
  const endless: RequestListener = (_request, response) => {
    const pump = () => {
      while (!response.destroyed && response.write(Buffer.alloc(400))) {}
    };
    response.on("drain", pump).on("close", () => {
      ended = true;
    });
    pump();
  };
  expect(await fetched(endless)).toEqual(tooBig);
  await expect.poll(() => ended).toBe(true);
});

it("refuses by the length that is told, before the file has come", async () => {
  const promising: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": 1001 }).flushHeaders();
  };
  expect(await fetched(promising, { timeout: 2_000 })).toEqual({ problem: "fetchTooBig", detail: "1000" });
});

it("frees the connection of a redirect whose body does not end", async () => {
  let freed = false;
  const redirect: RequestListener = (request, response) => {
    if (request.url !== "/") return void response.end("file");
    response.on("close", () => {
      freed = true;
    });
    response.writeHead(302, { location: "/file" }).write("moved");
  };
  expect(await fetched(redirect)).toEqual({ bytes: Buffer.from("file") });
  await expect.poll(() => freed).toBe(true);
});

it("gives up what takes too long, before or within the file", async () => {
  const late = { problem: "fetchTimeout", detail: "" };
  expect(await fetched(() => {}, { timeout: 50 })).toEqual(late);
  expect(await fetched((_request, response) => void response.write("begins"), { timeout: 50 })).toEqual(late);
});

it("follows so many redirects and no more", async () => {
  const hops = (count: number): RequestListener => {
    return (request, response) => {
      const at = Number(request.url!.slice(1) || 0);
      if (at < count) response.writeHead(307, { location: `/${at + 1}` }).end();
      else response.end("file");
    };
  };
  expect(await fetched(hops(3))).toEqual({ bytes: Buffer.from("file") });
  expect(await fetched(hops(4))).toEqual({ problem: "fetchRedirects", detail: "" });
});

it.each(["ftp://x.example/", "file:///etc/passwd", "http://user:pass@x.example/", "http://"])(
  "does not follow a redirect to %s",
  async (location) => {
    const redirect: RequestListener = (_request, response) => response.writeHead(301, { location }).end();
    expect(await fetched(redirect)).toEqual({ problem: "fetchRedirects", detail: "" });
  },
);

it("tells a connection that broke from an answer", async () => {
  expect(await fetched((request) => void request.socket.destroy())).toMatchObject({ problem: "fetchConnect" });
  expect(await fetched((_request, response) => response.writeHead(204).end())).toEqual({
    problem: "fetchStatus",
    detail: "204",
  });
});

it("stops when it is told to, with the reason", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped");
  await expect(fetched(() => controller.abort(reason), {}, controller.signal)).rejects.toBe(reason);
});
