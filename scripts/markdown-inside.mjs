/**
 * For bundles that hold core and find no package beside them: puts markdown-it into them, in a function of its own that
 * runs for the first text that is Markdown. In core itself Node's require finds it, which esbuild does not follow.
 * @type {import("esbuild").Plugin}
 */
export const markdownInside = {
  name: "markdown-inside",
  setup({ onLoad }) {
    const contents = 'export const markdownIt = () => require("markdown-it/browser");';
    onLoad({ filter: /core.src.text.markdown-it\.ts$/ }, () => ({ contents }));
  },
};
