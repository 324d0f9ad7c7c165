import type { FollowerAction } from "../push/actions.js";
import type { Acted } from "../world.js";

/** The simulator refused, or did not answer; its words are for people. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** Says something to the control API. @throws ControlError in the simulator's words */
export async function control(method: "POST" | "DELETE", path: string, body: object = {}): Promise<unknown> {
  const init = method === "POST" ? { method, body: JSON.stringify(body) } : { method };
  const answer = await fetch(`/simulator/${path}`, init).catch(() => undefined);
  if (answer === undefined)
    throw new ControlError("模拟器没有应答，请查看它是否在运行。The simulator does not answer; is it running?");
  const json: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return json;
  const error = typeof json === "object" && json !== null && "error" in json ? json.error : `HTTP ${answer.status}`;
  throw new ControlError(String(error));
}

export interface Who {
  readonly appId: string;
  readonly openid: string;
}

/** The follower does something. @returns why nothing was pushed, or undefined */
export async function act(who: Who, action: FollowerAction): Promise<string | undefined> {
  const acted = await control("POST", "act", { ...who, ...action });
  const { notPushed }: Partial<Acted> = typeof acted === "object" && acted !== null ? acted : {};
  return notPushed;
}

/** Where the page finds the content of media. */
export function mediaUrl(appId: string, mediaId: string): string {
  return `/simulator/media?${new URLSearchParams({ appId, mediaId })}`;
}
