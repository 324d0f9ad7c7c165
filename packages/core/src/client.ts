import { unescape as decode } from "node:querystring";
import { inspect } from "node:util";
import { Agents } from "./api/agents.js";
import { ApiCaller } from "./api/call.js";
import { Materials } from "./api/materials.js";
import { Media } from "./api/media.js";
import { Messages } from "./api/messages.js";
import { Network } from "./api/network.js";
import { Quota } from "./api/quota.js";
import { Records } from "./api/records.js";
import { type CallOptions, type RawRequestOptions, Requester } from "./api/requester.js";
import { Sessions } from "./api/sessions.js";
import { Templates } from "./api/templates.js";
import { Users } from "./api/users.js";
import type { Diagnosis } from "./diagnosis/check.js";
import { diagnose } from "./diagnosis/diagnose.js";
import type { Setup } from "./diagnosis/run.js";
import type { SentLog } from "./inbox/sent.js";
import { type CheckedOptions, checkOptions, type WeChatClientOptions } from "./options.js";
import { TokenManager } from "./token/manager.js";
import { classicTokenSource, externalTokenSource, stableTokenSource, type TokenSource } from "./token/sources.js";
import { sharedTokenSource, tokenKey } from "./token/store.js";
import type { JsonAnswer } from "./transport/answer.js";
import { Transport } from "./transport/transport.js";

/**
 * A client for one WeChat Official Account. Make one an account and keep it: it holds the access token and the
 * connections. It keeps no secret where `console.log` or JSON could show it.
 *
 * @example
 * const client = new WeChatClient({ appId, appSecret });
 * await client.messages.sendText(openid, "你好");
 */
export class WeChatClient {
  /** The account's AppID. */
  readonly appId: string;
  /** Where the API is. */
  readonly baseUrl: string;
  /** Customer-service messages to followers. */
  readonly messages: Messages;
  /** Files that messages show, kept for 3 days. */
  readonly media: Media;
  /** The account's library of files, kept until they are deleted. */
  readonly materials: Materials;
  /** Conversations between followers and human agents. */
  readonly sessions: Sessions;
  /** Human agents of the account. */
  readonly agents: Agents;
  /** How WeChat reaches the callback, and WeChat's addresses. */
  readonly network: Network;
  /** The account's allowances of API calls, and what WeChat keeps of single calls. */
  readonly quota: Quota;
  /** What human agents and followers wrote. */
  readonly records: Records;
  /** Template messages, which need no open reply window. */
  readonly templates: Templates;
  /** Followers. */
  readonly users: Users;
  /** Takes note of what is sent; the option of that name. */
  readonly inbox: SentLog | undefined;
  readonly #transport: Transport;
  readonly #tokens: TokenManager;
  readonly #requester: Requester;
  readonly #setup: Setup;

  /** @throws WeChatValidationError that names the wrong option */
  constructor(options: WeChatClientOptions) {
    const checked = checkOptions(options);
    const { appId, baseUrl, dispatcher, proxy, connections } = checked;
    this.appId = appId;
    this.baseUrl = baseUrl.href.replace(/\/$/, "");
    this.#transport = new Transport({ baseUrl, dispatcher, proxy, connections });
    const secrets = secretsOf(checked, options.appSecret);
    this.#tokens = new TokenManager(tokenSourceOf(checked, this.#transport, secrets), { retry: checked.tokenRetry });
    const caller = new ApiCaller({ ...checked, transport: this.#transport, tokens: this.#tokens, secrets });
    const requester = new Requester(caller, checked);
    this.#requester = requester;
    this.#setup = { options: checked, transport: this.#transport, secrets, heldToken: () => this.#tokens.peek() };
    this.inbox = checked.inbox;
    this.messages = new Messages(requester, checked, checked.inbox);
    this.media = new Media(requester);
    this.materials = new Materials(requester);
    this.sessions = new Sessions(requester);
    this.agents = new Agents(requester);
    this.network = new Network(requester);
    this.quota = new Quota(requester);
    this.records = new Records(requester);
    this.templates = new Templates(requester, checked.inbox);
    this.users = new Users(requester);
  }

  /**
   * Calls any other of WeChat's endpoints, with the same tokens, errors and redaction.
   * @param method a GET is repeated after whatever may pass, a POST only after -1
   * @param path such as `/cgi-bin/menu/get`, without query
   * @returns WeChat's answer as it is; integers of 16 digits and more are strings
   * @example await client.request("POST", "/cgi-bin/tags/create", { body: { tag: { name: "VIP" } } })
   * @throws WeChatError
   */
  request(method: "GET" | "POST", path: string, options: RawRequestOptions = {}): Promise<JsonAnswer> {
    return this.#requester.raw(method, path, options);
  }

  /**
   * Looks for what keeps this account from sending: reachability and proxy, AppID and AppSecret, IP white list, access
   * token, permission, today's quota, callback URL. Each check says what it found and what to do, in English and
   * Chinese; one that an earlier failure makes impossible is `skipped`.
   *
   * It changes nothing at WeChat and writes to nobody; it costs a handful of calls, one of them among today's sends.
   * AppID and AppSecret leave only for what has answered as WeChat's API does. It does not throw for what is wrong with
   * account or network.
   * @param options `timeout` and `deadline` default to the client's. A check whose call gets no answer in time says so and is
   *   `failed`, `warning` or, where that tells nothing of its subject, `skipped`; what deadline or signal leave out is
   *   `skipped`, and `ok` then false
   * @throws WeChatValidationError for a wrong option
   */
  diagnose(options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose(this.#setup, options);
  }

  /**
   * Refuses further calls, lets exchanges under way end with their true outcome, then ends the connections. A
   * dispatcher that you passed in stays open.
   */
  async close(): Promise<void> {
    this.#tokens.close();
    await this.#transport.close();
  }

  [inspect.custom](): string {
    return `WeChatClient { appId: '${this.appId}', baseUrl: '${this.baseUrl}' }`;
  }
}

function tokenSourceOf(
  { appId, baseUrl, tokens, tokenStore, timeout }: CheckedOptions,
  transport: Transport,
  secrets: readonly string[],
): TokenSource {
  if (tokens.appSecret === undefined) return externalTokenSource(tokens.source, timeout, secrets);
  const { source, appSecret } = tokens;
  const wire = { transport, timeout, secrets };
  const fromWeChat = (source === "classic" ? classicTokenSource : stableTokenSource)({ appId, appSecret }, wire);
  if (!tokenStore) return fromWeChat;
  // The right to ask ends soon after the call that it is for.
  return sharedTokenSource(fromWeChat, tokenStore, tokenKey({ appId, appSecret, baseUrl, source }), timeout + 5_000);
}

/**
 * What no error may show: AppSecret and a proxy's password, as it is and as its URL writes it.
 * @param appSecret also of a client with a token source of its own, whose errors may quote it
 */
function secretsOf({ proxy }: CheckedOptions, appSecret = ""): readonly string[] {
  const written = proxy !== undefined && URL.canParse(proxy) ? new URL(proxy).password : "";
  return [appSecret, written, decode(written)].filter((secret) => secret !== "");
}
