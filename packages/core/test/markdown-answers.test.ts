import { describe, expect, it } from "vitest";
import { markdownToText } from "../src/text/markdown.js";

// Answers as language models write them to a shop's follower, whole.
const ANSWERS = {
  "steps with bold titles and a link": [
    `当然可以！以下是**退货流程**的详细说明：

### 一、申请退货

1. **进入订单页面**：打开[我的订单](https://shop.example.com/orders?from=wechat&type=all)，找到需要退货的商品。
2. **点击“申请售后”**：选择退货原因，例如：
   - 商品与描述不符
   - *七天无理由退货*
3. **等待审核**：一般在 \`24 小时\`内完成。

### 二、注意事项

> ⚠️ **注意：**请保持商品完好，**不要**拆除吊牌。

如有其他问题，欢迎随时咨询！😊`,
    `当然可以！以下是退货流程的详细说明：

一、申请退货
1. 进入订单页面：打开<a href="https://shop.example.com/orders?from=wechat&type=all">我的订单</a>，找到需要退货的商品。
2. 点击“申请售后”：选择退货原因，例如：
　• 商品与描述不符
　• 七天无理由退货
3. 等待审核：一般在 24 小时内完成。

二、注意事项
> ⚠️ 注意：请保持商品完好，不要拆除吊牌。

如有其他问题，欢迎随时咨询！😊`,
  ],
  "a comparison in a table": [
    `根据您的需求，推荐以下两款：

| 型号 | 价格 | 续航 | 特点 |
|:---:|---:|:---|---|
| **X1** | ￥1,999 | 10 小时 | 轻薄，*仅 1.2 kg* |
| **X1 Pro** | ~~￥3,299~~ ￥2,999 | 16 小时 | 支持 [快充](https://example.com/fast) |

---

**总结：**日常办公选 **X1**，经常出差选 **X1 Pro**。`,
    `根据您的需求，推荐以下两款：

型号：X1
价格：￥1,999
续航：10 小时
特点：轻薄，仅 1.2 kg

型号：X1 Pro
价格：￥3,299 ￥2,999
续航：16 小时
特点：支持 <a href="https://example.com/fast">快充</a>

──────────

总结：日常办公选 X1，经常出差选 X1 Pro。`,
  ],
  "code with explanation": [
    `You can call the API with a few lines of Python:

\`\`\`python
import requests

def send(openid, text):
    body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    return requests.post(URL, json=body)  # errcode 0 = ok
\`\`\`

**A few notes:**

* \`openid\` is the *follower's* id, not the \`unionid\`
* The limit is **2,048 bytes** (≈ 680 Chinese characters)
    * longer texts are split
* See the [docs](https://developers.weixin.qq.com/doc/) or ask me!`,
    `You can call the API with a few lines of Python:

import requests

def send(openid, text):
    body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    return requests.post(URL, json=body)  # errcode 0 = ok

A few notes:

• openid is the follower's id, not the unionid
• The limit is 2,048 bytes (≈ 680 Chinese characters)
　• longer texts are split
• See the <a href="https://developers.weixin.qq.com/doc/">docs</a> or ask me!`,
  ],
  "loose list, sources, tasks": [
    `# Weekly summary

Hi! Here's what happened this week [1][2]:

1. **Orders**

   Up 12% to \\$4,200 — mostly from *WeChat*.

2. **Support**

   - [x] Answer open tickets
   - [ ] Update the FAQ

See also: https://example.com/report_2026_10.pdf

[1]: https://example.com/orders "Orders"
[2]: https://example.com/support`,
    `Weekly summary
Hi! Here's what happened this week <a href="https://example.com/orders">[1]</a><a href="https://example.com/support">[2]</a>:

1. Orders

　Up 12% to $4,200 — mostly from WeChat.

2. Support

　☑ Answer open tickets
　☐ Update the FAQ

See also: https://example.com/report_2026_10.pdf`,
  ],
  "a plain chat answer": [
    "您好～ 您的快递单号是 SF1234567890，预计明天（10:00-12:00）送达。\n\n如需改址请回复 1，转人工请回复 2 😊",
    "您好～ 您的快递单号是 SF1234567890，预计明天（10:00-12:00）送达。\n\n如需改址请回复 1，转人工请回复 2 😊",
  ],
  "cut off in the middle": [
    "**步骤：**\n1. 打开 `设置\n2. 点击 [帮助](https://example.com/he",
    "步骤：\n1. 打开 `设置\n2. 点击 [帮助](https://example.com/he",
  ],
} as const;

describe("markdownToText makes whole answers of models readable", () => {
  it.each(Object.entries(ANSWERS))("%s", (_name, [markdown, text]) => expect(markdownToText(markdown)).toBe(text));
});
