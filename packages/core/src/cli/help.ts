import type { Bilingual } from "../error-catalog.js";

/** What `--help` prints. */
export const HELP: Bilingual = {
  en: `Usage: wechat-offiaccount COMMAND [options]

  doctor                    find what keeps this account from sending, and what to do about it; changes nothing
                            at WeChat and writes to nobody
  send --to OPENID "TEXT"   send a customer-service message; - as the text reads it from stdin;
                            before a text that begins with - put --

  --json                    print one JSON document instead of text
  --lang en|zh              language (default: that of LC_ALL, LC_MESSAGES or LANG, else English)
  --help, --version

Settings come from environment variables:

  WECHAT_APP_ID             AppID of the account
  WECHAT_APP_SECRET         AppSecret, or
  WECHAT_APP_SECRET_FILE    a file that holds it
  WECHAT_API_BASE_URL       default https://api.weixin.qq.com
  WECHAT_TOKEN_SOURCE       stable (default) or classic
  WECHAT_PROXY              a proxy's URL, or env for HTTP_PROXY, HTTPS_PROXY and NO_PROXY; default no proxy
  NO_COLOR                  no colours; there are none either where the output is no terminal

Exit codes:
  0  doctor: no check failed; send: delivered
  1  doctor: a check failed, or it was stopped before its end; send: not delivered
  2  wrong arguments or settings; nothing was sent
  3  send: unknown whether it arrived; do not simply send it again
`,
  zh: `用法：wechat-offiaccount 命令 [选项]

  doctor                    检查该公众号为何不能发送，并给出处理办法；不改变微信侧的任何设置，也不给任何人发消息
  send --to OPENID "文本"   发送一条客服消息；文本写作 - 时从标准输入读取；
                            以 - 开头的文本前请加 --

  --json                    输出一个 JSON 文档，而不是文字
  --lang en|zh              语言（默认取 LC_ALL、LC_MESSAGES 或 LANG 的语言，否则为英文）
  --help、--version

设置来自环境变量：

  WECHAT_APP_ID             公众号的 AppID
  WECHAT_APP_SECRET         AppSecret，或者
  WECHAT_APP_SECRET_FILE    存放 AppSecret 的文件
  WECHAT_API_BASE_URL       默认 https://api.weixin.qq.com
  WECHAT_TOKEN_SOURCE       stable（默认）或 classic
  WECHAT_PROXY              代理地址，或 env（取 HTTP_PROXY、HTTPS_PROXY、NO_PROXY）；默认不使用代理
  NO_COLOR                  不使用颜色；输出不是终端时也不使用

退出码：
  0  doctor：没有未通过的检查；send：已送达
  1  doctor：有检查未通过，或中途被停止；send：未送达
  2  参数或设置有误，未发送任何内容
  3  send：不知是否送达，请勿直接重发
`,
};
