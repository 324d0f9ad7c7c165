import {
  createClock,
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
  type SimulatorOptions,
} from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** 10:00 in China. */
export const MORNING = Date.UTC(2026, 10, 22, 2);

export const RID = /rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})$/;

export interface Answer {
  errcode?: number;
  errmsg?: string;
  access_token?: string;
  expires_in?: number;
  [field: string]: unknown;
}

/** A form with one file; `fields` are the other parts. */
export interface Upload {
  filename?: string;
  content?: Uint8Array<ArrayBuffer> | string;
  /** Name of the file's part. Default `media`. */
  name?: string;
  fields?: Record<string, string>;
}

/** A caller of the simulator that knows HTTP and nothing of WeChat's rules. */
export class Caller {
  constructor(readonly sim: Simulator) {}

  async json(path: string, init?: RequestInit): Promise<Answer> {
    const answer = await fetch(this.sim.url + path, init);
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
    return (await answer.json()) as Answer;
  }

  classic(query: Record<string, string> = {}): Promise<Answer> {
    const all = { grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...query };
    return this.json(`/cgi-bin/token?${new URLSearchParams(all)}`);
  }

  stable(body: Record<string, unknown> = {}): Promise<Answer> {
    const all = { grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...body };
    return this.json("/cgi-bin/stable_token", { method: "POST", body: JSON.stringify(all) });
  }

  async token(appid: string = DEFAULT_APP_ID, secret: string = DEFAULT_APP_SECRET): Promise<string> {
    return (await this.stable({ appid, secret })).access_token ?? "";
  }

  post(path: string, token: string, body: unknown): Promise<Answer> {
    const raw = typeof body === "string" ? body : JSON.stringify(body);
    return this.json(`${path}?access_token=${token}`, { method: "POST", body: raw });
  }

  /** GET with a token. */
  get(path: string, token: string, query: Record<string, string> = {}): Promise<Answer> {
    return this.json(`${path}?${new URLSearchParams({ access_token: token, ...query })}`);
  }

  upload(path: string, token: string, query: Record<string, string>, file: Upload): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(file.fields ?? {})) form.set(name, value);
    form.set(file.name ?? "media", new Blob([file.content ?? ""]), file.filename ?? "file");
    return this.json(`${path}?${new URLSearchParams({ access_token: token, ...query })}`, {
      method: "POST",
      body: form,
    });
  }

  send(token: string, body: unknown): Promise<Answer> {
    return this.post("/cgi-bin/message/custom/send", token, body);
  }

  /** Whether the send API takes a token: 0, or the code it refuses it with. */
  async judge(token: string | undefined): Promise<number | undefined> {
    this.sim.interact(DEFAULT_FOLLOWER, "message");
    return (await this.send(token ?? "", text("?"))).errcode;
  }
}

export function text(content: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { touser: DEFAULT_FOLLOWER, msgtype: "text", text: { content }, ...more };
}

/** A simulator whose clock stands still at MORNING; it is closed after the test. */
export async function start(options: SimulatorOptions = {}): Promise<Caller> {
  const sim = await createSimulator({ clock: createClock(MORNING), ...options });
  onTestFinished(() => sim.close());
  return new Caller(sim);
}

export function account(more: Record<string, unknown> = {}) {
  return { appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...more };
}

/** A follower, token and simulator with the account options given. */
export async function ready(more: Record<string, unknown> = {}, options: SimulatorOptions = {}) {
  const caller = await start({ accounts: [account(more)], ...options });
  return { caller, sim: caller.sim, token: await caller.token() };
}

const filled = (bytes: number, begin: string) => {
  const content = Buffer.alloc(bytes);
  content.set(Buffer.from(begin, "latin1"));
  return content;
};

/** The first bytes of each format, and as many more as asked for. */
export const FILES = {
  jpg: (bytes = 100) => filled(bytes, "\xff\xd8\xff\xe0"),
  png: (bytes = 100) => filled(bytes, "\x89PNG\r\n\x1a\n"),
  gif: (bytes = 100) => filled(bytes, "GIF89a"),
  bmp: (bytes = 100) => filled(bytes, "BM"),
  mp4: (bytes = 100) => filled(bytes, "\0\0\0\x18ftypmp42"),
  wma: (bytes = 100) => filled(bytes, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
  /** AMR frames of 12.2 kbit/s, 20 ms each. */
  amr: (seconds = 1) => {
    const frame = Buffer.alloc(32, 0);
    frame[0] = 0x3c;
    return Buffer.concat([Buffer.from("#!AMR\n"), ...Array<Buffer>(Math.round(seconds * 50)).fill(frame)]);
  },
  /** MPEG 1 layer III frames of 32 kbit/s at 32 kHz: 144 bytes, 36 ms each. */
  mp3: (seconds = 1) => {
    const frame = Buffer.alloc(144, 0);
    frame.set([0xff, 0xfb, 0x18, 0x00]);
    return Buffer.concat([
      Buffer.from("ID3\x03\0\0\0\0\0\0", "latin1"),
      ...Array<Buffer>(Math.ceil(seconds / 0.036)).fill(frame),
    ]);
  },
  /** 8000 bytes a second. */
  wav: (seconds = 1) => {
    const content = filled(44 + seconds * 8000, "RIFF");
    content.set(Buffer.from("WAVEfmt "), 8);
    content.writeUInt32LE(8000, 28);
    return content;
  },
};
