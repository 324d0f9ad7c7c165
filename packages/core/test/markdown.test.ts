import { describe, expect, it } from "vitest";
import { markdownToText } from "../src/text/markdown.js";

const lines = (...text: string[]) => text.join("\n");

describe("markdownToText: links", () => {
  it.each([
    ["[官网](https://example.com/a?b=1&c=2)", '<a href="https://example.com/a?b=1&c=2">官网</a>'],
    ['[x](https://a.cn "title")', '<a href="https://a.cn">x</a>'],
    ["[**bold** `code`](http://a.cn)", '<a href="http://a.cn">bold code</a>'],
    ["请点[这里](https://a.cn)查看", '请点<a href="https://a.cn">这里</a>查看'],
    [
      "[two\nlines](https://a.cn) [两\n行](https://a.cn)",
      '<a href="https://a.cn">two lines</a> <a href="https://a.cn">两行</a>',
    ],
    [
      "[a][r] [R][] [r]\n\n[r]: https://r.cn 'title'",
      '<a href="https://r.cn">a</a> <a href="https://r.cn">R</a> <a href="https://r.cn">r</a>',
    ],
    ["如前所述[1]。\n\n[1]: https://one.cn", '如前所述<a href="https://one.cn">[1]</a>。'],
  ])("%j becomes a tag", (markdown, text) => expect(markdownToText(markdown)).toBe(text));

  it.each([
    ["https://a.cn/x__y__z~~1~~?a=1&b=2", "https://a.cn/x__y__z~~1~~?a=1&b=2"],
    ["见https://a.cn/__init__.py。再见", "见https://a.cn/__init__.py。再见"],
    ["**https://a.cn**", "https://a.cn"],
    ["https://a.cn/?a=1&amp;b=2", "https://a.cn/?a=1&b=2"],
    ["<https://a.cn>", "https://a.cn"],
    ["[https://a.cn](https://a.cn)", "https://a.cn"],
    ["[https://a.cn](https://a.cn/)", "https://a.cn"],
    ["[](https://a.cn)", "https://a.cn"],
    ["<me@a.cn> [me@a.cn](mailto:me@a.cn)", "me@a.cn me@a.cn"],
  ])("%j stays a bare address", (markdown, text) => expect(markdownToText(markdown)).toBe(text));

  it.each([
    ["[mail](mailto:a@b.cn)", "mail (a@b.cn)"],
    ["[客服](tel:+8610)", "客服（+8610）"],
    ["[file](ftp://a.cn/b)", "file (ftp://a.cn/b)"],
    ["[home](/index.html)", "home (/index.html)"],
    ["[x](javascript:alert(1))", "x (javascript:alert(1))"],
    ["[x](https://)", "x (https://)"],
    ["[目录](#part)", "目录"],
  ])("%j is no web link: its address stands behind it", (markdown, text) =>
    expect(markdownToText(markdown)).toBe(text),
  );

  it("makes address and label safe", () => {
    expect(markdownToText("[a < b > c](https://a.cn/\"x'`<y>)")).toBe(
      '<a href="https://a.cn/%22x%27%60%3Cy%3E">a ＜ b ＞ c</a>',
    );
    expect(markdownToText("[a](<https://a.cn/b c>)")).toBe('<a href="https://a.cn/b%20c">a</a>');
    expect(markdownToText("[维基](https://zh.wikipedia.org/wiki/微信)")).toBe(
      '<a href="https://zh.wikipedia.org/wiki/%E5%BE%AE%E4%BF%A1">维基</a>',
    );
  });

  it("keeps a link definition that nothing refers to, and a line that only looks like one", () => {
    expect(markdownToText("[来源]: https://a.cn")).toBe("[来源]: https://a.cn");
    expect(markdownToText("[10:30]: hello\n[张三]: 你好")).toBe("[10:30]: hello\n[张三]: 你好");
  });

  it("makes an image its alternative text with the link", () => {
    expect(markdownToText("![架构图](https://a.cn/1.png)")).toBe('<a href="https://a.cn/1.png">架构图</a>');
    expect(markdownToText("![](https://a.cn/1.png)")).toBe("https://a.cn/1.png");
    expect(markdownToText("[![logo](https://a.cn/1.png)](https://b.cn)")).toBe('<a href="https://b.cn">logo</a>');
    expect(markdownToText("![a [b](https://c.cn)](https://a.cn/1.png)")).toBe('<a href="https://a.cn/1.png">a b</a>');
  });
});

