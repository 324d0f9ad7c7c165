// The command line of this repository's own programs, read strictly: a misspelt option or a number that is none must not
// pass for a run that showed something.
import { parseArgs } from "node:util";

/**
 * The options of this program. `--help` prints them and ends it; what is wrong ends it with 2 and is named.
 * @param about what the program does, in a line or more
 * @param options by name, each `[default, help, choices?]`; the default's type is that of the option: a number, text, or
 *   a list of either, which is given with commas; false is a switch. `choices` are all that text may be
 * @param operands `[name, choices]`, for a program that takes some
 * @returns the options by name, and `operands`
 */
export function commandLine(about, options = {}, operands = undefined) {
  const kinds = Object.entries(options).map(([name, [value]]) => [
    name,
    { type: value === false ? "boolean" : "string" },
  ]);
  try {
    const { values, positionals } = parseArgs({
      options: { ...Object.fromEntries(kinds), help: { type: "boolean" } },
      allowPositionals: operands !== undefined,
    });
    if (values.help) {
      console.log(usage(about, options, operands));
      process.exit(0);
    }
    for (const given of positionals) oneOf(operands[0], given, operands[1]);
    const read = Object.entries(options).map(([name, option]) => [name, readOption(name, values[name], option)]);
    return { ...Object.fromEntries(read), operands: positionals };
  } catch (error) {
    refuse(`${error.message}\n\n${usage(about, options, operands)}`);
  }
}

/** Ends a program that was called wrongly. */
export function refuse(message) {
  console.error(message);
  process.exit(2);
}

function readOption(name, given, [value, , choices]) {
  if (given === undefined || typeof given === "boolean") return given ?? value;
  const read = (text) =>
    typeof [value].flat()[0] === "number" ? number(name, text) : oneOf(`--${name}`, text, choices);
  return Array.isArray(value) ? given.split(",").map(read) : read(given);
}

function number(name, text) {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new Error(`--${name}: give a number of 0 or more in place of "${text}"`);
  return value;
}

function oneOf(name, given, choices) {
  if (choices && !choices.includes(given))
    throw new Error(`${name}: give ${choices.join(", ")} in place of "${given}"`);
  return given;
}

function usage(about, options, operands) {
  const rows = Object.entries(options).map(([name, [value, help]]) => {
    const shown = value === false ? `--${name}` : `--${name} ${[value].flat().join(",")}`;
    return [shown, help];
  });
  const width = Math.max(0, ...rows.map(([shown]) => shown.length)) + 2;
  const listed = rows.map(([shown, help]) => `  ${shown.padEnd(width)}${help}`);
  const taken = operands ? [`  ${operands[0]}: ${operands[1].join(", ")}`] : [];
  return [about, "", ...taken, ...listed].join("\n").trimEnd();
}
