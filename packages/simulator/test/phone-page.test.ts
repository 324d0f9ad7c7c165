import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { FILES, ready, start, text } from "./support.js";

describe("the page", () => {
  it("runs only what the simulator serves, and shows no data by itself", async () => {
    const caller = await start();
    await caller.send(await caller.token(), text("<script>alert(1)</script>"));
    const answer = await fetch(`${caller.sim.url}/simulator/`);
    const page = await answer.text();
    const policy = answer.headers.get("content-security-policy") ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(policy.replace(nonce ?? "", "N").split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self' 'nonce-N'",
      "style-src 'self'",
      "img-src 'self' data:",
      "media-src 'self'",
      "connect-src 'self'",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    expect([...page.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      `<script type="importmap" nonce="${nonce}">`,
      '<script type="module" src="/simulator/phone/main.js">',
    ]);
    expect(page).not.toMatch(/alert|style=|<style|\son\w+=/);
    const again = await (await fetch(`${caller.sim.url}/simulator/`)).text();
    expect(again).not.toContain(nonce);
  });

  it("has every script, style and module that it asks for, and nothing else", async () => {
    const { sim } = await start();
    const get = async (path: string) => {
      const answer = await fetch(sim.url + path);
      const type = answer.headers.get("content-type");
      const sniffed = answer.headers.get("x-content-type-options") !== "nosniff";
      return { status: answer.status, type, sniffed, body: await answer.text() };
    };
    const page = (await get("/simulator/")).body;
    const { imports } = JSON.parse(/<script type="importmap"[^>]*>(.*?)<\/script>/.exec(page)?.[1] ?? "");
    const queue = [...page.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path!);
    const seen = new Set<string>();
    for (const path of queue) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, type, sniffed, body } = await get(path);
      expect([path, status, sniffed, type]).toEqual([
        path,
        200,
        false,
        expect.stringMatching(/^text\/(javascript|css); charset=utf-8$/),
      ]);
      for (const [, name = ""] of body.matchAll(/(?:^|[;}])import\b[^"';]*["']([^"']+)["']/gm)) {
        const bare = /^lit-html(\/.*)?$/.exec(name);
        const to =
          bare === null ? name : bare[1] === undefined ? imports["lit-html"] : imports["lit-html/"] + bare[1].slice(1);
        queue.push(new URL(to, sim.url + path).pathname);
      }
    }
    expect(seen).toContain("/simulator/phone/phone.css");
    expect(seen.size).toBeGreaterThan(25);
    for (const path of [
      "phone/../cli.js",
      "phone/%2e%2e/cli.js",
      "phone/lit-html/package.json",
      "phone/main.d.ts",
      "phone/",
    ]) {
      expect((await get(`/simulator/${path}`)).status).not.toBe(200);
    }
  });

  it("needs its slash, and says so", async () => {
    const { sim } = await start();
    const answer = await fetch(`${sim.url}/simulator`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/simulator/"]);
  });
});

describe("media for the bubbles", () => {
  it("are served from the account that has them, so that nothing in them can run", async () => {
    const { sim, caller, token } = await ready();
    const content = FILES.png();
    const { media_id } = await caller.upload(
      "/cgi-bin/media/upload",
      token,
      { type: "image" },
      { filename: "a.png", content },
    );
    const calls = sim.ledger.calls.length;
    const get = (query: Record<string, string>) => fetch(`${sim.url}/simulator/media?${new URLSearchParams(query)}`);
    const answer = await get({ appId: DEFAULT_APP_ID, mediaId: String(media_id) });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/png",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect((await get({ mediaId: "nothing" })).status).toBe(404);
    expect((await get({ mediaId: String(media_id), appId: "wx9" })).status).toBe(404);
    expect(sim.ledger.calls).toHaveLength(calls);
    expect((await fetch(answer.url, { headers: { Origin: "https://evil.example" } })).status).toBe(403);
  });

  it("take what a follower sends, of up to 10 MB, also by the key of its PicUrl", async () => {
    const { sim } = await ready({ callback: "http://127.0.0.1:1/" });
    const content = FILES.png(10 * 1024 * 1024).toString("base64");
    const body = JSON.stringify({ openid: DEFAULT_FOLLOWER, type: "image", content, name: "a.png" });
    expect((await fetch(`${sim.url}/simulator/act`, { method: "POST", body })).status).toBe(200);
    const [line] = sim.ledger.lines;
    expect(line).toMatchObject({ text: "[image]", body: { MsgType: "image" } });
    const file = String(line?.body?.PicUrl).split("/files/")[1] ?? "";
    expect((await fetch(`${sim.url}/simulator/media?file=${file}`)).status).toBe(200);
  });
});
