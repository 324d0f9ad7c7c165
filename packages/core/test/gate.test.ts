import { describe, expect, it } from "vitest";
import { Gate } from "../src/api/gate.js";

const limits = (more: object = {}) => ({ endAt: performance.now() + 10_000, ...more });

/** Work that ends when the test says so. */
function held() {
  const running: { name: number; end: () => void }[] = [];
  const work = (name: number) => () =>
    new Promise<number>((resolve) => running.push({ name, end: () => resolve(name) }));
  return { running, work };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("Gate", () => {
  it("lets so many in at a time, and the others in order", async () => {
    const gate = new Gate({ atOnce: 2 });
    const { running, work } = held();
    const all = [1, 2, 3, 4].map((name) => gate.run("call", limits(), work(name)));
    await settled();
    expect(running.map(({ name }) => name)).toEqual([1, 2]);
    running[1]?.end();
    await settled();
    expect(running.map(({ name }) => name)).toEqual([1, 2, 3]);
    running[0]?.end();
    running[2]?.end();
    await settled();
    running[3]?.end();
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  it("makes room after work that failed", async () => {
    const gate = new Gate({ atOnce: 1 });
    await expect(gate.run("call", limits(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.run("call", limits(), async () => "next")).toBe("next");
  });

  it("lets so many in within a window", async () => {
    const window = 100;
    const gate = new Gate({ perWindow: 3, window });
    const entered: number[] = [];
    await Promise.all(
      Array.from({ length: 7 }, () => gate.run("call", limits(), async () => entered.push(performance.now()))),
    );
    for (let n = 3; n < entered.length; n++) expect(entered[n]! - entered[n - 3]!).toBeGreaterThanOrEqual(window - 2);
  });

  it("lets those go whose deadline passes or whose caller stops, and nobody else", async () => {
    const gate = new Gate({ atOnce: 1 });
    const { running, work } = held();
    const first = gate.run("call", limits(), work(1));
    const late = gate.run("POST /x", limits({ endAt: performance.now() + 20 }), work(2));
    const controller = new AbortController();
    const stopped = gate.run("POST /x", limits({ signal: controller.signal }), work(3));
    const last = gate.run("call", limits(), work(4));
    await expect(late).rejects.toMatchObject({ code: "WECHAT_TIMEOUT", sent: false });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "WECHAT_ABORTED", sent: false });
    running[0]?.end();
    await first;
    await settled();
    running[1]?.end();
    expect(await last).toBe(4);
    expect(running.map(({ name }) => name)).toEqual([1, 4]);
  });
});
