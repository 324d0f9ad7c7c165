/** Tools that are there only where the operator names them in `WECHAT_MCP_TOOLS`. */
export const OPT_IN_TOOLS = [
  "send_wechat_message",
  "send_wechat_template",
  "set_wechat_typing",
  "transfer_to_human",
] as const;

export type OptInTool = (typeof OPT_IN_TOOLS)[number];
