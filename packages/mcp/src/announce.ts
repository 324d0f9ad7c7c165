import type { Account } from "./accounts.js";
import type { Configuration } from "./configuration.js";

const NO_INBOX = `WECHAT_INBOX is not set, so there is no inbox: the tools that read conversations and wait for messages are not listed. Set it to what the program that receives your followers' messages uses, such as sqlite:PATH.
未设置 WECHAT_INBOX，没有收件箱：读取会话和等待消息的工具不会列出。请将其设为接收用户消息的程序所用的同一收件箱，例如 sqlite:文件路径。`;

const INBOX_OF_ITS_OWN = `WECHAT_INBOX=memory is an inbox of this process alone, which receives nothing by itself: it will hold only what this server sends. Set it to what the program that receives your followers' messages uses, such as sqlite:PATH.
WECHAT_INBOX=memory 是仅属于本进程的收件箱，而本进程不接收消息：其中只会有本服务发送的内容。请将其设为接收用户消息的程序所用的同一收件箱，例如 sqlite:文件路径。`;

const NOBODY = `WECHAT_MCP_RECIPIENTS is not set, so every send will be refused. Set it to the openids that may be written to, separated by commas, or to * for every follower.
未设置 WECHAT_MCP_RECIPIENTS，所有发送都会被拒绝。请将其设为允许接收消息的 openid（以英文逗号分隔），或设为 * 表示所有关注者。`;

const NO_TEMPLATES = `send_wechat_template is listed, and WECHAT_MCP_TEMPLATE_RECIPIENTS is not set, so it will refuse everybody. Set it to the openids that may get template messages, separated by commas, or to * for every follower.
已启用 send_wechat_template，但未设置 WECHAT_MCP_TEMPLATE_RECIPIENTS，该工具会拒绝所有用户。请将其设为允许接收模板消息的 openid（以英文逗号分隔），或设为 * 表示所有关注者。`;

/**
 * What the operator should know when the server starts, a line or a paragraph each. Names no follower and no secret.
 * @param receives whether this process takes what WeChat pushes
 */
export function announce(
  { accounts, settings, audit }: Pick<Configuration, "accounts" | "settings" | "audit">,
  receives: boolean,
): string[] {
  const lines = accounts.flatMap((account) => aboutAccount(account, settings.readOnly, receives));
  if (settings.readOnly) return [...lines, "Read-only: on. Nothing can be sent, and nothing is marked as read."];
  const { perFollower = "any number", total = "any number" } = settings.rate;
  lines.push(
    `AI label: ${onOff(settings.aiLabel)}. Dry run: ${onOff(settings.dryRun)}. Confirmation: ${settings.confirm}. A minute: ${perFollower} to a follower, ${total} in all. Audit log: ${onOff(audit !== undefined)}.`,
  );
  const { optIn } = settings;
  if (optIn.size > 0) lines.push(`Added tools: ${[...optIn].join(", ")}.`);
  const noTemplates = accounts.some(({ templateRecipients }) => templateRecipients.kind === "nobody");
  if (optIn.has("send_wechat_template") && noTemplates) lines.push(NO_TEMPLATES);
  return lines;
}

function aboutAccount(account: Account, readOnly: boolean, receives: boolean): string[] {
  const { name, client, recipients, inbox, inboxIsOwn } = account;
  const who = {
    anyone: "every follower (*)",
    list: `${recipients.kind === "list" ? recipients.openids.size : 0} openid(s)`,
    "reply-only": "those who can be answered, by the inbox (reply-only)",
    nobody: "nobody",
  }[recipients.kind];
  const what = `${name === undefined ? "Account" : `Account ${name}:`} ${client.appId} at ${new URL(client.baseUrl).host}.`;
  const lines = [readOnly ? what : `${what} Recipients: ${who}.`];
  if (!readOnly && recipients.kind === "nobody") lines.push(NOBODY);
  if (!inbox) lines.push(NO_INBOX);
  else if (inboxIsOwn && !receives) lines.push(INBOX_OF_ITS_OWN);
  return lines;
}

const onOff = (value: boolean) => (value ? "on" : "off");
