/** Paths that more than the table of endpoints speaks of. */
export const CLASSIC_TOKEN = "/cgi-bin/token";
export const STABLE_TOKEN = "/cgi-bin/stable_token";
export const CUSTOM_SEND = "/cgi-bin/message/custom/send";
