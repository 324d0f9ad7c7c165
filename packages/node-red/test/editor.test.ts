import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CREDENTIALS, PROPERTIES } from "../src/lib/account-settings.js";

type Validate = (value: unknown, opt: object) => true | string;
interface Definition {
  defaults: Record<string, { validate?: Validate }>;
  credentials?: Record<string, { validate?: Validate }>;
}

/**
 * What a node's html registers with the editor; a text of the catalogue comes back as its key.
 * @param shown what the fields of an open dialog hold, by selector
 */
function definitionOf(type: string, shown: Readonly<Record<string, string>> = {}): Definition {
  const html = readFileSync(new URL(`../dist/nodes/${type}.html`, import.meta.url), "utf8");
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)![1]!;
  const registered: Definition[] = [];
  const RED = {
    _: (key: string) => key,
    // The editor's own, which need its page.
    validators: { typedInput: () => () => true },
    nodes: { registerType: (_type: string, definition: Definition) => registered.push(definition) },
  };
  const $ = (selector: string) => ({ length: selector in shown ? 1 : 0, val: () => shown[selector] });
  new Function("RED", "$", script)(RED, $);
  return registered[0]!;
}

const cases: [type: string, property: string, good: unknown[], bad: unknown[]][] = [
  [
    "wechat-oa-account",
    "callbackToken",
    [undefined, "", "abc", "A1b2".repeat(8), " tok3n ", "${TOKEN}", "__PWRD__"],
    ["ab", "a".repeat(33), "with space", "令牌令牌"],
  ],
  [
    "wechat-oa-account",
    "encodingAESKey",
    [undefined, "", "aB3".padEnd(43, "x"), "${KEY}", "__PWRD__"],
    ["x".repeat(42), "x".repeat(44), `${"x".repeat(42)}=`],
  ],
  [
    "wechat-oa-account",
    "callbackPath",
    [undefined, "", "/wechat", "/a/b-c_d.e/", "/%E5%BE%AE", "${P}"],
    ["wechat", "/", "//", "/a b", "/a?b", "/a#b", "/微信"],
  ],
  [
    "wechat-oa-account",
    "proxy",
    [undefined, "", "env", "http://h", "https://u:p%40@h:3128/", "${PROXY}", "__PWRD__"],
    ["h:3128", "socks5://h", "http://", "http://h/path", "http://a b"],
  ],
  [
    "wechat-oa-account",
    "redisUrl",
    [undefined, "", "redis://h", "rediss://u:p@h:6380/1", "redis://:p@h/", "${REDIS}", "__PWRD__"],
    ["h:6379", "http://h", "redis://", "redis://h/db", "redis://h?x=1"],
  ],
  [
    "wechat-oa-account",
    "inbox",
    [undefined, "", "memory", "sqlite:a.db", "${INBOX}"],
    ["sqlite:", "redis://h", "file"],
  ],
  ["wechat-oa-conversation", "openid", ["openid", "customer.id"], [undefined, "", " "]],
  ["wechat-oa-conversation", "agent", [undefined, "", " anna@shop ", "${AGENT}"], ["anna", "@shop", "an na@shop"]],
  [
    "wechat-oa-conversation",
    "cursor",
    [undefined, "", "0", "123456", "${CURSOR}"],
    ["newest", "-1", "1.5", "1".repeat(16)],
  ],
  [
    "wechat-oa-conversation",
    "messages",
    [0, "0", 20, "500", " 7 ", "${N}"],
    ["", -1, 501, 1000, 1.5, "all", undefined],
  ],
  ["wechat-oa-conversation", "limit", [1, "50", 499, 500, "${N}"], ["", 0, "00", 501, "ten", undefined]],
  [
    "wechat-oa-receive",
    "filter",
    [undefined, "", "text", "text,event", "Image， event:subscribe"],
    ["subscribe", "event:", "text;image"],
  ],
  ["wechat-oa-receive", "allow", [undefined, "", "oA-_1, oB\noC", "${TEAM} oA"], ["o.A", "小明", "oA, $TEAM"]],
  ["wechat-oa-receive", "block", [undefined, " ", "oA，oB；oC"], ["oA oB!", "x".repeat(129)]],
  ["wechat-oa-receive", "waitSeconds", [4.5, "0.1", 1], [0, "", -1, 5, "soon", undefined]],
  [
    "wechat-oa-send",
    "customerServiceAccount",
    [undefined, "", "agent@account", " agent@account ", "${AGENT}"],
    ["agent", "@account", "an agent@account", "a@b@c"],
  ],
];

