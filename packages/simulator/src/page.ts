import { Html, html } from "./html.js";
import type { Call, DeliveredMessage, Ledger, PhoneLine } from "./ledger.js";
import type { ActionType } from "./push/actions.js";
import type { Push } from "./push/record.js";
import type { Scene } from "./reply-window.js";
import { type AccountState, describeWorld, type FollowerState } from "./state.js";
import type { World } from "./world.js";

const SHOWN_CALLS = 200;
const SHOWN_PUSHES = 100;
const SHOWN_FOLLOWERS = 30;
const SHOWN_MESSAGES = 50;
/** How far back messages and lines are looked for. */
const RECENT_MESSAGES = 2000;

const SCENE_LABELS: Readonly<Record<Scene, string>> = {
  message: "发消息 write",
  "menu-click": "点菜单 click menu",
  follow: "关注 follow",
  scan: "扫码 scan",
  unfollow: "取消关注 unfollow",
};

/** What a follower can do with one click. */
const ACTION_LABELS: Partial<Record<ActionType, string>> = {
  menu: "点菜单 click menu",
  image: "发图片 send picture",
  follow: "关注 follow",
  scan: "扫码 scan",
  unfollow: "取消关注 unfollow",
};

const WINDOW_LABELS: Readonly<Record<FollowerState["replyErrcode"], string>> = {
  0: "可回复 open",
  43004: "未关注 not following",
  45015: "窗口已关闭 closed",
  45047: "条数用完 quota used up",
};

