interface Job {
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Runs tasks one after another for the same recipient, so that a follower reads messages in the order in which they
 * entered the flow, and at the same time for different recipients.
 */
export class RecipientQueue {
  readonly #concurrency: number;
  /** The waiting jobs of each recipient that has a job waiting or running. */
  readonly #waiting = new Map<string, Job[]>();
  /** Recipients with a waiting job and none running, in the order of their turn. */
  readonly #ready: string[] = [];
  #running = 0;
  #idle: (() => void)[] = [];

  /** @param concurrency how many recipients are served at the same time */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /**
   * Runs `task` when all earlier tasks for this recipient have ended.
   * @throws the signal's reason, when it aborts before the task began; a task that has begun handles the signal itself
   */
  run<T>(recipient: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        job.cancelled = true;
        reject(signal.reason);
        this.#pump();
      };
      const job: Job = {
        cancelled: false,
        run: () => {
          signal.removeEventListener("abort", onAbort);
          task()
            .finally(() => this.#ended(recipient))
            .then(resolve, reject);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const jobs = this.#waiting.get(recipient);
      if (jobs) jobs.push(job);
      else {
        this.#waiting.set(recipient, [job]);
        this.#ready.push(recipient);
      }
      this.#pump();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#running < this.#concurrency) {
      const recipient = this.#ready.shift();
      if (recipient === undefined) break;
      const job = this.#nextJob(recipient);
      if (!job) continue;
      this.#running++;
      job.run();
    }
    if (this.#waiting.size > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  /** Takes the recipient's next job; forgets the recipient when none is left. */
  #nextJob(recipient: string): Job | undefined {
    const jobs = this.#waiting.get(recipient) ?? [];
    let job = jobs.shift();
    while (job?.cancelled) job = jobs.shift();
    if (!job) this.#waiting.delete(recipient);
    return job;
  }

  #ended(recipient: string): void {
    this.#running--;
    if (this.#waiting.get(recipient)?.length) this.#ready.push(recipient);
    else this.#waiting.delete(recipient);
    this.#pump();
  }
}
