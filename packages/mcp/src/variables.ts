import type { Report } from "./problems.js";

/** The variables that say what one account is; an accounts file may hold them for each of several. */
export const ACCOUNT_VARIABLES = [
  "WECHAT_APP_ID",
  "WECHAT_APP_SECRET",
  "WECHAT_APP_SECRET_FILE",
  "WECHAT_API_BASE_URL",
  "WECHAT_TOKEN_SOURCE",
  "WECHAT_PROXY",
  "WECHAT_CALLBACK_TOKEN",
  "WECHAT_ENCODING_AES_KEY",
  "WECHAT_CALLBACK_MODE",
  "WECHAT_INBOX",
  "WECHAT_MCP_RECIPIENTS",
  "WECHAT_MCP_TEMPLATE_RECIPIENTS",
] as const;

/** The variables of the whole server. */
const SERVER_VARIABLES = [
  "WECHAT_ACCOUNTS_FILE",
  "WECHAT_MCP_TOOLS",
  "WECHAT_MCP_READ_ONLY",
  "WECHAT_MCP_DRY_RUN",
  "WECHAT_MCP_CONFIRM",
  "WECHAT_MCP_AI_LABEL",
  "WECHAT_MCP_RATE_PER_FOLLOWER",
  "WECHAT_MCP_RATE_TOTAL",
  "WECHAT_MCP_AUDIT_FILE",
  "WECHAT_MCP_AUDIT_OPENIDS",
  "WECHAT_MCP_HTTP_TOKEN",
  "WECHAT_MCP_HTTP_TOKEN_FILE",
  "WECHAT_MCP_ALLOWED_HOSTS",
] as const;

/** Every environment variable that the server reads. */
export const VARIABLES: readonly string[] = [...ACCOUNT_VARIABLES, ...SERVER_VARIABLES];

/** A guard with a typing error in its name would not be there, so the server does not start with it. */
export function refuseUnknownVariables(env: NodeJS.ProcessEnv, report: Report): void {
  const ours = VARIABLES.filter((name) => name.startsWith("WECHAT_MCP_"));
  for (const name of Object.keys(env).sort()) {
    if (!name.startsWith("WECHAT_MCP_") || ours.includes(name) || !env[name]?.trim()) continue;
    report(name, "is no setting of this server", {
      en: `Check its spelling or remove it. Settings: ${ours.join(", ")}.`,
      zh: `请检查拼写或删除该变量。可用设置：${ours.join("、")}。`,
    });
  }
}
