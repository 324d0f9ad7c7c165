import { html, nothing, type TemplateResult } from "lit-html";
import type { CustomMenu, MenuLeaf } from "../menus.js";
import type { App } from "./app.js";
import { control } from "./control.js";

/** A menu to begin with. */
const SAMPLE = {
  button: [
    { type: "click", name: "今日推荐", key: "TODAY" },
    {
      name: "服务",
      sub_button: [
        { type: "view", name: "官网", url: "https://example.com/" },
        { type: "scancode_waitmsg", name: "扫一扫", key: "SCAN" },
        { type: "location_select", name: "发送位置", key: "PLACE" },
      ],
    },
    { type: "click", name: "帮助", key: "HELP" },
  ],
};

/** The custom menu of the account, as JSON that menu/create would take. */
export function menuEditor(app: App): TemplateResult {
  const { t, account } = app;
  const menu = account?.menu ?? null;
  const put = (event: SubmitEvent) => {
    event.preventDefault();
    const field =
      event.currentTarget instanceof HTMLFormElement ? event.currentTarget.elements.namedItem("menu") : null;
    const given = field instanceof HTMLTextAreaElement ? parse(field.value) : undefined;
    if (given === undefined) return app.say(t.badMenu);
    app.menuShown = true;
    void app.run(() => control("POST", "menu", { ...given, appId: account?.appId }));
  };
  const remove = () => app.run(() => control("DELETE", `menu?${new URLSearchParams({ appId: account?.appId ?? "" })}`));
  return html`<form class="menu-form" @submit=${put}>
    <label>${t.menuHelp}<textarea name="menu" rows="14" spellcheck="false" .value=${JSON.stringify(menu === null ? SAMPLE : written(menu), undefined, 2)}></textarea></label>
    <p class="buttons"><button type="submit" class="small strong">${t.putMenu}</button>
    ${menu === null ? nothing : html`<button type="button" class="small" @click=${remove}>${t.removeMenu}</button>`}</p>
  </form>`;
}

function parse(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The menu in WeChat's spelling. */
function written(menu: CustomMenu): object {
  return {
    button: menu.map((entry) =>
      "buttons" in entry ? { name: entry.name, sub_button: entry.buttons.map(leaf) } : leaf(entry),
    ),
  };
}

function leaf({ type, name, key, appId }: MenuLeaf): object {
  if (type === "view") return { type, name, url: key };
  return type === "miniprogram" ? { type, name, appid: appId, pagepath: key } : { type, name, key };
}
