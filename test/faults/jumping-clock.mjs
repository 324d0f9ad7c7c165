// The clock on the wall jumps, by up to three and a half days; nothing that a send does may depend on it. Preloaded into a
// sending process, or imported.
const RATE = 0.002;
const WEEK = 7 * 86_400_000;

const wallClock = Date.now;
let jump = 0;
Date.now = () => {
  if (Math.random() < RATE) jump = Math.round((Math.random() - 0.5) * WEEK);
  return wallClock() + jump;
};
