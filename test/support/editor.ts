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
    collectTroubles(page, this.troubles);
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

  /** Drags a node of the type from the palette to the canvas; the next one gets the next number, from 0 on. */
  async drag(type: string, x: number, y: number): Promise<void> {
    const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const canvas = await boxOf(this.page.locator("#red-ui-workspace-chart"));
    await this.#pull(middleOf(await boxOf(entry)), { x: canvas.x + x, y: canvas.y + y });
  }

  /** The node on the canvas with this number, in the order of their making. */
  node(number: number): Locator {
    return this.page.locator(".red-ui-flow-node-group").nth(number);
  }

  /** Draws a wire from the first output of one node to the input of another. */
  async wire(from: number, to: number): Promise<void> {
    const output = this.node(from).locator(".red-ui-flow-port-output .red-ui-flow-port").first();
    const input = this.node(to).locator(".red-ui-flow-port-input .red-ui-flow-port");
    await this.#pull(middleOf(await boxOf(output)), middleOf(await boxOf(input)));
    await this.page.locator(".red-ui-flow-link").first().waitFor({ state: "attached" });
  }

  /** Chooses the kind of a typed input of the open dialog, and types its value. */
  async typed(property: string, kind: string, value: string): Promise<void> {
    const field = this.page.locator(`.form-row:has(#node-input-${property}) .red-ui-typedInput-container`).first();
    await field.locator(".red-ui-typedInput-type-select").click();
    await this.page.locator(`.red-ui-typedInput-options a[value="${kind}"]:visible`).click();
    await field.locator("input.red-ui-typedInput-input").fill(value);
  }

  async #pull(from: Point, to: Point): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(to.x, to.y, { steps: 12 });
    await mouse.up();
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

/** Adds to the list what the page's console says of errors and warnings, and what the page threw. */
export function collectTroubles(page: Page, troubles: string[]): void {
  page.on("pageerror", (error) => troubles.push(`threw: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}
interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`not to be seen: ${locator}`);
  return box;
}

const middleOf = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });
