import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sendHtml, sendJson } from "./exchange.js";
import { SimulatorOptionError } from "./options.js";
import type { World } from "./world.js";

/** Under this path the page's scripts and styles are served. */
export const PHONE_FILES = "/simulator/phone/";
const LIT = "lit-html/";
const NOT_STORED = ["Cache-Control", "no-store"];
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".css": "text/css" };
const STYLES = ["tokens", "page", "phone", "bubbles", "panel"];

/** Where the page's modules find what they import by name. */
const IMPORTS = JSON.stringify({
  imports: { "lit-html": `${PHONE_FILES}${LIT}lit-html.js`, "lit-html/": `${PHONE_FILES}${LIT}` },
});

/** The page. Nothing in it comes from data; `nonce` admits the one inline script, which is the import map. */
function page(nonce: string): string {
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>微信公众号模拟器 WeChat simulator</title>
<link rel="icon" href="data:,">
${STYLES.map((name) => `<link rel="stylesheet" href="${PHONE_FILES}${name}.css">`).join("\n")}
<script type="importmap" nonce="${nonce}">${IMPORTS}</script>
<script type="module" src="${PHONE_FILES}main.js"></script>
</head>
<body>
<noscript><p>此页面需要 JavaScript；不用浏览器时可用控制接口 /simulator/state 和 /simulator/ledger。
This page needs JavaScript; without a browser use the control API: /simulator/state and /simulator/ledger.</p></noscript>
</body>
</html>
`;
}

export function sendPage(res: ServerResponse): void {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = ["Content-Security-Policy", policy, "Referrer-Policy", "no-referrer", ...NOT_STORED];
  sendHtml(res, 200, page(nonce), headers);
}

/** @param name what follows PHONE_FILES */
export function sendPhoneFile(res: ServerResponse, name: string): void {
  files ??= new Map([...filesOf(OWN, ""), ...filesOf(litFolder(), LIT), ...filesOf(litFolder(), LIT, "directives/")]);
  const path = files.get(name);
  if (path === undefined) {
    sendJson(res, JSON.stringify({ error: `the phone has no file ${name.slice(0, 100)}` }), 404);
    return;
  }
  const content = readFileSync(path);
  res.writeHead(200, [
    "Content-Type",
    `${TYPES[extname(path)]}; charset=utf-8`,
    "Content-Length",
    String(content.length),
    "X-Content-Type-Options",
    "nosniff",
    "Cache-Control",
    "no-cache",
  ]);
  res.end(content);
}

/** What may be served, by name: only what lies in these folders. */
let files: ReadonlyMap<string, string> | undefined;
const OWN = fileURLToPath(new URL("phone/", import.meta.url));

/** The folder of lit-html, with its build for browsers. What Node resolves to within it depends on its conditions. */
function litFolder(): string {
  let folder = dirname(createRequire(import.meta.url).resolve("lit-html"));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

function filesOf(folder: string, prefix: string, below = ""): [string, string][] {
  const names = readdirSync(join(folder, below)).filter((name) => TYPES[extname(name)] !== undefined);
  return names.map((name) => [`${prefix}${below}${name}`, join(folder, below, name)]);
}

/** A file for the bubbles of the phone: of an account's media, or of the files by its key. */
export function sendMedia(res: ServerResponse, world: World, query: URLSearchParams): void {
  try {
    const file = world.files.get(query.get("file") ?? fileOfMedia(world, query));
    if (file === undefined) throw new SimulatorOptionError("mediaId", "there is no such media with a content");
    res.writeHead(200, [
      "Content-Type",
      file.contentType,
      "Content-Length",
      String(file.content.length),
      // It comes from whoever sent it: nothing of it may run here.
      "Content-Security-Policy",
      "default-src 'none'; sandbox",
      "X-Content-Type-Options",
      "nosniff",
      ...NOT_STORED,
    ]);
    res.end(file.content);
  } catch (error) {
    if (!(error instanceof SimulatorOptionError)) throw error;
    sendJson(res, JSON.stringify({ error: error.message }), 404);
  }
}

function fileOfMedia(world: World, query: URLSearchParams): string | undefined {
  const account = world.account(query.get("appId") ?? undefined);
  return account.media.find(query.get("mediaId"), world.clock.now())?.file;
}
