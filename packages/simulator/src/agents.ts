import { randomInt } from "node:crypto";
import { fields, oneOf, optionalFlag, optionalText, SimulatorOptionError, text } from "./options.js";

/** How long an invitation waits: no source has the time, only that it can expire. */
const INVITATION_LIFE = 7 * 24 * 60 * 60_000;

interface Invitation {
  readonly wechatId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  rejected: boolean;
}

/** A customer-service account (客服账号), and the WeChat user who works with it. */
export interface Agent {
  /** `prefix@WeChat ID of the Official Account` */
  readonly kfAccount: string;
  readonly id: string;
  nickname: string;
  /** Key of the head image among the files. */
  headImage?: string;
  /** The WeChat ID of the user who accepted the invitation. */
  worker?: { readonly wechatId: string; readonly openid: string };
  invitation?: Invitation;
  online: boolean;
}

export interface AgentOptions {
  kfAccount: string;
  /** Default: the first account. */
  appId?: string;
  /** What the invited user answers; the invitation must be waiting. */
  invitation?: "accepted" | "rejected";
  /** Whether the agent is there to serve; only one bound to a user can be. */
  online?: boolean;
}

export function readAgentOptions(value: unknown): AgentOptions {
  const given = fields(value, "agent", ["kfAccount", "appId", "invitation", "online"]);
  const answers = ["accepted", "rejected"] as const;
  return {
    kfAccount: text(given.kfAccount, "kfAccount"),
    appId: optionalText(given.appId, "appId"),
    invitation: given.invitation === undefined ? undefined : oneOf(given.invitation, "invitation", answers),
    online: optionalFlag(given.online, "online"),
  };
}

/** The customer-service accounts of one Official Account. */
export class Agents {
  private readonly byName = new Map<string, Agent>();
  private fromOptions: readonly string[] = [];
  private nextId = 1001;

  /**
   * The ones an account's options list: bound to a user and online.
   * @returns those that were listed before and no longer are: they are gone
   */
  list(names: readonly string[]): readonly string[] {
    const gone = this.fromOptions.filter((name) => !names.includes(name));
    for (const name of gone) this.byName.delete(name);
    for (const name of names) {
      if (this.byName.has(name)) continue;
      const prefix = name.split("@")[0] ?? name;
      const agent = this.add(name, prefix);
      agent.worker = { wechatId: `wx_${prefix}`, openid: openidOfWorker() };
      agent.online = true;
    }
    this.fromOptions = names;
    return gone;
  }

  get all(): readonly Agent[] {
    return [...this.byName.values()];
  }

  get size(): number {
    return this.byName.size;
  }

  get(name: unknown): Agent | undefined {
    return typeof name === "string" ? this.byName.get(name) : undefined;
  }

  add(kfAccount: string, nickname: string): Agent {
    const agent: Agent = { kfAccount, id: String(this.nextId++), nickname, online: false };
    this.byName.set(kfAccount, agent);
    return agent;
  }

  remove(kfAccount: string): void {
    this.byName.delete(kfAccount);
  }
}

export function invite(agent: Agent, wechatId: string, now: number): void {
  agent.invitation = { wechatId, expiresAt: now + INVITATION_LIFE, rejected: false };
}

export function invitationStatus(agent: Agent, now: number): "waiting" | "rejected" | "expired" | undefined {
  if (agent.invitation === undefined) return undefined;
  if (agent.invitation.rejected) return "rejected";
  return now < agent.invitation.expiresAt ? "waiting" : "expired";
}

/** The invited user answers, or the agent comes and goes. @throws SimulatorOptionError naming the field */
export function changeAgent(agent: Agent, { invitation, online }: AgentOptions, now: number): void {
  if (invitation !== undefined) {
    if (agent.invitation === undefined || invitationStatus(agent, now) !== "waiting") {
      throw new SimulatorOptionError("invitation", `${agent.kfAccount} has no waiting invitation; send one first`);
    }
    if (invitation === "accepted") {
      agent.worker = { wechatId: agent.invitation.wechatId, openid: openidOfWorker() };
      agent.invitation = undefined;
    } else agent.invitation.rejected = true;
  }
  if (online === undefined) return;
  if (online && agent.worker === undefined) {
    throw new SimulatorOptionError(
      "online",
      `${agent.kfAccount} is bound to no user; have an invitation accepted first`,
    );
  }
  agent.online = online;
}

function openidOfWorker(): string {
  return `oSimWorker${String(randomInt(1e12)).padStart(18, "0")}`;
}
