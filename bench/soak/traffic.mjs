// Followers who come, write, tap the menu, send a picture and go; and what befalls WeChat meanwhile.

import { CUSTOM_SEND } from "../../test/faults/paths.mjs";
import { generator } from "../../test/faults/plan.mjs";
import { inBrackets } from "./answers.mjs";

/** Followers of a door at a time. One in twelve things done is that one leaves and a new one comes. */
const FOLLOWERS = 150;
/** Milliseconds between two tokens that end early. */
const TOKEN_ENDS = 60_000;

/** What befalls sends and pushes, each at a low rate. */
const FAULTS = [
  { kind: "busy", path: CUSTOM_SEND, rate: 0.004 },
  { kind: "token-expired", path: CUSTOM_SEND, rate: 0.0005 },
  { kind: "reset-before", path: CUSTOM_SEND, rate: 0.002 },
  { kind: "reset-after", path: CUSTOM_SEND, rate: 0.002 },
  { kind: "http-502", path: CUSTOM_SEND, rate: 0.001 },
  { kind: "truncated-json", path: CUSTOM_SEND, rate: 0.001, delivered: true },
  { kind: "slow", path: CUSTOM_SEND, rate: 0.002, delayMs: 500 },
  { kind: "push-duplicate", rate: 0.005 },
  { kind: "push-replay", rate: 0.002 },
  { kind: "push-slow", rate: 0.002, delayMs: 500 },
  { kind: "push-reorder", rate: 0.002, delayMs: 200 },
];

const TEXTS = [
  "请问我的订单到哪里了？",
  "ok",
  "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 שלום مرحبا 한국어 ไทย",
  'quoted "text" <b>&amp; \\n</b>\nsecond line',
  "长文。".repeat(150),
];

export class Traffic {
  #doors;
  #simulator;
  #book;
  #random;
  #timers = [];
  #made = 0;
  /** Things to do that found every follower busy. */
  skipped = 0;
  distinct = 0;

  /** @param doors name and appId of each */
  constructor({ simulator, book, doors, rate, seed }) {
    this.#simulator = simulator;
    this.#book = book;
    this.#random = generator(seed);
    this.#doors = doors.map((door) => ({ ...door, idle: [] }));
    this.rate = rate;
    for (const door of this.#doors) for (let n = 0; n < FOLLOWERS; n++) door.idle.push(this.#newcomer(door, true));
    for (const fault of FAULTS) simulator.inject(fault);
  }

  start() {
    for (const door of this.#doors) {
      const began = performance.now();
      let done = 0;
      // Timers are late; what should have been done since is done at once.
      const tick = () => {
        const due = ((performance.now() - began) / 1000) * this.rate;
        for (; done < due; done++) this.#act(door);
      };
      this.#timers.push(setInterval(tick, Math.max(5, 500 / this.rate)));
    }
    this.#timers.push(setInterval(() => this.#endTokens(), TOKEN_ENDS));
  }

  stop() {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #endTokens() {
    for (const { appId } of this.#doors) {
      if (this.#random() < 0.5) this.#simulator.tokens.expire(appId);
      else this.#simulator.tokens.kill({ appId });
    }
  }

  #newcomer({ appId, letter }, subscribed) {
    const openid = `oSoak${letter}${String(this.distinct++).padStart(22, "0")}`;
    this.#simulator.addFollower({ openid, appId, subscribed });
    return openid;
  }

  #act(door) {
    const draw = this.#random();
    if (draw < 1 / 12) {
      this.#do(door, this.#newcomer(door, false), (scene) => ({ type: "follow", scene }));
      if (door.idle.length > FOLLOWERS) this.#leave(door);
      return;
    }
    const openid = this.#someone(door);
    if (openid === undefined) this.skipped++;
    else if (draw < 0.12) this.#do(door, openid, () => ({ type: "image" }));
    else if (draw < 0.18) this.#do(door, openid, (key) => ({ type: "menu", key }));
    else {
      const text = TEXTS[Math.floor(this.#random() * TEXTS.length)];
      this.#do(door, openid, (mark) => ({ type: "text", text: `${inBrackets(mark)} ${text}` }));
    }
  }

  /** Takes anyone who waits for nothing. */
  #someone({ idle }) {
    const at = Math.floor(this.#random() * idle.length);
    return idle.splice(at, 1)[0];
  }

  #leave(door) {
    const openid = this.#someone(door);
    this.#book.pushed(door.name, openid, () => {});
    this.#simulator.act(openid, { type: "unfollow" }, door.appId);
  }

  #do(door, openid, actionWith) {
    const name = `${door.letter}${this.#made++}`;
    const { mediaId } = this.#simulator.act(openid, actionWith(name), door.appId);
    this.#book.pushed(door.name, mediaId ?? name, () => door.idle.push(openid));
  }
}
