import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-api";
import type { Block, Page } from "./markdown.js";
import { repository } from "./tarballs.js";

/** A block as a program: with the blocks of its page that it goes on from. */
export interface Program {
  readonly block: Block;
  readonly source: string;
  /** The blocks of which it is made, its own last. */
  readonly made: readonly Block[];
}

const LANGUAGES = ["ts", "js"];

/**
 * The programs of a page. A block with imports begins anew; one without goes on from the blocks before it, in a scope of
 * its own, so that it may use and shadow their names, as a reader takes it.
 */
export function programsOf({ blocks }: Pick<Page, "blocks">): Program[] {
  const programs: Program[] = [];
  for (const block of blocks.filter(({ language }) => LANGUAGES.includes(language))) {
    const before = programs.at(-1);
    const alone = before === undefined || /^import /m.test(block.code) || before.block.language !== block.language;
    const made = alone ? [block] : [...before.made, block];
    const [first, ...others] = made.map(({ code }) => code);
    programs.push({
      block,
      made,
      source: `${first}${others.map((code) => `{\n${code}`).join("")}${"}\n".repeat(others.length)}`,
    });
  }
  return programs;
}

const COMMON: ts.CompilerOptions = {
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ["node"],
  skipLibCheck: true,
};
/** A reader's strict TypeScript; a reader's JavaScript, of which only what is surely wrong is told. */
const OPTIONS = {
  ts: { ...COMMON, strict: true, noUncheckedIndexedAccess: true },
  js: { ...COMMON, allowJs: true, checkJs: true, strict: false },
};

/** Declarations of libraries, which every compilation reads. */
const declarations = new Map<string, ts.SourceFile>();

/** What the compiler says of the programs, against the built types of the packages. */
export function compilerTrouble(programs: readonly Program[], language: keyof typeof OPTIONS): string[] {
  // Below a folder of the repository, so that packages are found as a program of the repository finds them.
  const folder = join(repository, "docs", "block-");
  const ending = language === "ts" ? ".ts" : ".mjs";
  const files = new Map(programs.map((program, index) => [`${folder}${index}${ending}`, program]));
  const options = OPTIONS[language];
  const host = ts.createCompilerHost(options);
  const read = (name: string) => files.get(name)?.source;
  const { getSourceFile, readFile, fileExists } = host;
  host.getSourceFile = (name, target, ...rest) => {
    const source = read(name);
    const file =
      source === undefined
        ? (declarations.get(name) ?? getSourceFile(name, target, ...rest))
        : ts.createSourceFile(name, source, target);
    if (file?.isDeclarationFile) declarations.set(name, file);
    return file;
  };
  host.readFile = (name) => read(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const at = file === undefined ? "" : (files.get(file.fileName)?.block.at ?? file.fileName);
    const line = file === undefined ? "" : file.text.slice(start).split("\n", 1)[0];
    return `${at} ${ts.flattenDiagnosticMessageText(messageText, " ")} — ${line}`;
  });
}

/** What is wrong with the form of a program alone, for one that needs what is not installed. */
export function syntaxTrouble({ block, source }: Program): string[] {
  const { diagnostics = [] } = ts.transpileModule(source, {
    compilerOptions: { ...COMMON, allowJs: true },
    reportDiagnostics: true,
  });
  return diagnostics.map(({ messageText }) => `${block.at} ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}

/** The program without types, as Node.js runs it. */
export const runnable = ({ source }: Program): string =>
  ts.transpileModule(source, {
    compilerOptions: { ...COMMON, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;

/** Whether a block shows a file of examples/ as it is; a test of its own runs that. */
export function isExample({ code }: Pick<Block, "code">, examples: readonly string[]): boolean {
  return examples.some(
    (path) => existsSync(join(repository, path)) && readFileSync(join(repository, path), "utf8") === code,
  );
}
