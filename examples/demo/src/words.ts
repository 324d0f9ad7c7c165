/** What the demo says. */
export interface Words {
  readonly starting: string;
  readonly stopping: string;
  readonly failed: (why: string) => string;
  readonly addresses: (places: Addresses) => string;
  readonly once: OnceWords;
}

/** What `--once` says. */
export interface OnceWords {
  readonly code: string;
  readonly bot: string;
  readonly agent: string;
  readonly late: (seconds: number) => string;
  readonly shown: (openid: string) => string;
  readonly arrived: string;
  readonly missing: (count: number, all: number) => string;
}

export interface Addresses {
  readonly phone: string;
  readonly editor: string;
  readonly mcp: string;
  readonly tokenFile: string;
  readonly api: string;
}

const EN: Words = {
  starting: "Starting a local WeChat, Node-RED and the MCP server …",
  stopping: "Stopping …",
  failed: (why) => `The demo could not start: ${why}`,
  addresses: ({ phone, editor, mcp, tokenFile, api }) => `
  The phone         ${phone}
  Node-RED editor   ${editor}
  MCP server        ${mcp}
  WeChat's API      ${api}

Open the phone, and try:
  - write "what are your hours?": the FAQ bot answers, a flow in the Node-RED editor
  - write "is there an AI agent?": an agent answers too, through MCP, with WeChat's AI label
  - press the button of the node "a text" in the Node-RED editor (tab "Send a text")
  - move the clock by 48 hours beside the phone, press the button again, and read what it says
  - connect an agent of your own to the MCP server; its bearer token is in
    ${tokenFile}

Ctrl-C ends all.
`,
  once: {
    code: "code",
    bot: "the FAQ bot answers",
    agent: "the agent answers",
    late: (seconds) => `nothing reached the phone within ${seconds} s`,
    shown: (openid) => `What the phone of the follower ${openid} shows:`,
    arrived: "All arrived.",
    missing: (count, all) => `${count} of ${all} did not arrive.`,
  },
};

const ZH: Words = {
  starting: "正在启动本地微信、Node-RED 和 MCP 服务……",
  stopping: "正在停止……",
  failed: (why) => `演示无法启动：${why}`,
  addresses: ({ phone, editor, mcp, tokenFile, api }) => `
  手机页面            ${phone}
  Node-RED 编辑器     ${editor}
  MCP 服务            ${mcp}
  微信接口            ${api}

打开手机页面，试一试：
  - 发送“几点营业？”：FAQ 机器人回答，它是 Node-RED 编辑器里的一个流程
  - 发送“有 AI 智能体吗？”：智能体也会经由 MCP 回答，并带有微信的 AI 标识
  - 在 Node-RED 编辑器中点击“a text”节点的按钮（标签页“Send a text”）
  - 在手机旁把时钟拨快 48 小时，再点击该按钮，看看提示
  - 将您自己的智能体接入 MCP 服务，令牌（bearer token）保存在
    ${tokenFile}

按 Ctrl-C 全部结束。
`,
  once: {
    code: "代码",
    bot: "FAQ 机器人回答",
    agent: "智能体回答",
    late: (seconds) => `${seconds} 秒内没有消息到达手机`,
    shown: (openid) => `用户 ${openid} 的手机上显示：`,
    arrived: "全部送达。",
    missing: (count, all) => `${all} 条中有 ${count} 条未送达。`,
  },
};

/** In the user's language, as the system tells it. */
export function wordsFor({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Words {
  const language = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return /^zh/i.test(language) ? ZH : EN;
}
