import type { Simulator } from "@wechat-offiaccount/simulator";
import axe from "axe-core";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { collectTroubles, type Look } from "./editor.js";

/** How wide the page is looked at: a phone's width, and that of a small computer. */
export const WIDTHS = { narrow: 375, wide: 1280 } as const;

export interface PhoneLook extends Partial<Look> {
  readonly width?: keyof typeof WIDTHS;
  /** Default 900. */
  readonly height?: number;
}

/** The simulator's page, open in a browser. Its parts are found as a reader or screen reader finds them. */
export class PhonePage {
  /** Errors and warnings of the console, and what the page threw. */
  readonly troubles: string[] = [];
  /** Dialogs that a script of a message might open, and pages that it might. */
  readonly intrusions: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    collectTroubles(page, this.troubles);
    page.on("dialog", (dialog) => {
      this.intrusions.push(dialog.message());
      void dialog.dismiss();
    });
    context.on("page", (opened) => this.intrusions.push(opened.url()));
  }

  static async open(browser: Browser, url: string, look: PhoneLook = {}): Promise<PhonePage> {
    const { language = "en-US", scheme = "light", width = "wide", height = 900 } = look;
    const context = await browser.newContext({
      viewport: { width: WIDTHS[width], height },
      locale: language,
      colorScheme: scheme,
      timezoneId: "Asia/Shanghai",
    });
    const phone = new PhonePage(context, await context.newPage());
    await phone.page.goto(`${url}/simulator/`);
    await phone.live.waitFor();
    return phone;
  }

  /** There once the page hears of what happens. */
  get live(): Locator {
    return this.page.getByRole("status").filter({ hasText: /^(Live|实时)$/ });
  }

  get log(): Locator {
    return this.page.getByRole("log");
  }

  get input(): Locator {
    return this.page.getByRole("textbox", { name: /^(Message|消息)$/ });
  }

  get panel(): Locator {
    return this.page.getByRole("complementary");
  }

  /** What stands on the screen of the phone, an entry a line; who said it is read out but not shown. */
  async lines(): Promise<string[]> {
    const parts = this.log.locator(".bubble, .picture, .card, .grey-line:not(.time), .ai-line, .agent");
    return (await parts.allInnerTexts()).map((text) => text.trim());
  }

  async write(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Opens a tab of the developer's panel. */
  async tab(name: RegExp): Promise<Locator> {
    await this.panel.getByRole("tab", { name }).click();
    return this.panel.getByRole("tabpanel");
  }

  /** What axe finds that is serious or critical. */
  async accessibilityTroubles(): Promise<string[]> {
    // Evaluated from outside the page: its policy admits no script of others.
    await this.page.evaluate(axe.source);
    const found = await this.page.evaluate<axe.AxeResults>("axe.run()");
    return found.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
      );
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

/** The page of a simulator, closed after the test. What it finds wrong by itself fails the test. */
export async function openPhone(browser: Browser, { url }: Simulator, look?: PhoneLook): Promise<PhonePage> {
  const phone = await PhonePage.open(browser, url, look);
  onTestFinished(async () => {
    await phone.close();
    expect([phone.troubles, phone.intrusions]).toEqual([[], []]);
  });
  return phone;
}
