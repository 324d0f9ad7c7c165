import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const INFO = { name: "test-host", version: "1.0.0" };

/** What the tests use of a host, whichever SDK it is built on. */
export interface Host {
  readonly info: () => unknown;
  readonly instructions: () => string | undefined;
  readonly era: () => string;
  listTools(): Promise<{ tools: { name: string; annotations?: object | undefined }[] }>;
  listPrompts(): Promise<{
    prompts: { name: string; arguments?: { name: string; required?: boolean | undefined }[] | undefined }[];
  }>;
  getPrompt(name: string, args: Record<string, string>): Promise<{ messages: { role: string; content: unknown }[] }>;
  /** What a host may offer for an argument of a prompt that begins like this. */
  complete(prompt: string, argument: string, value: string): Promise<string[]>;
  /** Calls send_wechat_text. */
  callTool(args: Record<string, unknown>, signal?: AbortSignal): Promise<CallResult>;
  call(tool: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<CallResult>;
  /** All of the server's stderr so far. */
  stderr(): string;
  close(): Promise<void>;
}

export interface CallResult {
  isError: boolean;
  texts: string[];
  structured: Record<string, unknown>;
  /** Each with the text right before it. */
  images: { caption: string; mimeType: string; bytes: Buffer }[];
}

export type HostKind = "v1" | "v2" | "v2 auto";
export const HOST_KINDS: readonly HostKind[] = ["v1", "v2", "v2 auto"];

export interface ServerCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Where it is started. Default: here. */
  cwd?: string;
}

export const serverWith = (env: Record<string, string>): ServerCommand => ({
  command: process.execPath,
  args: [CLI],
  env,
});

/** Starts the server as a host does and connects to it. */
export async function connectHost(kind: HostKind, server: ServerCommand): Promise<Host> {
  let stderr = "";
  const collect = (chunk: unknown) => {
    stderr += String(chunk);
  };
  const said = () => stderr;
  if (kind === "v1") {
    const transport = new StdioV1({ ...server, stderr: "pipe" });
    transport.stderr?.on("data", collect);
    return connectV1(transport, said);
  }
  const transport = new StdioV2({ ...server, stderr: "pipe" });
  transport.stderr?.on("data", collect);
  return connectV2(kind, transport, said);
}

/** Connects to a server on HTTP. */
export function connectHttp(kind: HostKind, url: string, token: string): Promise<Host> {
  const options = { requestInit: { headers: { authorization: `Bearer ${token}` } } };
  const nothing = () => "";
  return kind === "v1"
    ? connectV1(new HttpV1(new URL(url), options), nothing)
    : connectV2(kind, new HttpV2(new URL(url), options), nothing);
}

async function connectV1(transport: StdioV1 | HttpV1, stderr: () => string): Promise<Host> {
  const client = new ClientV1(INFO);
  // The SDK's own class misses its interface by an optional property.
  await client.connect(transport as StdioV1);
  const call: Host["call"] = async (name, args, signal) =>
    readResult(await client.callTool({ name, arguments: args }, undefined, { signal }));
  return {
    stderr,
    info: () => client.getServerVersion(),
    instructions: () => client.getInstructions(),
    era: () => "legacy",
    listTools: () => client.listTools(),
    listPrompts: () => client.listPrompts(),
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    complete: async (name, argument, value) =>
      (await client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value } })).completion
        .values,
    call,
    callTool: (args, signal) => call(TOOL, args, signal),
    close: () => client.close(),
  };
}

async function connectV2(kind: HostKind, transport: StdioV2 | HttpV2, stderr: () => string): Promise<Host> {
  const client = new ClientV2(INFO, kind === "v2 auto" ? { versionNegotiation: { mode: "auto" } } : {});
  await client.connect(transport);
  const call: Host["call"] = async (name, args, signal) =>
    readResult(await client.callTool({ name, arguments: args }, { signal }));
  return {
    stderr,
    info: () => client.getServerVersion(),
    instructions: () => client.getInstructions(),
    era: () => client.getProtocolEra() ?? "none",
    listTools: () => client.listTools(),
    listPrompts: () => client.listPrompts(),
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    complete: async (name, argument, value) =>
      (await client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value } })).completion
        .values,
    call,
    callTool: (args, signal) => call(TOOL, args, signal),
    close: () => client.close(),
  };
}

const TOOL = "send_wechat_text";

function readResult(result: object): CallResult {
  const { isError, content, structuredContent } = result as {
    isError?: boolean;
    content: { type: string; text?: string; data?: string; mimeType?: string }[];
    structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError ?? false,
    texts: content.map(({ text }) => text ?? ""),
    images: content.flatMap(({ type, data = "", mimeType = "" }, index) =>
      type === "image"
        ? [{ caption: content[index - 1]?.text ?? "", mimeType, bytes: Buffer.from(data, "base64") }]
        : [],
    ),
    structured: structuredContent ?? {},
  };
}

/** How long a test waits for what a process does that it has just started: on a busy machine that takes a while. */
export const STARTED = { timeout: 10_000 };

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The server as a bare process: what goes in is written by the test, what comes out is kept. */
export function startProcess(env: NodeJS.ProcessEnv, args: string[] = []) {
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      for (const watcher of watchers) watcher();
    });
  }
  const ended: Promise<Ended> = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }));
  return {
    child,
    ended,
    /** All of it so far. */
    output: output as Readonly<typeof output>,
    write: (line: string) => child.stdin.write(`${line}\n`),
    /** Resolves when the output contains the text; rejects if the process ends first. */
    seen: (name: "stdout" | "stderr", text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!output[name].includes(text)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`The server ended; ${name} was: ${output[name]}`)));
        look();
      }),
  };
}
