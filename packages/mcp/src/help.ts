import { DEFAULT_PORT } from "./flags.js";

/** What `--help` prints. */
export const HELP = `Usage: wechat-offiaccount-mcp [--http [--host HOST] [--port PORT] [--callback-path PATH]]
       wechat-offiaccount-mcp --help | --version

Serves MCP: an AI agent answers the followers of a WeChat Official Account (微信公众号).

  --http                   over Streamable HTTP at /mcp, with a bearer token; without it: over stdio
  --host HOST              where to listen; default 127.0.0.1, which only this machine reaches
  --port PORT              default ${DEFAULT_PORT}; 0: any that is free
  --callback-path PATH     receive what WeChat pushes (服务器配置) there, into the inbox

Settings come from environment variables:

  WECHAT_APP_ID            AppID of the account (required)
  WECHAT_APP_SECRET        AppSecret, or
  WECHAT_APP_SECRET_FILE   a file that holds it (one of the two is required)
  WECHAT_API_BASE_URL      default https://api.weixin.qq.com
  WECHAT_TOKEN_SOURCE      stable (default) or classic
  WECHAT_PROXY             a proxy's URL, or env for HTTP_PROXY, HTTPS_PROXY and NO_PROXY; default no proxy

  WECHAT_INBOX             where the account's conversations are kept, shared with what receives them (such as Node-RED):
                           sqlite:PATH or redis://…, or memory with --callback-path; not set: no inbox

  WECHAT_MCP_RECIPIENTS    who may be written to: openids separated by commas, * for every follower, or reply-only: who
                           can be answered, by the inbox; not set: reply-only with an inbox, else nobody
  WECHAT_MCP_TOOLS         tools to add: send_wechat_message, send_wechat_template, set_wechat_typing,
                           transfer_to_human, separated by commas
  WECHAT_MCP_TEMPLATE_RECIPIENTS
                           who may get template messages: openids or *; not set: nobody
  WECHAT_MCP_READ_ONLY     on or off (default): leave out all that writes, whatever else is set
  WECHAT_MCP_CONFIRM       off (default), if-supported or required: ask the person behind the host before a send;
                           required sends nothing where the host cannot ask
  WECHAT_MCP_RATE_PER_FOLLOWER
                           messages a minute to one follower: a number (default 10) or off
  WECHAT_MCP_RATE_TOTAL    messages a minute of an account in all: a number (default 120) or off
  WECHAT_MCP_AUDIT_FILE    a file for one JSON line a call; texts by length and SHA-256 only; not set: none
  WECHAT_MCP_AUDIT_OPENIDS plain (default) or hash: how that file names followers
  WECHAT_MCP_AI_LABEL      on (default) or off: WeChat's label for content made by AI
  WECHAT_MCP_DRY_RUN       on or off (default): check every call, send nothing

  WECHAT_ACCOUNTS_FILE     several accounts: a JSON file of names, each with the account variables above, as in
                           {"shop": {"WECHAT_APP_ID": "wx…", "WECHAT_APP_SECRET_FILE": "…"}}; tools then take account

With --http:
  WECHAT_MCP_HTTP_TOKEN       what clients send as Authorization: Bearer TOKEN, at least 16 characters, or
  WECHAT_MCP_HTTP_TOKEN_FILE  a file that holds it, for this user only; one that is not there is made, with a new token
                              (default ~/.wechat-offiaccount/mcp-http-token)
  WECHAT_MCP_ALLOWED_HOSTS    further names that clients call the server by, such as a proxy's, separated by commas
With --callback-path, as in WeChat's console:
  WECHAT_CALLBACK_TOKEN       the token (令牌)
  WECHAT_ENCODING_AES_KEY     the EncodingAESKey (消息加解密密钥)
  WECHAT_CALLBACK_MODE        safe (default), compatible, or plain, which is unprotected and needs no key

Exit codes: 0 the host closed the connection or a signal ended the server, 1 a defect, 2 wrong flags or settings (stderr
says which).
`;
