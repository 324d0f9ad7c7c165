import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** The requests that are being served. */
export class Exchanges {
  readonly #open = new Map<ServerResponse, IncomingMessage>();
  #server: Server | undefined;

  /** Whether {@link end} was called. */
  get ending(): boolean {
    return this.#server !== undefined;
  }

  add(incoming: IncomingMessage, response: ServerResponse): void {
    this.#open.set(response, incoming);
    // A connection that breaks ends the request; there is nobody left to tell.
    response.on("error", () => {});
    response.once("close", () => {
      this.#open.delete(response);
      this.#endConnections();
    });
  }

  /**
   * Ends the server: no further connections; those that serve a request end with it.
   * @param within milliseconds; what is still open then is cut off, which cancels its call
   */
  end(server: Server, within: number): void {
    if (this.#server) return;
    this.#server = server;
    const timer = setTimeout(() => server.closeAllConnections(), within);
    server.once("close", () => clearTimeout(timer));
    server.close();
    // A subscription waits for changes, and there will be none.
    for (const [response, incoming] of this.#open) {
      if (incoming.headers["mcp-method"] === "subscriptions/listen") response.destroy();
    }
    this.#endConnections();
  }

  /** Connections that are kept for a next request would keep the server too. */
  #endConnections(): void {
    if (this.#open.size === 0) this.#server?.closeAllConnections();
  }
}
