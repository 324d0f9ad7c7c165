// node-easywechat 3.6 from npm (github.com/hpyer/node-easywechat): the example of its README, with postJson for
// post, which sends no body in 3.6. Of its settings only `baseURL` is another.
// With a local WeChat at work:   node easywechat.cjs http://127.0.0.1:8787
// It needs node-socialite 1.4: "overrides": { "node-socialite": "1.4.1" } in your package.json.
const { OfficialAccount } = require("node-easywechat");
const { appid, appsecret, openid } = require("./account.cjs");

const app = new OfficialAccount({
  app_id: appid,
  secret: appsecret,
  http: { baseURL: process.argv[2] },
});

async function main() {
  const client = app.getClient();
  const response = await client.postJson("/cgi-bin/user/info/updateremark", {
    openid,
    remark: "remarked",
  });
  const data = response.toObject();
  console.log(data);
}
main();
