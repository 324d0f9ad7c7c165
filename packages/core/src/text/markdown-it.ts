import { createRequire } from "node:module";
import type Parser from "markdown-it/browser";
import { once } from "../validation.js";

/**
 * The parser of Markdown, loaded for the first text that is Markdown. The single-file build: it loads several times
 * faster than the one of many files. What is built of this file holds it: scripts/markdown-inside.mjs.
 */
export const markdownIt = once((): typeof Parser => createRequire(import.meta.url)("markdown-it/browser"));
