import { DEFAULT_APP_ID, type MenuOptions } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { start } from "./support.js";

const MENU: MenuOptions = {
  button: [
    { type: "click", name: "今日推荐", key: "TODAY" },
    {
      name: "更多",
      sub_button: [
        { type: "view", name: "官网", url: "https://example.com/" },
        { type: "miniprogram", name: "小程序", url: "https://example.com/", appid: "wx2", pagepath: "pages/a" },
        { type: "scancode_waitmsg", name: "扫码", key: "SCAN", sub_button: [] },
      ],
    },
  ],
};

it("a menu is given as menu/create takes it, shown, and taken away", async () => {
  const { sim } = await start();
  const ask = async (method: string, query = "", body?: object) =>
    (await fetch(`${sim.url}/simulator/menu${query}`, { method, ...(body && { body: JSON.stringify(body) }) })).json();
  const menu = [
    { name: "今日推荐", type: "click", key: "TODAY" },
    {
      name: "更多",
      buttons: [
        { name: "官网", type: "view", key: "https://example.com/" },
        { name: "小程序", type: "miniprogram", key: "pages/a", appId: "wx2" },
        { name: "扫码", type: "scancode_waitmsg", key: "SCAN" },
      ],
    },
  ];
  expect(await ask("POST", "", { appId: DEFAULT_APP_ID, ...MENU })).toEqual({ menu });
  expect(await ask("GET")).toEqual({ menus: [{ appId: DEFAULT_APP_ID, menu }] });
  expect(await ask("DELETE", `?appId=${DEFAULT_APP_ID}`)).toEqual({ menu: null });
  sim.setMenu(MENU);
  expect(await ask("GET")).toEqual({ menus: [{ appId: DEFAULT_APP_ID, menu }] });
  sim.setMenu(undefined);
  expect(await ask("GET")).toEqual({ menus: [{ appId: DEFAULT_APP_ID, menu: null }] });
});

it("a menu is taken away from the account that was named", async () => {
  const { sim } = await start();
  sim.addAccount({ appId: "wx2", secret: "s" });
  const button = [{ type: "click", name: "x", key: "K" }] as const;
  sim.setMenu({ button });
  sim.setMenu({ button }, "wx2");
  await fetch(`${sim.url}/simulator/menu?appId=wx2`, { method: "DELETE" });
  const { menus } = (await (await fetch(`${sim.url}/simulator/menu`)).json()) as { menus: unknown };
  expect(menus).toEqual([
    { appId: DEFAULT_APP_ID, menu: [{ type: "click", name: "x", key: "K" }] },
    { appId: "wx2", menu: null },
  ]);
});

const click = { type: "click", name: "帮助", key: "HELP" };

it.each([
  [{}, /^menu\.button: give an array of 1 to 3 buttons/],
  [{ button: [click, click, click, click] }, /^menu\.button: give an array of 1 to 3/],
  [{ button: [{ ...click, name: "一二三四五六" }] }, /^menu\.button\[0\]\.name: give a string of 1 to 16 bytes/],
  [{ button: [{ ...click, type: "media_id" }] }, /^menu\.button\[0\]\.type: give one of click, view/],
  [{ button: [{ type: "view", name: "x" }] }, /^menu\.button\[0\]\.url: give a string/],
  [{ button: [{ name: "x", sub_button: [{ ...click, key: "" }] }] }, /^menu\.button\[0\]\.sub_button\[0\]\.key/],
  [{ button: [{ ...click, kye: "x" }] }, /^menu\.button\[0\]\.kye: is not an option/],
])("the menu %o is refused", async (menu, message) => {
  const { sim } = await start();
  expect(() => sim.setMenu(menu as never)).toThrow(message);
});
