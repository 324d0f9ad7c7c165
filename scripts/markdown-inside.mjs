/**
 * For all bundles of core: puts markdown-it into them, in a function of its own that runs for the first text that is
 * Markdown. In core's sources, which the tests import, Node's require finds it, which esbuild does not follow.
 * @type {import("esbuild").Plugin}
 */
export const markdownInside = {
  name: "markdown-inside",
  setup({ onLoad }) {
    const contents = 'export const markdownIt = () => require("markdown-it/browser");';
    onLoad({ filter: /core.src.text.markdown-it\.ts$/ }, () => ({ contents }));
  },
};
