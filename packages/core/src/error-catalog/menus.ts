import { type Bilingual, type ErrorEntries, LINK_MINI_PROGRAM } from "./entry.js";

const BUTTON_TYPE: Bilingual = {
  en: "Use a button type that WeChat's menu page lists, such as click or view.",
  zh: "请使用微信官方文档中自定义菜单支持的按钮类型，例如 click 或 view。",
};
const BUTTON_NAME: Bilingual = {
  en: "Give the button a name, and keep it to a few characters.",
  zh: "按钮名称不能为空，请控制在几个汉字以内。",
};
const BUTTON_KEY: Bilingual = {
  en: "Give the button a key of 1 to 128 bytes.",
  zh: "请为按钮填写 1 到 128 字节的 KEY。",
};
const BUTTON_URL: Bilingual = {
  en: "Give the button a link, and keep it short.",
  zh: "请为按钮填写链接，并缩短过长的链接。",
};
const BUTTON_COUNT: Bilingual = {
  en: "Use 1 to 3 buttons at the top, each with at most 5 below it.",
  zh: "请设置 1 到 3 个一级菜单，每个一级菜单下最多 5 个二级菜单。",
};

/** The account's custom menu. */
export const MENU_ERRORS: ErrorEntries = {
  40015: {
    name: "menu_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid menu type", zh: "不合法的菜单类型" },
    remedy: BUTTON_TYPE,
  },
  40016: {
    name: "menu_button_count_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "wrong number of menu buttons", zh: "不合法的菜单按钮个数" },
    remedy: BUTTON_COUNT,
  },
  40017: {
    name: "menu_button_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid type of a menu button", zh: "不合法的菜单按钮类型" },
    remedy: BUTTON_TYPE,
  },
  40018: {
    name: "menu_button_name_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a menu button's name", zh: "不合法的菜单按钮名称长度" },
    remedy: BUTTON_NAME,
  },
  40019: {
    name: "menu_button_key_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a menu button's key", zh: "不合法的菜单按钮 KEY 长度" },
    remedy: BUTTON_KEY,
  },
  40020: {
    name: "menu_button_url_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a menu button's link", zh: "不合法的菜单按钮 URL 长度" },
    remedy: BUTTON_URL,
  },
  40021: {
    name: "menu_version_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid menu version", zh: "不合法的菜单版本号" },
    remedy: {
      en: "Fetch the menu as it is now, change that, and send it again whole.",
      zh: "请先获取当前菜单，在其基础上修改后重新完整提交。",
    },
  },
  40022: {
    name: "menu_level_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "too many menu levels", zh: "不合法的子菜单级数" },
    remedy: {
      en: "Use two levels at most: a button below a button cannot have buttons of its own.",
      zh: "菜单最多两级：二级菜单下不能再有子菜单。",
    },
  },
  40023: {
    name: "submenu_button_count_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "wrong number of submenu buttons", zh: "不合法的子菜单按钮个数" },
    remedy: BUTTON_COUNT,
  },
  40024: {
    name: "submenu_button_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid type of a submenu button", zh: "不合法的子菜单按钮类型" },
    remedy: BUTTON_TYPE,
  },
  40025: {
    name: "submenu_button_name_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a submenu button's name", zh: "不合法的子菜单按钮名称长度" },
    remedy: BUTTON_NAME,
  },
  40026: {
    name: "submenu_button_key_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a submenu button's key", zh: "不合法的子菜单按钮 KEY 长度" },
    remedy: BUTTON_KEY,
  },
  40027: {
    name: "submenu_button_url_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a submenu button's link", zh: "不合法的子菜单按钮 URL 长度" },
    remedy: BUTTON_URL,
  },
  40028: {
    name: "menu_user_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid user for a custom menu", zh: "不合法的自定义菜单使用用户" },
    remedy: {
      en: "Name a follower of this account where the call asks for a user.",
      zh: "需要指定用户时，请填写本公众号的关注用户。",
    },
  },
  45010: {
    name: "too_many_menus",
    kind: "content",
    retry: "never",
    meaning: { en: "too many menus", zh: "创建菜单个数超过限制" },
    remedy: {
      en: "Delete menus or buttons that are no longer used, then create the new one.",
      zh: "请先删除不再使用的菜单或按钮，再创建新的。",
    },
  },
  45064: {
    name: "menu_mini_program_not_linked",
    kind: "content",
    retry: "never",
    meaning: { en: "the menu names a mini program that is not linked", zh: "菜单包含未关联的小程序" },
    remedy: LINK_MINI_PROGRAM,
  },
  46002: {
    name: "menu_version_not_found",
    kind: "other",
    retry: "never",
    meaning: { en: "the menu version does not exist", zh: "不存在的菜单版本" },
    remedy: {
      en: "Fetch the menu as it is now and work with that version.",
      zh: "请获取当前菜单，并使用其版本。",
    },
  },
  46003: {
    name: "menu_not_found",
    kind: "other",
    retry: "never",
    meaning: { en: "the account has no such menu", zh: "不存在的菜单数据" },
    remedy: { en: "Create the menu first.", zh: "请先创建菜单。" },
  },
};
