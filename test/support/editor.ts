import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = [process.env.CHROMIUM ?? "", ...BROWSERS].find((path) => existsSync(path));
const QUIET =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Whether a Chromium is installed. In CI it must be. */
export const hasChromium = (() => {
  if (executablePath === undefined && process.env.CI)
    throw new Error("chromium is not installed; in CI this is a failure (apt-get install chromium)");
  return executablePath !== undefined;
})();

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ ...(executablePath && { executablePath }), args: QUIET.split(" ") });

/** How the editor is looked at. */
export interface Look {
  readonly language: "en-US" | "zh-CN";
  readonly scheme: "light" | "dark";
}

/** The editor of a running Node-RED, open in a browser. */
export class Editor {
  readonly page: Page;
  /** Errors and warnings of the page's console, and what it threw. */
  readonly troubles: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on("pageerror", (error) => this.troubles.push(`threw: ${error}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.troubles.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, { language, scheme }: Look): Promise<Editor> {
    const viewport = { width: 1400, height: 1000 };
    const context = await browser.newContext({ viewport, locale: language, colorScheme: scheme });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    // Node-RED 5's own setting, which is kept in the browser; 4.1 has no dark theme.
    await context.addInitScript(`localStorage.setItem("view-dark-theme", "${scheme}")`);
    const editor = new Editor(context, await context.newPage());
    await editor.page.goto(url);
    await editor.page.locator("#red-ui-loading-progress").waitFor({ state: "hidden" });
    await editor.page.locator(".red-ui-palette-node").first().waitFor();
    return editor;
  }

  /** Whether the dark theme is on. */
  get dark(): Promise<unknown> {
    return this.page.evaluate('document.documentElement.classList.contains("nr-theme-dark")');
  }

  /** Opens the dialog of a node that is deployed. */
  async edit(id: string): Promise<Locator> {
    await this.#run(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    return this.dialog();
  }

  /** Opens the dialog of a configuration node that is deployed. */
  async editConfig(type: string, id: string): Promise<Locator> {
    await this.#run(`RED.editor.editConfig("", ${JSON.stringify(type)}, ${JSON.stringify(id)})`);
    return this.dialog();
  }

  /** Closes the dialog without a change. */
  async closeDialog(): Promise<void> {
    await this.#run("RED.tray.close()");
    await this.page.locator(".red-ui-tray").waitFor({ state: "detached" });
  }

  /** The dialog on top, once it stands still: it slides in. */
  async dialog(): Promise<Locator> {
    const tray = this.page.locator(".red-ui-tray").last();
    await tray.waitFor();
    await this.page.waitForFunction(`(() => {
      const tray = [...document.querySelectorAll(".red-ui-tray")].at(-1);
      return tray.getAnimations().length === 0 && tray.getBoundingClientRect().right <= innerWidth + 1;
    })()`);
    return tray;
  }

  #run(script: string): Promise<unknown> {
    return this.page.evaluate(`void ${script}`);
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}
