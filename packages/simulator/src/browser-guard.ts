import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";

/**
 * Why a control request must be refused, or undefined. A page of another site, open in a browser on this machine,
 * can reach loopback: its requests carry a foreign Origin, or, after DNS rebinding, a foreign Host.
 * When the simulator listens beyond loopback any Host may be right, and only the Origin is compared.
 */
export function foreignRequest(headers: IncomingHttpHeaders, onLoopback: boolean): string | undefined {
  const host = headers.host ?? "";
  if (onLoopback && !isLoopbackName(hostName(host))) {
    return "the Host header is not a loopback name; open the simulator as 127.0.0.1 or localhost";
  }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    return "the request comes from a page of another origin";
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    // A link from elsewhere to the page is harmless, but then the browser says it navigates with GET.
    const navigates = headers["sec-fetch-mode"] === "navigate" && headers.origin === undefined;
    if (!navigates) return "the request comes from a page of another site";
  }
  return undefined;
}

export function isLoopbackName(name: string): boolean {
  if (isIPv4(name)) return name.startsWith("127.");
  return name === "::1" || name === "localhost" || name.endsWith(".localhost");
}

/** The host of a Host header without port and brackets. */
function hostName(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
}