/** The ledger as a page for people. `nonce` admits its one script and style; it loads nothing else. */
export function renderPage(world: World, nonce: string): string {
  return html`<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信公众号模拟器 WeChat simulator</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="3"></noscript>
<style nonce="${nonce}">${new Html(STYLE)}</style>
</head>
<body>
<h1>微信公众号模拟器 <span lang="en">WeChat simulator</span></h1>
${new Html(renderContent(world))}
<script nonce="${nonce}">${new Html(SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** The part of the page that changes, which the page's script fetches and puts in place. */
export function renderContent(world: World): string {
  const state = describeWorld(world);
  const { ledger } = world;
  const recent = recentEntries(ledger);
  const calls = ledger.calls.slice(-SHOWN_CALLS).reverse();
  const pushes = ledger.pushes.slice(-SHOWN_PUSHES).reverse();
  return html`<main>
<p>累计 Totals: ${state.totals.messages} 条送达 delivered · ${state.totals.calls} 次调用 calls · ${state.totals.pushes} 次推送 pushes</p>
${state.accounts.map((account) => accountSection(account, recent))}
<section>
<h2>待触发的故障 Faults waiting</h2>
${faultTable(state.faults.filter(({ left }) => left !== 0))}
</section>
<section>
<h2>推送 Pushes <small>新的在前 newest first</small></h2>
${pushTable(pushes)}
</section>
<section>
<h2>接口调用 Calls <small>新的在前 newest first</small></h2>
${callTable(calls)}
</section>
</main>`.markup;
}

/** What a phone shows: a message of the account, what the follower sent, or a system line. */
type Entry = DeliveredMessage | PhoneLine;

/** The newest of all phones, in the order of the screen. */
function recentEntries({ messages, lines }: Ledger): readonly Entry[] {
  const entries: Entry[] = [...messages.slice(-RECENT_MESSAGES), ...lines.slice(-RECENT_MESSAGES)];
  return entries.sort((a, b) => a.id - b.id);
}

function accountSection(account: AccountState, recent: readonly Entry[]): Html {
  const marks = [account.verified ? "" : "未认证 unverified", account.test ? "测试号 test account" : ""].filter(
    Boolean,
  );
  const more = account.followers.length - SHOWN_FOLLOWERS;
  return html`<section>
<h2>公众号 Account <code>${account.appId}</code> <small>${marks.join(" · ")}</small></h2>
<div class="phones">
${account.followers.slice(0, SHOWN_FOLLOWERS).map((follower) => phone(account, follower, recent))}
</div>
${more > 0 ? html`<p>另有 and ${more} 个关注者 more followers</p>` : ""}
</section>`;
}

function phone(account: AccountState, follower: FollowerState, recent: readonly Entry[]): Html {
  const entries = recent
    .filter(({ appId, openid }) => appId === account.appId && openid === follower.openid)
    .slice(-SHOWN_MESSAGES);
  const actions: readonly ActionType[] = follower.subscribed
    ? ["menu", "image", "scan", "unfollow"]
    : ["follow", "scan"];
  const who = html`<input type="hidden" name="appId" value="${account.appId}"><input type="hidden" name="openid" value="${follower.openid}">`;
  return html`<article>
<h3><code>${follower.openid}</code></h3>
<p class="${follower.replyErrcode === 0 ? "open" : "shut"}">${WINDOW_LABELS[follower.replyErrcode]}${follower.replyErrcode === 0 ? "" : ` (${follower.replyErrcode})`}</p>
<ul>${follower.windows.map(({ scene, remaining, expiresAt }) => html`<li>${SCENE_LABELS[scene]}: 剩 ${remaining} left · 至 until ${time(expiresAt)}</li>`)}</ul>
${follower.subscribed ? html`<form method="post" action="/simulator/act">${who}<input name="text" required aria-label="文字 text"> <button name="type" value="text">${SCENE_LABELS.message}</button></form>` : ""}
<form method="post" action="/simulator/act">
${who}
${actions.map((type) => html`<button name="type" value="${type}">${ACTION_LABELS[type] ?? type}</button> `)}
</form>
<ol class="screen">${entries.map(entryItem)}</ol>
${entries.length === 0 ? html`<p class="empty">手机上还没有消息 Nothing on the phone yet</p>` : ""}
${follower.typing ? html`<p class="empty">对方正在输入… typing…</p>` : ""}
</article>`;
}

function entryItem(entry: Entry): Html {
  if (!("from" in entry)) return bubble(entry);
  if (entry.from === "system") return html`<li class="system">${entry.text}</li>`;
  return html`<li class="own"><div class="bubble">${entry.text}</div>
<small>${time(entry.time)}${entry.pushId === undefined ? "" : ` · 推送 push #${entry.pushId}`}</small></li>`;
}

function bubble(message: DeliveredMessage): Html {
  return html`<li><div class="bubble">${message.text ?? summary(message)}</div>
<small>${time(message.time)}${message.kfAccount === undefined ? "" : ` · ${message.kfAccount}`} · ${message.callId === undefined ? `被动回复 passive reply #${message.pushId ?? ""}` : `#${message.callId}`}</small>
${message.ai ? html`<small class="ai">内容由第三方AI生成</small>` : ""}</li>`;
}

function summary({ msgtype, body, via }: DeliveredMessage): string {
  return `[${msgtype}] ${JSON.stringify(via === undefined ? body[msgtype] : body)}`;
}

function faultTable(faults: ReturnType<typeof describeWorld>["faults"]): Html {
  if (faults.length === 0) return html`<p class="empty">无 none</p>`;
  return html`<table><thead><tr><th>故障 fault</th><th>接口 path</th><th>已发生 struck</th><th>剩余 left</th></tr></thead>
<tbody>${faults.map(({ kind, path, struck, left }) => html`<tr><td>${kind}</td><td><code>${path}</code></td><td>${struck}</td><td>${left}</td></tr>`)}</tbody></table>`;
}

function pushTable(pushes: readonly Push[]): Html {
  if (pushes.length === 0) return html`<p class="empty">还没有推送 No push yet</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>#</th><th>时间 time</th><th>消息 message</th><th>openid</th><th>结果 outcome</th><th>次数 tries</th><th>应答 answers</th><th>故障 fault</th></tr></thead>
<tbody>${pushes.map(pushRow)}</tbody></table></div>`;
}

function pushRow({ id, time: at, msgType, event, openid, outcome, problem, tries, fault }: Push): Html {
  const answers = tries.map(({ status, error, latencyMs }) => `${status ?? error ?? "…"} (${latencyMs ?? "…"} ms)`);
  return html`<tr class="${outcome === "bad-answer" || outcome === "no-answer" ? "bad" : "good"}"><td>${id}</td><td>${time(at)}</td><td>${event ?? msgType}</td>
<td><code>${openid}</code></td><td>${outcome ?? "…"}${problem === undefined ? "" : `: ${problem}`}</td><td>${tries.length}</td><td>${answers.join(", ")}</td><td>${fault ?? ""}</td></tr>`;
}

function callTable(calls: readonly Call[]): Html {
  if (calls.length === 0) return html`<p class="empty">还没有调用 No call yet</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>#</th><th>时间 time</th><th>接口 endpoint</th><th>openid</th><th>结果 errcode</th><th>errmsg</th><th>rid</th><th>故障 fault</th></tr></thead>
<tbody>${calls.map(callRow)}</tbody></table></div>`;
}

function callRow(call: Call): Html {
  return html`<tr class="${call.errcode === 0 ? "good" : "bad"}"><td>${call.id}</td><td>${time(call.time)}</td><td>${call.method} <code>${call.path}</code></td>
<td><code>${call.openid ?? ""}</code></td><td>${outcome(call)}</td><td>${call.errmsg?.replace(/,? rid: \S+$/, "") ?? ""}</td><td><code>${call.rid ?? ""}</code></td><td>${call.fault ?? ""}</td></tr>`;
}

function outcome(call: Call): string {
  if (call.errcode !== undefined) return String(call.errcode);
  if (call.aborted === true) return "请求未完成 request incomplete";
  return call.httpStatus === undefined ? "无应答 no answer" : `HTTP ${call.httpStatus}`;
}

/** Local date and time, `2026-11-22 17:30:24`. */
function time(ms: number): string {
  return new Date(ms).toLocaleString("sv-SE");
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 0.9rem; margin: 0; overflow-wrap: anywhere; }
.phones { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); align-items: start; }
article { border: 1px solid #8886; border-radius: 12px; padding: 0.8rem; }
article p, article ul { margin: 0.3rem 0; } article ul { padding-left: 1.2rem; }
.screen { list-style: none; padding: 0; margin: 0.6rem 0 0; max-height: 28rem; overflow-y: auto; }
.screen li { margin-bottom: 0.6rem; }
.bubble { display: inline-block; padding: 0.4rem 0.7rem; border-radius: 8px; background: #95ec69; color: #111; white-space: pre-wrap; overflow-wrap: anywhere; }
small { opacity: 0.75; font-weight: normal; } .screen small { display: block; } .ai::before { content: "○ "; }
.own { text-align: right; } .own .bubble { background: #fff; border: 1px solid #8884; text-align: left; } .system { text-align: center; opacity: 0.7; font-size: 0.85rem; }
.open { color: light-dark(#067a2e, #5bd67f); } .shut, .bad td:nth-child(5) { color: light-dark(#b3261e, #ff8a80); }
.empty { opacity: 0.7; }
button { font: inherit; padding: 0.15rem 0.5rem; margin: 0.1rem 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 0.85rem; }
th, td { text-align: left; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td:nth-child(-n + 4), td:nth-child(7) { white-space: nowrap; }
`;

/** Fetches the content again and puts it in place only when it has changed, so that selection and scrolling survive. */
const SCRIPT = `
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("/simulator/content", { cache: "no-store" });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const shown = document.querySelector("main");
    if (next && next.innerHTML !== shown.innerHTML && !shown.contains(document.activeElement)) shown.replaceWith(next);
  } catch {}
}, 1500);
`;
