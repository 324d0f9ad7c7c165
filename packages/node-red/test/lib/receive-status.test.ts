import type { NodeStatus } from "node-red";
import { expect, it } from "vitest";
import { ReceiveStatus, STATES } from "../../src/lib/receive-status.js";

/** At this minute of 22 November 2026, by this machine's clock. */
const at = (minute: number, second = 0) => new Date(2026, 10, 22, 9, minute, second);
const active = (minute: string) => ({ fill: "green", shape: "dot", text: `2026-11-22 09:${minute}` });

it("shows when a message last came out, once a minute, unless something is wrong", () => {
  const shown: NodeStatus[] = [];
  const status = new ReceiveStatus((one) => shown.push(one));
  status.state("listening");
  status.heard(at(5));
  status.heard(at(5, 59));
  status.heard(at(6));
  status.state("pathTaken");
  status.state("listening");
  expect(shown).toEqual([STATES.listening, active("05"), active("06"), STATES.pathTaken, active("06")]);
});

it("takes a message for the proof that no password stands before the path", () => {
  const shown: NodeStatus[] = [];
  const status = new ReceiveStatus((one) => shown.push(one));
  status.state("behindPassword");
  status.heard(at(7));
  expect(shown).toEqual([STATES.behindPassword, active("07")]);
});
