import type { Remedy } from "./remedy.js";

/** One thing that is wrong with the environment, the accounts file or the command line. */
export interface SettingsProblem {
  /** The variable or flag. */
  readonly name: string;
  /** What is wrong with it, without its value. */
  readonly problem: string;
  readonly remedy: Remedy;
}

/** The server cannot start with these settings. Holds all problems, so that one start shows all of them. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly SettingsProblem[]) {
    super(problems.map(({ name, problem }) => `${name}: ${problem}`).join("\n"));
  }
}

/** Takes note of what is wrong. */
export type Report = (name: string, problem: string, remedy: Remedy) => void;
