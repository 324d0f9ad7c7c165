import { render } from "lit-html";
import { App } from "./app.js";
import { connect } from "./connection.js";
import { openDialog } from "./dialogs.js";
import { pageView } from "./page-view.js";
import { follow } from "./scrolling.js";

const app: App = new App(draw, () => ask());

function draw(): void {
  document.documentElement.lang = app.language === "zh" ? "zh-CN" : "en";
  document.title = app.t.title;
  render(pageView(app), document.body);
  openDialog();
  follow(app);
}

const ask = connect({
  chosen: () => app.chosen,
  news: (news, anew) => app.receive(news, anew),
  live: (live) => {
    if (app.live === live) return;
    app.live = live;
    app.change();
  },
});

addEventListener("hashchange", () => app.followAddress());

// The countdowns, the typing line and the clock.
setInterval(() => {
  if (!document.hidden && app.known?.state.clock.runs) app.change();
}, 1000);

app.change();
