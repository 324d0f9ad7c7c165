import { describe, expect, it } from "vitest";
import { RecipientQueue } from "../../src/lib/recipient-queue.js";

/** A task that the test ends. */
function held() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => () =>
    new Promise<string>((resolve) => {
      started.push(name);
      ends.set(name, () => resolve(name));
    });
  return { started, task, end: (name: string) => ends.get(name)?.() };
}

const signal = new AbortController().signal;

describe("RecipientQueue", () => {
  it("runs one recipient's tasks one after another, others at the same time", async () => {
    const queue = new RecipientQueue(10);
    const { started, task, end } = held();
    const first = queue.run("a", task("a1"), signal);
    queue.run("a", task("a2"), signal);
    queue.run("b", task("b1"), signal);
    expect(started).toEqual(["a1", "b1"]);
    end("a1");
    expect(await first).toBe("a1");
    expect(started).toEqual(["a1", "b1", "a2"]);
  });

  it("goes on after a task that fails", async () => {
    const queue = new RecipientQueue(10);
    const failed = queue.run("a", () => Promise.reject(new Error("no")), signal);
    const next = queue.run("a", async () => "next", signal);
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("next");
  });

  it("serves no more recipients at a time than allowed, and each in its turn", async () => {
    const queue = new RecipientQueue(2);
    const { started, task, end } = held();
    const all = ["a", "b", "c", "a"].map((recipient, index) =>
      queue.run(recipient, task(`${recipient}${index}`), signal),
    );
    expect(started).toEqual(["a0", "b1"]);
    end("a0");
    await all[0];
    expect(started).toEqual(["a0", "b1", "c2"]);
    end("b1");
    await all[1];
    expect(started).toEqual(["a0", "b1", "c2", "a3"]);
  });

  it("takes a waiting task out when its signal aborts, and leaves a running one to its own signal", async () => {
    const queue = new RecipientQueue(10);
    const { started, task, end } = held();
    const controller = new AbortController();
    const running = queue.run("a", task("a1"), controller.signal);
    const waiting = queue.run("a", task("a2"), controller.signal);
    const other = queue.run("a", task("a3"), signal);
    controller.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    end("a1");
    expect(await running).toBe("a1");
    end("a3");
    expect(await other).toBe("a3");
    expect(started).toEqual(["a1", "a3"]);
  });

  it("refuses a task whose signal has aborted already", async () => {
    const { started, task } = held();
    await expect(new RecipientQueue(1).run("a", task("a1"), AbortSignal.abort(new Error("gone")))).rejects.toThrow(
      "gone",
    );
    expect(started).toEqual([]);
  });

  it("is idle when nothing runs and nothing waits", async () => {
    const queue = new RecipientQueue(1);
    await queue.idle();
    const { task, end } = held();
    const controller = new AbortController();
    let idle = false;
    const run = queue.run("a", task("a1"), signal);
    const cancelled = queue.run("b", task("b1"), controller.signal);
    const waited = queue.idle().then(() => {
      idle = true;
    });
    controller.abort(new Error("stopped"));
    await cancelled.catch(() => {});
    expect(idle).toBe(false);
    end("a1");
    await run;
    await waited;
    expect(idle).toBe(true);
  });
});
