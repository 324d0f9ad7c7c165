import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIPv6 } from "node:net";
import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";

/** Why a request is not served. */
export interface AccessRefusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const FOREIGN_HOST: AccessRefusal = {
  status: 403,
  message:
    "This server is not asked for by that name (Host). Its operator can allow the name with WECHAT_MCP_ALLOWED_HOSTS.",
};
const FOREIGN_ORIGIN: AccessRefusal = {
  status: 403,
  message: "Web pages of that origin may not use this server (Origin).",
};
const NO_TOKEN: AccessRefusal = {
  status: 401,
  message: "Send the server's token: Authorization: Bearer TOKEN. The server says on stderr where its token stands.",
  headers: { "www-authenticate": 'Bearer realm="wechat-offiaccount-mcp"' },
};

/** All addresses of this machine, which is no name to be called by. */
const WILDCARDS = new Set(["0.0.0.0", "[::]"]);

/** As it stands in a URL: lower case, IPv6 in brackets and in its short form; undefined if it cannot stand there. */
export function urlHost(name: string): string | undefined {
  const url = `http://${isIPv6(name) ? `[${name}]` : name}/`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Whether only this machine reaches what listens there. */
export const isLoopback = (host: string): boolean =>
  /^127\./.test(host) || localhostAllowedHostnames().includes(urlHost(host) ?? "");

/**
 * Who may use the server: checks Host and Origin, so that no web page reaches it under a name of its own (DNS
 * rebinding), then the bearer token.
 */
export class HttpAccess {
  readonly #names: string[];
  readonly #token: Buffer;

  /**
   * @param host what the server listens on
   * @param allowedHosts further names that it is called by, such as a proxy's
   * @param token what clients have to show
   */
  constructor({ host, allowedHosts, token }: { host: string; allowedHosts: readonly string[]; token: string }) {
    const own = [host, ...allowedHosts].map(urlHost).filter((name) => name !== undefined);
    this.#names = [...localhostAllowedHostnames(), ...own.filter((name) => !WILDCARDS.has(name))];
    this.#token = digest(token);
  }

  /** Undefined if the request may be served. */
  refuse({ host, origin, authorization }: IncomingHttpHeaders): AccessRefusal | undefined {
    if (!validateHostHeader(host, this.#names).ok) return FOREIGN_HOST;
    if (!validateOriginHeader(origin, this.#names).ok) return FOREIGN_ORIGIN;
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    // Digests have one length, so that the time of the comparison tells nothing.
    return token !== undefined && timingSafeEqual(digest(token), this.#token) ? undefined : NO_TOKEN;
  }
}

const digest = (token: string): Buffer => hash("sha256", token, "buffer");
