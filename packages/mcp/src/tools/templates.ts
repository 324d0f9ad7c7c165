import { type Template, WeChatApiError, WeChatValidationError } from "@wechat-offiaccount/core";
import type { Remedy } from "../remedy.js";
import { foreignText } from "../safety/foreign-text.js";

/** Templates that a list shows, and characters of each. */
const MOST = 50;
const TITLE = 60;
const CONTENT = 300;

/** WeChat knows no such template: wrong length, wrong id. */
const UNKNOWN = new Set([40036, 40037]);

const PLACE = /\{\{\s*(\w+)\.DATA\s*\}\}/g;

/** @throws WeChatValidationError with the account's templates, if it has none of this id */
export function templateNamed(id: string, templates: readonly Template[]): Template {
  const template = templates.find((template) => template.id === id);
  if (template) return template;
  const problem = { field: "template_id", problem: "the account has no such template", remedy: listed(templates) };
  throw new WeChatValidationError([problem], { delivery: "not-delivered", parts: [] });
}

/** The text that the follower would read; a place without a value stays as it is. */
export const filledIn = ({ title, content }: Template, data: Readonly<Record<string, string>>): string =>
  [
    title,
    content.replace(PLACE, (place, keyword: string) => (Object.hasOwn(data, keyword) ? data[keyword] : place) ?? place),
  ]
    .filter((line) => line !== "")
    .join("\n");

/** The failed send; if its template was unknown, with the account's templates in its remedy. */
export async function withTemplates(error: unknown, list: () => Promise<readonly Template[]>): Promise<unknown> {
  if (!(error instanceof WeChatApiError) || !UNKNOWN.has(error.errcode)) return error;
  const { delivery, parts } = error;
  try {
    return error.withOutcome({ delivery, parts, first: listed(await list()) });
  } catch {
    // The send has its own word; that the templates could not be listed beside is no news.
    return error;
  }
}

/** The operator chose the titles and texts; bounded all the same, and without what nobody sees. */
function listed(templates: readonly Template[]): Remedy {
  if (templates.length === 0) {
    return {
      en: "The account has no templates: its operator adds them at mp.weixin.qq.com.",
      zh: "该公众号没有模板，请由运营者在 mp.weixin.qq.com 添加。",
    };
  }
  const lines = templates.slice(0, MOST).map(({ id, title, content }) => {
    const shown = foreignText(content, CONTENT).text.replace(/\s*\n\s*/g, " / ");
    return `template_id ${id} (${foreignText(title, TITLE).text}): ${shown}`;
  });
  const more = templates.length > MOST ? ` There are ${templates.length - MOST} more.` : "";
  return {
    en: `Choose one of the account's templates, if one is made for this notice:\n${lines.join("\n")}\n${more}`.trim(),
    // Once is enough: the list is the same in both languages.
    zh: "请从 remedy_en 所列的本公众号模板中选择与该通知相符的一个。",
  };
}
