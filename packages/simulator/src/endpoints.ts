import { type Endpoint, post } from "./endpoints/endpoint.js";
import { customSend, customTyping } from "./endpoints/messages.js";
import { classicToken, stableToken } from "./endpoints/tokens.js";
import { CLASSIC_TOKEN, CUSTOM_SEND, STABLE_TOKEN } from "./paths.js";

/** Every endpoint this WeChat has, by path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [CLASSIC_TOKEN, { method: "GET", daily: "classicTokensPerDay", answer: classicToken }],
  [STABLE_TOKEN, { method: "POST", daily: "stableTokensPerDay", answer: stableToken }],

  [CUSTOM_SEND, post(customSend, { daily: "customSendsPerDay" })],
  ["/cgi-bin/message/custom/typing", post(customTyping)],
]);

export interface ApiEndpoint {
  readonly path: string;
  readonly method: "GET" | "POST";
}

/** The endpoints, for whoever wants to compare. */
export const API_ENDPOINTS: readonly ApiEndpoint[] = [...ENDPOINTS].map(([path, { method }]) => ({ path, method }));
