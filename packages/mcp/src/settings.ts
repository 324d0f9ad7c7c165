import type { Report } from "./problems.js";
import type { AuditOpenids } from "./safety/audit.js";
import type { ConfirmMode } from "./safety/confirmation.js";
import type { RateLimits } from "./safety/rate.js";
import { OPT_IN_TOOLS, type OptInTool } from "./tools/opt-in.js";

/** What the operator decided for the whole server; nothing a model says can widen it. */
export interface Settings {
  /** Whether messages carry WeChat's label for AI content. Default: true. From `WECHAT_MCP_AI_LABEL`. */
  readonly aiLabel: boolean;
  /** Whether every call is a dry run, whatever its `dry_run` says. Default: false. From `WECHAT_MCP_DRY_RUN`. */
  readonly dryRun: boolean;
  /** Whether all that writes is left out, whatever else is set. Default: false. From `WECHAT_MCP_READ_ONLY`. */
  readonly readOnly: boolean;
  /** Tools beyond the ones that are always there. Default: none. From `WECHAT_MCP_TOOLS`. */
  readonly optIn: ReadonlySet<OptInTool>;
  /** Whether a person is asked before something reaches a follower. Default: `off`. From `WECHAT_MCP_CONFIRM`. */
  readonly confirm: ConfirmMode;
  /**
   * Messages a minute. Default: 10 to one follower, 120 in all. From `WECHAT_MCP_RATE_PER_FOLLOWER` and
   * `WECHAT_MCP_RATE_TOTAL`, where `off` means no limit.
   */
  readonly rate: RateLimits;
  /** Where every call is noted; undefined: nowhere. From `WECHAT_MCP_AUDIT_FILE`. */
  readonly auditFile: string | undefined;
  /** How the audit log names followers. Default: `plain`. From `WECHAT_MCP_AUDIT_OPENIDS`. */
  readonly auditOpenids: AuditOpenids;
}

/** The settings of a server whose operator has set none. */
export const DEFAULT_SETTINGS: Settings = {
  aiLabel: true,
  dryRun: false,
  readOnly: false,
  optIn: new Set(),
  confirm: "off",
  rate: { perFollower: 10, total: 120 },
  auditFile: undefined,
  auditOpenids: "plain",
};

/** Reads the settings of the server; what is wrong is reported, and stands at its default. */
export function readSettings(env: NodeJS.ProcessEnv, report: Report): Settings {
  const preset = DEFAULT_SETTINGS;
  return {
    aiLabel: readSwitch(env, "WECHAT_MCP_AI_LABEL", preset.aiLabel, report),
    dryRun: readSwitch(env, "WECHAT_MCP_DRY_RUN", preset.dryRun, report),
    readOnly: readSwitch(env, "WECHAT_MCP_READ_ONLY", preset.readOnly, report),
    optIn: readTools(env, report),
    confirm: readChoice(env, "WECHAT_MCP_CONFIRM", ["off", "if-supported", "required"], preset.confirm, report),
    rate: {
      perFollower: readRate(env, "WECHAT_MCP_RATE_PER_FOLLOWER", preset.rate.perFollower, report),
      total: readRate(env, "WECHAT_MCP_RATE_TOTAL", preset.rate.total, report),
    },
    auditFile: env.WECHAT_MCP_AUDIT_FILE?.trim() || undefined,
    auditOpenids: readChoice(env, "WECHAT_MCP_AUDIT_OPENIDS", ["plain", "hash"], preset.auditOpenids, report),
  };
}

const ON = new Set(["on", "true", "1"]);
const OFF = new Set(["off", "false", "0"]);

function readSwitch(env: NodeJS.ProcessEnv, name: string, preset: boolean, report: Report): boolean {
  const value = wordOf(env, name);
  if (value === "") return preset;
  if (ON.has(value)) return true;
  if (OFF.has(value)) return false;
  const usual = preset ? "on" : "off";
  report(name, "is neither on nor off", {
    en: `Set ${name}=on or ${name}=off, or remove it (default: ${usual}).`,
    zh: `请设置 ${name}=on 或 ${name}=off，或删除该变量（默认：${usual}）。`,
  });
  return preset;
}

function readChoice<Choice extends string>(
  env: NodeJS.ProcessEnv,
  name: string,
  choices: readonly Choice[],
  preset: Choice,
  report: Report,
): Choice {
  const value = wordOf(env, name);
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined && value !== "") {
    report(name, `is none of ${choices.join(", ")}`, {
      en: `Set ${name} to one of ${choices.join(", ")}, or remove it (default: ${preset}).`,
      zh: `请把 ${name} 设为 ${choices.join("、")} 之一，或删除该变量（默认：${preset}）。`,
    });
  }
  return chosen ?? preset;
}

/** As many as a list of times may hold in the store. */
const MOST_A_MINUTE = 3000;

function readRate(env: NodeJS.ProcessEnv, name: string, preset: number | undefined, report: Report) {
  const value = wordOf(env, name);
  if (value === "") return preset;
  if (value === "off") return undefined;
  const rate = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (rate >= 1 && rate <= MOST_A_MINUTE) return rate;
  report(name, `is neither off nor a whole number from 1 to ${MOST_A_MINUTE}`, {
    en: `Set ${name} to the number of messages a minute, or to off for no limit; without it the limit is ${preset}.`,
    zh: `请把 ${name} 设为每分钟消息条数，或设为 off 表示不限；未设置时上限为 ${preset}。`,
  });
  return preset;
}

function readTools(env: NodeJS.ProcessEnv, report: Report): ReadonlySet<OptInTool> {
  const chosen = new Set<OptInTool>();
  const names = (env.WECHAT_MCP_TOOLS ?? "").split(",").map((entry) => entry.trim());
  for (const [index, entry] of names.entries()) {
    const tool = OPT_IN_TOOLS.find((known) => known === entry);
    if (tool) chosen.add(tool);
    else if (entry !== "") {
      report("WECHAT_MCP_TOOLS", `entry ${index + 1} is no tool that this setting adds`, {
        en: `Name tools separated by commas: ${OPT_IN_TOOLS.join(", ")}. The other tools are always there; WECHAT_MCP_READ_ONLY=on leaves out all that writes.`,
        zh: `请用英文逗号分隔工具名：${OPT_IN_TOOLS.join("、")}。其他工具始终可用；WECHAT_MCP_READ_ONLY=on 可去掉所有写操作。`,
      });
    }
  }
  return chosen;
}

const wordOf = (env: NodeJS.ProcessEnv, name: string) => (env[name] ?? "").trim().toLowerCase();
