// The clock on the wall jumps, by up to three and a half days; nothing that a send does may depend on it. Preloaded into a
// sending process, or imported. The seed is in the variable FAULTS_CLOCK.
import { generator } from "./plan.mjs";

const RATE = 0.002;
const WEEK = 7 * 86_400_000;

const random = generator(Number(process.env.FAULTS_CLOCK));
const wallClock = Date.now;
let jump = 0;
Date.now = () => {
  if (random() < RATE) jump = Math.round((random() - 0.5) * WEEK);
  return wallClock() + jump;
};
