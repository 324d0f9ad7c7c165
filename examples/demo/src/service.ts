/** What the demo has started, and ends. */
export interface Service {
  close(): Promise<unknown>;
}
