const QUERY_SECRET = /\b(access_token|secret|appsecret|refresh_token|component_access_token)=[^&\s"'<>]+/gi;
const JSON_SECRET = /("(?:access_token|secret|appsecret|app_secret|refresh_token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/?#@\s]*:[^/?#@\s]*@/gi;

/**
 * Replaces secrets in a text by `***`: access tokens and AppSecrets in query strings and JSON, user and password in
 * URLs, and each of the given values wherever it stands.
 * @param secrets exact values to remove too, such as the token that a request was sent with
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text.replace(QUERY_SECRET, "$1=***").replace(JSON_SECRET, '$1"***"').replace(URL_PASSWORD, "$1***@");
  for (const secret of secrets) if (secret) clean = clean.replaceAll(secret, "***");
  return clean;
}

/** An AppSecret has 32 hexadecimal digits; an access token is a word that is longer than any other in WeChat's texts. */
const SECRET_FORM = /\b[0-9a-f]{32}\b|[\w-]{64,}/gi;

/**
 * The same for a text that others wrote, such as an error of the caller's own token source: whatever has the form of an
 * AppSecret or an access token goes too.
 */
export function redactForeign(text: string, secrets: readonly (string | undefined)[] = []): string {
  return redact(text, secrets).replace(SECRET_FORM, "***");
}
