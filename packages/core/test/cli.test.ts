import { describe, expect, it } from "vitest";
import { readCommand, readManner } from "../src/cli/arguments.js";
import { defect, EXIT } from "../src/cli/outcome.js";
import { Paper, sheetOf } from "../src/cli/paper.js";
import { WeChatValidationError } from "../src/index.js";

describe("arguments of the command", () => {
  it.each<[string, object]>([
    ["doctor", { name: "doctor" }],
    ["doctor --json --lang zh", { name: "doctor" }],
    ["--lang=en doctor", { name: "doctor" }],
    ["send --to oX hi", { name: "send", to: "oX", text: "hi" }],
    ["send hi --to=-X --json", { name: "send", to: "-X", text: "hi" }],
    ["send --to oX -", { name: "send", to: "oX", text: "-" }],
    ["send --to oX -- --help", { name: "send", to: "oX", text: "--help" }],
    ["--help", { name: "help" }],
    ["send -h --lang zh", { name: "help" }],
    ["sned --help", { name: "help" }],
    ["send --to oX -- -hello", { name: "send", to: "oX", text: "-hello" }],
    ["--version", { name: "version" }],
    ["-v", { name: "version" }],
  ])("%s", (line, command) => {
    expect(readCommand(line.split(" "))).toEqual(command);
  });

  it.each<[string[], string[]]>([
    [[], ["command"]],
    [["sned"], ["command"]],
    [["doctor", "now"], ["doctor"]],
    [["doctor", "--to", "x"], ["--to"]],
    [["doctor", "--jsno"], ["--jsno"]],
    [["doctor", "--json=yes"], ["--json"]],
    [["doctor", "--lang", "de"], ["--lang"]],
    [["doctor", "--lang"], ["--lang"]],
    [
      ["doctor", "--version", "--lang="],
      ["--lang", "--version"],
    ],
    [["send"], ["--to", "text"]],
    [["send", "--to", "--json", "hi"], ["--to"]],
    [["send", "--to", "a", "--to", "b", "hi"], ["--to"]],
    [["send", "--to", "oX", "two", "words"], ["text"]],
    [
      ["send", "--to", "oX", "-5 secret"],
      ["-…", "text"],
    ],
    [
      ["send", "--to", "oX", "--5 secret"],
      ["-…", "text"],
    ],
    ...["-hello secret", "-dash", "-hv", "-version", "-to"].map((text): [string[], string[]] => [
      ["send", "--to", "oX", text],
      ["-…", "text"],
    ]),
    [
      ["send", "--to", "oX", "-h"],
      ["--help", "text"],
    ],
    [
      ["send", "--to", "oX", "--help"],
      ["--help", "text"],
    ],
    [["send", "--to", "oX", "-v", "hi"], ["--version"]],
    [
      ["send", "--help", "hi"],
      ["--help", "--to"],
    ],
    [
      ["send", "--json", "--help"],
      ["--help", "--to", "text"],
    ],
    [["doctor", "-v"], ["--version"]],
  ])("%j: every wrong one is named once, with a remedy, and without what it holds", (args, fields) => {
    try {
      readCommand(args);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WeChatValidationError);
      const { problems, message } = error as WeChatValidationError;
      expect(problems.map(({ field }) => field)).toEqual(fields);
      expect(message).not.toContain("secret");
      for (const { remedy } of problems)
        expect([remedy.en, remedy.zh]).toEqual([expect.any(String), expect.any(String)]);
    }
  });

  it.each<[string, NodeJS.ProcessEnv, object]>([
    ["doctor", {}, { language: "en", json: false }],
    ["doctor", { LANG: "zh_CN.UTF-8" }, { language: "zh", json: false }],
    ["doctor", { LANG: "zh_CN.UTF-8", LC_ALL: "C" }, { language: "en", json: false }],
    ["doctor", { LANG: "en_US.UTF-8", LC_MESSAGES: "zh_TW.UTF-8", LC_ALL: "" }, { language: "zh", json: false }],
    ["--lang en doctor --json", { LC_ALL: "zh_CN" }, { language: "en", json: true }],
    ["doctor --lang de", { LC_ALL: "zh_CN" }, { language: "zh", json: false }],
    ["send --to x -- --json", {}, { language: "en", json: false }],
  ])("%s with %j is answered so", (line, env, manner) => {
    expect(readManner(line.split(" "), env)).toEqual(manner);
  });
});

describe("what is printed", () => {
  const stream = (facts: object) => facts as NodeJS.WriteStream;
  const text = { en: "one two three four", zh: "微信返回（四零零）：一，二" };

  it("colours are for terminals, and not against NO_COLOR", () => {
    const terminal = stream({ isTTY: true, columns: 60 });
    expect(sheetOf(terminal, {})).toEqual({ width: 60, colours: true });
    expect(sheetOf(terminal, { NO_COLOR: "1" }).colours).toBe(false);
    expect(sheetOf(terminal, { NO_COLOR: "" }).colours).toBe(true);
    expect(sheetOf(terminal, { TERM: "dumb" }).colours).toBe(false);
    expect(sheetOf(stream({ isTTY: true, columns: 300 }), {}).width).toBe(100);
    expect(sheetOf(stream({}), {})).toEqual({ width: 80, colours: false });
    const coloured = new Paper({ width: 80, colours: true }, "en").marked("failed", text).toString();
    expect(coloured).toBe("\u001b[31m✗\u001b[39m one two three four\n");
  });

  it("wraps words at spaces and Chinese between characters, never before a comma or a closing bracket", () => {
    const narrow = (language: "en" | "zh") => new Paper({ width: 12, colours: false }, language);
    expect(narrow("en").marked("ok", text).remedy(text).toString()).toBe(
      "✓ one two\n  three four\n  → one two\n    three\n    four\n",
    );
    expect(narrow("zh").plain(text).toString()).toBe("微信返回（四\n零零）：一，\n二\n");
  });

  it("a defect is told by its place, not by its message; a send's outcome is then unknown", () => {
    const outcome = defect(new TypeError("secret"), "unknown");
    expect(outcome).toMatchObject({
      exitCode: EXIT.unknown,
      json: { ok: false, delivery: "unknown" },
      isResult: false,
    });
    const shown = outcome.print({ width: 80, colours: false }, "en") + JSON.stringify(outcome.json);
    expect(shown).toMatch(/A defect of this program: TypeError\./);
    expect(shown).toContain("cli.test.ts");
    expect(shown).not.toContain("secret");
    expect(defect("secret").exitCode).toBe(EXIT.failed);
  });
});