describe.each(cases)("the dialog of %s checks %s", (type, property, good, bad) => {
  const { defaults, credentials } = definitionOf(type);
  const validate = (defaults[property] ?? credentials?.[property])!.validate!;

  it.each(good.map((value) => [value]))("%j is right", (value) => {
    expect(validate(value, {})).toBe(true);
  });

  it.each(bad.map((value) => [value]))("%j is wrong, and it says why", (value) => {
    expect(validate(value, {})).toContain(`${type}:${type}.validate.${property}`);
  });

  it("may give a reason: the editor asks only validators of two parameters for one", () => {
    expect(validate).toHaveLength(2);
  });
});

describe("the dialog of wechat-oa-send", () => {
  const { defaults } = definitionOf("wechat-oa-send");
  const verdict = (property: string, node: object, value: string) =>
    defaults[property]!.validate!.call(node, value, {});
  const missing = (name: string) => expect.stringContaining(`wechat-oa-send.validate.${name}Missing`);

  it("wants a recipient always, and content for all but typing", () => {
    expect(verdict("recipient", {}, " ")).toEqual(missing("recipient"));
    expect(verdict("recipient", {}, "openid")).toBe(true);
    for (const action of [undefined, "text", "message", "template"]) {
      expect(verdict("content", { action }, "")).toEqual(missing("content"));
      expect(verdict("content", { action }, "payload")).toBe(true);
    }
    for (const action of ["typing-on", "typing-off"]) expect(verdict("content", { action }, "")).toBe(true);
  });

  it("wants a template id unless the message may bring it along", () => {
    const template = { action: "template", contentType: "json" };
    expect(verdict("templateId", template, "")).toEqual(missing("templateId"));
    expect(verdict("templateId", template, "T1")).toBe(true);
    expect(verdict("templateId", { ...template, contentType: "msg" }, "")).toBe(true);
    expect(verdict("templateId", { action: "text" }, "")).toBe(true);
  });
});

describe("the dialog of wechat-oa-account checks inbox by its type", () => {
  const TYPE = "wechat-oa-account";
  const validate = (type: string, inbox: string) => {
    const { validate } = definitionOf(TYPE).defaults.inbox!;
    return validate!.call({ inboxType: type }, inbox, {});
  };

  it.each([
    ["memory", ""],
    ["redis", ""],
    ["sqlite", "a.db"],
    ["sqlite", "${FILE}"],
    ["word", "${INBOX}"],
    ["", "sqlite:a.db"],
  ])("%s with %j is right", (type, inbox) => {
    expect(validate(type, inbox)).toBe(true);
  });

  it("a file needs its path", () => {
    expect(validate("sqlite", " ")).toContain(`${TYPE}.validate.inboxPath`);
  });

  it("what the open dialog shows counts, and Redis needs its URL", () => {
    const { defaults, credentials } = definitionOf(TYPE, { "#node-config-input-inboxType": "redis" });
    expect(defaults.inbox!.validate!.call({ inboxType: "sqlite" }, "", {})).toBe(true);
    expect(credentials!.redisUrl!.validate!("", {})).toContain(`${TYPE}.validate.redisUrlMissing`);
  });

  it("what is a credential for the editor is one for the runtime", () => {
    const passwords = Object.entries(definitionOf(TYPE).credentials!).filter(
      ([, definition]) => "type" in definition && definition.type === "password",
    );
    expect(passwords.map(([field]) => field).sort()).toEqual([...CREDENTIALS].sort());
    const ours = Object.keys(definitionOf(TYPE).defaults).filter((field) => field !== "name");
    expect(ours.sort()).toEqual([...PROPERTIES].sort());
  });
});
