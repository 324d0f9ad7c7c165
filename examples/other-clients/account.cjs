// What the local WeChat has unless it is told otherwise.
module.exports = {
  appid: "wx0123456789abcdef",
  appsecret: "0123456789abcdef0123456789abcdef",
  openid: "oSimFollower000000000000000001",
};
