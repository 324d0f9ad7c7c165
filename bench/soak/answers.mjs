// How the agents at all doors answer. What a follower does carries a mark, and each part of the answer repeats it, so that
// the ledger alone tells which push an answer belongs to.

/** Of a text; each part of an answer begins with it. */
const MARK = /\[([\w-]+)\]/;
/** Characters of a text from which on the answer is one of two parts. */
const LONG = 300;

export const inBrackets = (mark) => `[${mark}]`;

/** @returns the mark in a text, or undefined */
export const markIn = (text) => MARK.exec(text ?? "")?.[1];

/**
 * What an agent has to do about a message or event of a follower.
 * @returns its mark, and the text to answer with; undefined: nothing, it cannot be answered
 */
export function answerTo({ openid, type, text, mediaId, event, eventKey }) {
  switch (event ?? type) {
    case "text": {
      const mark = markIn(text);
      return { mark, answer: text.length > LONG ? longAnswer(mark) : `${inBrackets(mark)} 收到，谢谢 🙏 ok` };
    }
    case "image":
      return { mark: mediaId, answer: `${inBrackets(mediaId)} 图片已收到` };
    case "subscribe": {
      const mark = eventKey.replace(/^qrscene_/, "");
      return { mark, answer: `${inBrackets(mark)} 欢迎关注！` };
    }
    case "click":
    case "CLICK":
      return { mark: eventKey, answer: `${inBrackets(eventKey)} menu` };
    case "unsubscribe":
      return { mark: openid };
    default:
      throw new Error(`no answer to ${event ?? type}`);
  }
}

/** Two paragraphs that do not fit into one message of 2048 bytes together. */
function longAnswer(mark) {
  const paragraph = `${inBrackets(mark)} ${"我们已经查到您的订单，正在路上。".repeat(24)}`;
  return `${paragraph}\n\n${paragraph}`;
}