describe("markdownToText: blocks", () => {
  it.each([
    ["heading", "前言\n# 标题 #\n\n正文\n## **二级**\n### 三级", "前言\n\n标题\n正文\n\n二级\n\n三级"],
    ["rule", "a\n\n---\n\nb\n***\nc", "a\n\n──────────\n\nb\n──────────\nc"],
    ["text above a line of dashes stays text", "a\n---\nb", "a\n──────────\nb"],
    ["bullets", "- a\n- b\n\n* c\n+ d", "• a\n• b\n\n• c\n• d"],
    [
      "nested list",
      "- a\n  - b\n    1. c\n       d\n- e",
      "• a\n\u3000• b\n\u3000\u30001. c\n\u3000\u3000\u3000d\n• e",
    ],
    ["nested by four spaces", "1. a\n    - b\n2. c", "1. a\n\u3000• b\n2. c"],
    ["author's numbers", "3. a\n4. b\n\n10) c", "3. a\n4. b\n\n10) c"],
    ["numbers left to the program", "1. a\n1. b\n1. c", "1. a\n2. b\n3. c"],
    ["loose list", "- a\n\n  more\n\n- b", "• a\n\n\u3000more\n\n• b"],
    ["tasks", "- [ ] a\n- [x] b\n1. [X] c", "☐ a\n☑ b\n1. ☑ c"],
    ["quote", "> a\n> **b**\n>\n> c\n\nd", "> a\n> b\n>\n> c\n\nd"],
    ["nested quote", "> a\n>\n> > b", "> a\n>\n> > b"],
    ["list in quote", "> - a\n>   - b", "> • a\n> \u3000• b"],
    ["fence", "看：\n```python\ndef f(x):\n    return x ** 2\n```\n好", "看：\n\ndef f(x):\n    return x ** 2\n\n好"],
    ["fence never closed", "~~~\n  a\n\tb", "  a\n\tb"],
    ["code in a list keeps its indentation", "1. a\n   ```\n   if:\n     b\n   ```\n2. c", "1. a\n\nif:\n  b\n\n2. c"],
    ["item of code only", "- ```\n  x\n  ```", "•\nx"],
    ["indented code", "a\n\n    *b*\n      c\n\nd", "a\n\n    *b*\n      c\n\nd"],
    ["hard breaks", "a  \nb\\\nc<br>d<br/>e", "a\nb\nc\nd\ne"],
    ["many blank lines", "\n\n\na\n\n\n \n\nb\n\n", "a\n\nb"],
    ["CRLF", "a\r\n\r\n\r\nb\rc", "a\n\nb\nc"],
    ["nothing", " \n<!-- comment -->\n", ""],
  ])("%s", (_name, markdown, text) => expect(markdownToText(markdown)).toBe(text));

  it("writes a table as header: value lines, a blank line between rows, empty cells left out", () => {
    const table = lines(
      "价格表：",
      "| 套餐 | Price | 备注： |",
      "|:----|------:|--------|",
      "| **基础** | $5 | 无<br>限制 |",
      "| 专业 | ~~$9~~ $8 | |",
      "| a \\| b | `x` |",
      "以上",
    );
    expect(markdownToText(table.replace("\n以上", "\n\n以上"))).toBe(
      lines(
        "价格表：",
        "",
        "套餐：基础",
        "Price: $5",
        "备注：无",
        "限制",
        "",
        "套餐：专业",
        "Price: $9 $8",
        "",
        "套餐：a | b",
        "Price: x",
        "",
        "以上",
      ),
    );
  });

  it("writes a cell without header as it is, and a table without rows as a line", () => {
    expect(markdownToText("| | A |\n|-|-|\n| x | 1 |")).toBe("x\nA: 1");
    expect(markdownToText("| A | B |\n|-|-|")).toBe("A | B");
  });

  it("keeps what a row holds beyond the table's columns", () => {
    expect(markdownToText("> | 键 | 值 |\n> |---|---|\n> | a | `x|y` |\n> | b | 1 | 2 | 3 |")).toBe(
      "> 键：a\n> 值：x|y\n>\n> 键：b\n> 值：1 | 2 | 3",
    );
  });

  it("does not repeat a giant header in every row", () => {
    const text = markdownToText(`|${"h".repeat(50_000)}|\n|-|\n${"|1|\n".repeat(10_000)}`);
    expect(text.length).toBeLessThan(200_000);
    expect(text.endsWith("\n1\n1")).toBe(true);
  });

  it("does not repeat a giant address in every link, and keeps the text of each", () => {
    const text = markdownToText(`${"[a] ".repeat(10_000)}\n\n[a]: https://a.cn/${"x".repeat(50_000)}`);
    expect(text.length).toBeLessThan(600_000);
    expect(text.match(/(?<!<\/)\ba\b(?! href|\.cn)/g)).toHaveLength(10_000);
  });
});

