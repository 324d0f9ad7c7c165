// wechat-api 1.35 from npm (github.com/node-webot/wechat-api): the example of its README. Only `endpoint` is set.
// With a local WeChat at work:   node wechat-api.cjs http://127.0.0.1:8787
const WechatAPI = require("wechat-api");
const { appid, appsecret, openid } = require("./account.cjs");

const api = new WechatAPI(appid, appsecret);
api.endpoint = process.argv[2];
api.updateRemark(openid, "remarked", (err, data) => {
  if (err) throw err;
  console.log(data);
});
