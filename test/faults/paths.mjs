export const CUSTOM_SEND = "/cgi-bin/message/custom/send";
export const STABLE_TOKEN = "/cgi-bin/stable_token";