describe("markdownToText: inline", () => {
  it.each([
    ["**b** *i* ***bi*** __b__ _i_ ~~s~~ `c`", "b i bi b i s c"],
    ["**R**ead *T*his ``a ` b``", "Read This a ` b"],
    ["**注意：**请勿**“外传”**。他说**“好”**了，**重点**（见下）", "注意：请勿“外传”。他说“好”了，重点（见下）"],
    ["**「标题」**正文~~（旧）~~新", "「标题」正文（旧）新"],
    ["\\*a\\* \\_b\\_ \\# 1\\. \\`c\\` \\$5 \\[d\\]", "*a* _b_ # 1. `c` $5 [d]"],
    ["&lt;b&gt; &amp;lt; &hellip; &#20320; AT&T a&b;", "<b> &lt; … 你 AT&T a&b;"],
    ["<b>a</b> <u>b</u> H<sub>2</sub>O <span style='x'>c</span>", "a b H2O c"],
    ["<p>a</p><p>b</p>", "a\n\nb"],
    ["<ul><li>a</li><li>b</li></ul>", "• a\n• b"],
    ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"],
    ["List<String> <your-name> a<b", "List<String> <your-name> a<b"],
    ["甲[^1]乙[^注]。\n\n[^1]: 说明\n[^注]: 来源", "甲[1]乙[注]。\n\n[1]: 说明\n[注]: 来源"],
    ["正则 [^a-z] 不是脚注", "正则 [^a-z] 不是脚注"],
  ])("%j", (markdown, text) => expect(markdownToText(markdown)).toBe(text));

  it("keeps WeChat's own tags: links, mini programs, menu links", () => {
    const text = lines(
      '<a href="https://a.cn/?x=1&y=2">点这里</a>',
      '<a href="http://www.qq.com" data-miniprogram-appid="wx1" data-miniprogram-path="pages/index/index">小程序</a>',
      '<a href="weixin://bizmsgmenu?msgmenucontent=yes&msgmenuid=1">是</a>',
    );
    expect(markdownToText(text)).toBe(text);
    expect(markdownToText("<A HREF='https://a.cn/?x=1&amp;y=2' onclick=\"z\">**b** `c`</A>")).toBe(
      '<a href="https://a.cn/?x=1&y=2">b c</a>',
    );
    expect(markdownToText('<a href="https://a.cn"><img src="https://b.cn" alt="图"></a>')).toBe(
      '<a href="https://a.cn">图</a>',
    );
  });

  it("lets no other text pass for a tag", () => {
    expect(markdownToText('`<a href="x">` &lt;a&gt; \\<a> <**a** b="c"> </a> x<a')).toBe(
      '＜a href="x"> ＜a> ＜a> ＜a b="c">  x＜a',
    );
    expect(markdownToText('```\n<a href="x">y</a>\n```')).toBe('＜a href="x">y＜/a>');
    expect(markdownToText('<a href="https://a.cn">never closed [b](https://b.cn)')).toBe(
      'never closed <a href="https://b.cn">b</a>',
    );
    expect(markdownToText("\0a href=x>")).toBe("\ufffda href=x>");
  });
});

describe("markdownToText: text that is no Markdown", () => {
  it.each([
    "1 * 2 * 3 = 6",
    "2*3*4=24，长*宽*高，x**2 + y**2",
    "snake_case_word 和 中文_下划线_中文",
    "#话题# #1 C# ##无空格",
    "5. 公司",
    "007. 代号",
    "价格 $5 至 $10，涨幅 +5% -3%",
    String.raw`C:\Users\me\.ssh\config \\server\share \d+ \n \frac{a}{b}`.replaceAll("\\\\", "\\"),
    "(*^_^*) >_< ^_^ (╯°□°)╯",
    ">_<",
    ">>>点击这里<<<",
    "a > b 且 c < d，x -> y，5 <= 6",
    "f[i](n)、f[i](i) 与 a[0][1]",
    "【通知】「你好」（测试）～～ ——",
    "👩‍👩‍👧‍👦 🇨🇳 👍🏽 e\u0301",
    "\u3000\u3000首行缩进\n\u3000\u3000第二段",
    "  two spaces\n   three\n\ttab\n\n      six",
    "a | b\nc | d",
    "时间：10:30-11:00\n地点：3号楼\n电话：010-12345678",
    "=====\n标题\n=====",
  ])("%j stays as it is", (text) => expect(markdownToText(text)).toBe(text));

  it("adds no space to Chinese and takes none away", () => {
    expect(markdownToText("中文**加粗**中文 `代码` 中文[链接](https://a.cn)中文\n下一行")).toBe(
      '中文加粗中文 代码 中文<a href="https://a.cn">链接</a>中文\n下一行',
    );
  });
});
