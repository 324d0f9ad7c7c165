import type { Readable, Writable } from "node:stream";
import type { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";

export interface StdioOptions {
  /** Default: the process's stdin. */
  readonly stdin?: Readable;
  /** Default: the process's stdout. Nothing else may write to it. */
  readonly stdout?: Writable;
  /** Told of messages that could not be read or written; the connection goes on where it can. */
  readonly onerror?: (error: Error) => void;
  /** Hears that the connection ends; calls under way are cancelled when it resolves. */
  readonly onclosing?: () => Promise<void>;
}

export interface StdioConnection {
  /** Resolves when the connection has ended: the host closed stdin or stopped reading, or `close` was called. */
  readonly closed: Promise<void>;
  /** Ends the connection; calls under way are cancelled, after `onclosing`. */
  close(): Promise<void>;
}

/** The SDK's transport ends by itself with stdin, but tells nobody except the server on it, if there is one yet. */
class ObservedTransport extends StdioServerTransport {
  readonly #onclosing: () => Promise<void>;
  readonly #stdin: Readable;
  #finishing: Promise<void> | undefined;
  #settle: () => void = () => {};
  readonly closed = new Promise<void>((resolve) => {
    this.#settle = resolve;
  });

  constructor({ stdin = process.stdin, stdout, onclosing = async () => {} }: StdioOptions) {
    super(stdin, stdout);
    this.#stdin = stdin;
    this.#onclosing = onclosing;
  }

  /** No further call is taken; those under way may end. Once, whoever asks for it first. */
  finish(): Promise<void> {
    this.#stdin.pause();
    this.#finishing ??= this.#onclosing();
    return this.#finishing;
  }

  override async close(): Promise<void> {
    await this.finish();
    await super.close();
    this.#settle();
  }
}

/** Serves one MCP connection over stdio, in the protocol revision that the host opens with. */
export function serveOverStdio(create: () => McpServer, options: StdioOptions = {}): StdioConnection {
  const transport = new ObservedTransport(options);
  const handle = serveStdio(create, { transport, ...(options.onerror && { onerror: options.onerror }) });
  const close = async () => {
    await transport.finish();
    await handle.close();
  };
  return { closed: transport.closed, close };
}
