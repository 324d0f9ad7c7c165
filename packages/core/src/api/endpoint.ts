/** What is known of one of WeChat's endpoints, as a value that code, documentation and tests can read. */
export interface Endpoint {
  readonly method: "GET" | "POST";
  readonly path: string;
  /**
   * What may be repeated: a `send` only after -1, because WeChat cannot recognise a repetition and its user would get
   * the message twice.
   */
  readonly retry: "send";
  /** WeChat's page that describes it. */
  readonly source: string;
}

export const endpointName = ({ method, path }: Endpoint): string => `${method} ${path}`;
