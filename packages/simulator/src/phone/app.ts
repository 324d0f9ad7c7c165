import type { PhoneAccount, PhoneNews } from "../phone-news.js";
import type { FollowerAction } from "../push/actions.js";
import type { FollowerState } from "../state.js";
import { act, type Who } from "./control.js";
import type { Dialog } from "./dialogs.js";
import { recall, remember } from "./memory.js";
import { type Entry, entriesOf, type Known, merge } from "./news.js";
import { firstLanguage, type Texts, textsOf } from "./texts.js";
import type { Language } from "./time.js";

const LANGUAGE = "wechat-simulator-language";
const PANEL = "wechat-simulator-panel";
const TOAST_MS = 6000;

export type Tab = "calls" | "pushes" | "faults" | "menu";

/** What the page shows at the moment, and what it knows. Views read it; whoever changes it calls `change`. */
export class App {
  known: Known | undefined;
  live = false;
  language: Language = firstLanguage(recall(LANGUAGE), navigator.language);
  panelOpen = recall(PANEL) !== "closed";
  tab: Tab = "calls";
  draft = "";
  /** The sheet of things to send is open. */
  sheetOpen = false;
  /** The bar below is the custom menu, not the keyboard. */
  menuShown = true;
  /** The list of the custom menu that is open, by its place in the bar. */
  openList: number | undefined;
  dialog: Dialog | undefined;
  toast = "";
  /** The newest entry that was on the screen, by id; what came later is unread. */
  seen = 0;
  /** The chat stands at its end, and stays there when something comes. */
  atEnd = true;
  private wanted: Partial<Who> = readHash();
  /** What is known does not yet tell of the one who was chosen. */
  private asking = true;
  private receivedAt = 0;
  private scheduled = false;
  private toastTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param draw shows the page as it now is
   * @param ask has everything sent anew, with the follower who is now chosen
   */
  constructor(
    private readonly draw: () => void,
    private readonly ask: () => void,
  ) {}

  get t(): Texts {
    return textsOf(this.language);
  }

  /** Something has changed: the page is drawn once for all that changes at the same time. */
  change(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  receive(news: PhoneNews, anew: boolean): void {
    this.known = anew || this.known === undefined ? merge(nothingOf(news), news) : merge(this.known, news);
    if (anew) this.asking = false;
    this.receivedAt = performance.now();
    this.change();
  }

  /** Milliseconds since 1970 on the simulator's clock. */
  get now(): number {
    if (this.known === undefined) return Date.now();
    const { now, runs } = this.known.state.clock;
    return runs ? now + performance.now() - this.receivedAt : now;
  }

  get accounts(): readonly PhoneAccount[] {
    return this.known?.state.accounts ?? [];
  }

  /** The account that was chosen, never another one; the first when none was. */
  get account(): PhoneAccount | undefined {
    const { appId: wanted } = this.wanted;
    return wanted === undefined ? this.accounts[0] : this.accounts.find(({ appId }) => appId === wanted);
  }

  /** The follower that was chosen, never another one: it is who writes. The account's first when none was. */
  get follower(): FollowerState | undefined {
    const followers = this.account?.followers ?? [];
    const { openid: wanted } = this.wanted;
    return wanted === undefined ? followers[0] : followers.find(({ openid }) => openid === wanted);
  }

  /** The openid that was chosen, if any. */
  get chosen(): string | undefined {
    return this.wanted.openid;
  }

  /** The one who was chosen, where the simulator does not have them. */
  get missing(): string | undefined {
    if (this.asking || this.follower !== undefined) return undefined;
    return this.account === undefined ? this.wanted.appId : this.wanted.openid;
  }

  get entries(): readonly Entry[] {
    const { known, account, follower } = this;
    return known && account && follower ? entriesOf(known, account.appId, follower.openid) : [];
  }

  get accountName(): string {
    return this.account?.name ?? this.t.unnamedAccount;
  }

  nameOf({ nickname, openid }: FollowerState): string {
    return nickname ?? this.t.unnamed(openid.slice(-4));
  }

  /** Takes another phone into the hand. It is in the address, so that a page can be reloaded and given on. */
  choose(appId: string, openid?: string): void {
    this.wanted = { appId };
    const chosen = openid ?? this.follower?.openid;
    if (chosen !== undefined) this.wanted = { appId, openid: chosen };
    history.replaceState(null, "", `#${new URLSearchParams({ ...this.wanted })}`);
    this.turn();
  }

  /** The address has changed, by hand or by a link. */
  followAddress(): void {
    this.wanted = readHash();
    this.show(undefined);
    this.turn();
  }

  private turn(): void {
    this.asking = true;
    Object.assign(this, { draft: "", sheetOpen: false, openList: undefined, atEnd: true, seen: 0 });
    this.ask();
    this.change();
  }

  speak(language: Language): void {
    this.language = language;
    remember(LANGUAGE, language);
    this.change();
  }

  togglePanel(): void {
    this.panelOpen = !this.panelOpen;
    remember(PANEL, this.panelOpen ? "open" : "closed");
    this.change();
  }

  show(dialog: Dialog | undefined): void {
    this.dialog = dialog;
    this.change();
  }

  /** Says something for a few seconds. */
  say(words: string): void {
    clearTimeout(this.toastTimer);
    this.toast = words;
    this.toastTimer = setTimeout(() => this.say(""), TOAST_MS);
    this.change();
  }

  /** Does something that may fail, and says so if it does. @returns whether it was done */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** The follower does something. */
  act(action: FollowerAction): Promise<boolean> {
    const { account, follower } = this;
    if (account === undefined || follower === undefined) return Promise.resolve(false);
    this.atEnd = true;
    return this.run(async () => {
      const notPushed = await act({ appId: account.appId, openid: follower.openid }, action);
      // Without callback the panel says so all the time; with one there is this reason only.
      if (notPushed !== undefined && account.callback !== null) this.say(this.t.toAgent);
    });
  }
}

function nothingOf({ state }: PhoneNews): Known {
  return { state, calls: [], pushes: [], messages: [], lines: [] };
}

/** `#appId=…&openid=…` */
function readHash(): Partial<Who> {
  const given = new URLSearchParams(location.hash.slice(1));
  const [appId, openid] = [given.get("appId"), given.get("openid")];
  return { ...(appId ? { appId } : {}), ...(openid ? { openid } : {}) };
}
