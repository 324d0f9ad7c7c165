import { describe, expect, it } from "vitest";
import { dialogSettings } from "../../src/lib/dialog-settings.js";

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

const SECRET = "s3cret-of-the-account";
const STORED = "__PWRD__";
const DEPLOYED = {
  appId: "wx0123456789abcdef",
  appSecret: SECRET,
  baseUrl: "http://gateway.example/wechat/",
  proxy: "",
};
const AT_HOME = { baseUrl: "http://gateway.example/wechat" };
const WECHAT = "https://api.weixin.qq.com/cgi-bin/";
const ENV: Record<string, string> = {
  SECRET,
  GATEWAY: "http://gateway.example/wechat",
  ATTACKER: "http://attacker.example",
};
const filled = (asked: object, deployed: object | null = DEPLOYED) =>
  dialogSettings(asked, { deployed: deployed ?? undefined, variable: (name) => ENV[name] });

describe("a dialog's settings", () => {
  it("take typed values as they are, wherever they go", () => {
    const { settings, problem } = filled({ appSecret: "typed", baseUrl: "http://elsewhere", aiGenerated: true });
    expect(settings).toMatchObject({ appSecret: "typed", baseUrl: "http://elsewhere", aiGenerated: true });
    expect(problem).toBeUndefined();
  });

  it("take nothing but the fields of the dialog", () => {
    expect(filled({ appSecret: "typed", timeout: 1, __proto__: { appId: "x" } }).settings).not.toHaveProperty(
      "timeout",
    );
  });

  it.each<[string, object, object | null]>([
    ["stored, where it is deployed", { appSecret: STORED, ...AT_HOME }, DEPLOYED],
    ["stored, by a variable for the same place", { appSecret: STORED, baseUrl: variable("GATEWAY") }, DEPLOYED],
    ["from a variable, where it is deployed", { appSecret: variable("SECRET"), ...AT_HOME }, DEPLOYED],
    ["from a variable, at WeChat, not deployed", { appSecret: variable("SECRET"), baseUrl: WECHAT }, null],
    ["from a variable, at WeChat by default", { appSecret: variable("SECRET") }, DEPLOYED],
  ])("take an AppSecret that is %s", (_what, asked, deployed) => {
    const { settings, problem } = filled(asked, deployed);
    expect(problem).toBeUndefined();
    expect(settings.appSecret).toBe(SECRET);
  });

  it.each<[string, object, object | null]>([
    ["stored, to another base URL", { appSecret: STORED, baseUrl: "http://attacker.example" }, DEPLOYED],
    ["stored, to a base URL of a variable", { appSecret: STORED, baseUrl: variable("ATTACKER") }, DEPLOYED],
    ["stored, to the same host and another path", { appSecret: STORED, baseUrl: "http://gateway.example/x" }, DEPLOYED],
    ["stored, by another scheme", { appSecret: STORED, baseUrl: "https://gateway.example/wechat" }, DEPLOYED],
    ["stored, to WeChat instead", { appSecret: STORED }, DEPLOYED],
    ["stored, through another proxy", { appSecret: STORED, ...AT_HOME, proxy: "http://attacker.example" }, DEPLOYED],
    ["stored, without the deployed proxy", { appSecret: STORED, ...AT_HOME }, { ...DEPLOYED, proxy: "http://p:1" }],
    ["from a variable, elsewhere", { appSecret: variable("SECRET"), baseUrl: "http://attacker.example" }, DEPLOYED],
    ["from a variable, elsewhere, not deployed", { appSecret: variable("SECRET"), ...AT_HOME }, null],
    ["from a variable, through a proxy", { appSecret: variable("SECRET"), proxy: "http://attacker.example" }, null],
    ["formerly written, elsewhere", { appSecret: "$(SECRET)", baseUrl: "http://attacker.example" }, null],
    ["with spaces, elsewhere", { appSecret: ` ${variable("SECRET")} `, baseUrl: "http://attacker.example" }, null],
  ])("let no AppSecret go that is %s", (_what, asked, deployed) => {
    const { problem } = filled(asked, deployed);
    expect(problem).toMatchObject({ field: "appSecret", message: expect.stringContaining("base URL and proxy") });
    expect(problem!.problems[0]!.problemInChinese).toMatch(/AppSecret 只会发送到/);
  });

  it.each(["appSecret", "proxy", "redisUrl"])("tell that a stored %s is not known before the deploy", (field) => {
    expect(filled({ [field]: STORED }, null).problem).toMatchObject({ field });
    expect(filled({ [field]: STORED }, { appId: "x" }).problem).toMatchObject({ field });
  });

  it("leave a variable that is not set, which is told by its name", () => {
    expect(filled({ appId: variable("NOT_SET") }).settings.appId).toBe(variable("NOT_SET"));
  });

  it("hide what the dialog did not know, in whole and in parts", () => {
    ENV.PROXY = "http://user:p%40ssword@proxy.example:3128";
    const { conceal } = filled({ appId: "typed", proxy: variable("PROXY"), appSecret: STORED, ...AT_HOME });
    expect(conceal(`via ${ENV.PROXY}, via proxy.example:3128, proxy.example: p@ssword`)).toBe(
      `via ${variable("PROXY")}, via ${variable("PROXY")}, ${variable("PROXY")}: ${variable("PROXY")}`,
    );
    expect(conceal(`${SECRET} at gateway.example by typed`)).toBe("*** at gateway.example by typed");
  });

  it("hide a value whole where another one is a part of it", () => {
    Object.assign(ENV, { HOST: "http://gate.example", PROXY: "http://gate.example:3128/path-of-its-own" });
    const { conceal } = filled({ baseUrl: variable("HOST"), proxy: variable("PROXY") });
    expect(conceal(`${ENV.PROXY} for ${ENV.HOST}`)).toBe(`${variable("PROXY")} for ${variable("HOST")}`);
  });
});
