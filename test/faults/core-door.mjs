// Core as a program uses it: several clients, each on its own way to "WeChat".
import { createClient } from "./core-clients.mjs";
import "./jumping-clock.mjs";
import { takeNotes } from "./witness.mjs";

export async function open({ baseUrls }) {
  const routes = ["direct", "hosts", "names", baseUrls.tls ? "tls" : "direct"];
  const begin = ({ mode, random }) => {
    const clients = routes.map((route) => createClient({ route, mode, baseUrls, random }));
    return {
      // Always the same client for a follower: the parts of a text are in order among the messages of one client.
      claimOf: (send) => claimOf(clients[send.id % clients.length], send, mode),
      takeNotes,
      end: () => Promise.all(clients.map((client) => client.close())),
    };
  };
  return { begin, close: async () => {} };
}

async function claimOf(client, { id, openid, text }, mode) {
  const limits = limitsOf(id, mode);
  // Whether a deadline was over cannot be told from outside: a timer counts from when its turn of the loop began.
  const ownLimit = () => limits.signal?.aborted ?? limits.deadline !== undefined;
  try {
    const { delivery, parts } = await client.messages.sendText(openid, text, limits);
    return { delivery, parts: parts.map((part) => part.delivery), ownLimit: ownLimit() };
  } catch (error) {
    const { delivery = `none: ${error.message}`, parts = [], code, errcode } = error;
    return { delivery, parts: parts.map((part) => part.delivery), code, errcode, ownLimit: ownLimit() };
  }
}

/** Some callers give up themselves, at any moment of a send. Who asked for at-least-once does not. */
function limitsOf(id, mode) {
  if (mode === "at-least-once") return {};
  if (id % 97 === 5) return { deadline: 1 + (id % 20) };
  if (id % 89 === 7) return { signal: AbortSignal.timeout(id % 10) };
  return {};
}
