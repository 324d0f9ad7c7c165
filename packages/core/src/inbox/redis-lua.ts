import { RedisScript } from "../redis-connection.js";

/**
 * The number of this layout, part of every key: where the layout changes so that this version could not read it, the
 * number changes too.
 */
const LAYOUT = 1;

/**
 * What Redis keeps of an account. Each script is given all of these keys, in this order, so that it touches none that
 * was not named; they share a tag, so that they live in one slot of a cluster.
 *
 * Words (openids, owners) stand percent-encoded in members, so that none holds a `:` or a space. Members of the sets
 * without scores are found by their beginning; ids in them have 16 digits, so that their order is that of the ids.
 */
const KEYS = [
  "STATE", // hash: last (id), pushes (number of the last push), complete (completeSince)
  "MESSAGES", // hash: id -> "at kind openid\nbody"; kind: r incoming and readable, e incoming, o ours
  "IDS", // scores: id of every message
  "INCOMING", // scores: id of every incoming message
  "THREADS", // "openid:id:kind" of every message
  "UNREAD", // "openid:id" of every unread message
  "NEWEST", // scores: openid by the id of its last message
  "NEWEST_UNREAD", // the same, of conversations with unread messages
  "FACTS", // hash: openid -> window facts
  "PENDING", // hash: key of a push -> "owner number at attempt openid\nbody"
  "OWNED", // "owner:number:key" of every push in PENDING
  "MARKS", // scores: names that are remembered, by the time until which they are
  "NONCES", // hash: nonce mark -> mark of the push that it signed
  "LISTENERS", // hash: owner -> "beatAt gone since", since is - where there is none
] as const;

/** The names of an account's keys, for a script. */
export const inboxKeys = (name: (part: string) => string): readonly string[] =>
  KEYS.map((key) => name(`inbox:${LAYOUT}:${key.toLowerCase().replace("_", "-")}`));

/** The name of a note's key, which holds "until body" and ends by itself. */
export const noteKey = (word: string): string => `inbox:${LAYOUT}:note:${word}`;

/** What every script begins with; the parts below are carried only by scripts that use them. */
const BEGINNING = `local ${KEYS.join(", ")} = unpack(KEYS)
local call = redis.call
local function plain(id) return string.format('%.0f', tonumber(id)) end
local function padded(id) return string.format('%016.0f', tonumber(id)) end
-- The bounds of what begins with a word: ';' comes right after ':'.
local function from(word) return '(' .. word .. ':' end
local function to(word) return '(' .. word .. ';' end
local function id_of(thread_member) return plain(string.sub(thread_member, -18, -3)) end
`;

/** How many messages of a conversation are unread. */
export const UNREAD_OF = `
local function unread_of(openid) return call('zlexcount', UNREAD, from(openid), to(openid)) end
`;

/** Appends a message whose id is above all before it, also above those that a Redis without its last seconds lost. */
export const APPEND = `
local function append(openid, at, kind, value, facts)
  local last = tonumber(call('hget', STATE, 'last') or '0')
  local id = plain(math.max(last + 1, math.floor(tonumber(at))))
  call('hset', STATE, 'last', id)
  call('hset', MESSAGES, id, value)
  call('zadd', IDS, id, id)
  call('zadd', THREADS, 0, openid .. ':' .. padded(id) .. ':' .. kind)
  call('zadd', NEWEST, id, openid)
  if kind ~= 'o' then call('zadd', INCOMING, id, id) end
  if kind == 'r' then call('zadd', UNREAD, 0, openid .. ':' .. padded(id)) end
  if kind == 'r' or call('zscore', NEWEST_UNREAD, openid) then call('zadd', NEWEST_UNREAD, id, openid) end
  call('hset', FACTS, openid, facts)
  return id
end
local function facts_of(openid)
  local facts = call('hget', FACTS, openid)
  return facts and '=' .. facts or ''
end
`;

/** Deletes a follower's messages and all that is known of the conversation. */
export const DROP_CONVERSATION = `
local function drop_conversation(openid)
  for _, member in ipairs(call('zrangebylex', THREADS, from(openid), to(openid))) do
    local id = id_of(member)
    call('hdel', MESSAGES, id)
    call('zrem', IDS, id)
    call('zrem', INCOMING, id)
  end
  call('zremrangebylex', THREADS, from(openid), to(openid))
  call('zremrangebylex', UNREAD, from(openid), to(openid))
  call('zrem', NEWEST, openid)
  call('zrem', NEWEST_UNREAD, openid)
  call('hdel', FACTS, openid)
end
`;

/** Pushes that were not emitted. */
export const PENDING_PUSH = `
local function pending_push(key)
  local value = call('hget', PENDING, key)
  if not value then return nil end
  local owner, number, at, attempt, openid, body = string.match(value, '^(%S*) (%S+) (%S+) (%S+) (%S*)\\n(.*)$')
  return { key = key, owner = owner, number = number, at = at, attempt = attempt, openid = openid, body = body }
end
local function keep_pending(push)
  call('hset', PENDING, push.key,
    table.concat({ push.owner, push.number, push.at, push.attempt, push.openid }, ' ') .. '\\n' .. push.body)
  call('zadd', OWNED, 0, push.owner .. ':' .. push.number .. ':' .. push.key)
end
local function drop_pending(key)
  local push = pending_push(key)
  if not push then return end
  call('hdel', PENDING, key)
  call('zrem', OWNED, push.owner .. ':' .. push.number .. ':' .. key)
end
-- Of a member of OWNED.
local function key_of(owner, member) return string.sub(member, #owner + 19) end
-- Work may drop what the owner has.
local function each_owner(work)
  local member = call('zrangebylex', OWNED, '-', '+', 'limit', 0, 1)[1]
  while member do
    local owner = string.match(member, '^[^:]*')
    work(owner)
    member = call('zrangebylex', OWNED, to(owner), '+', 'limit', 0, 1)[1]
  end
end
`;

/** Adds a message to what is given back. */
export const MESSAGE = `
local function add_message(found, id)
  found[#found + 1] = id
  found[#found + 1] = call('hget', MESSAGES, id)
end
local function add_member(found, member) add_message(found, id_of(member)) end
`;

/** Adds a conversation to what is given back. */
export const CONVERSATION = `${UNREAD_OF}${MESSAGE}
local function add_conversation(found, openid)
  local last = call('zscore', NEWEST, openid)
  if not last then return end
  found[#found + 1] = openid
  found[#found + 1] = unread_of(openid)
  found[#found + 1] = call('hget', FACTS, openid)
  add_message(found, plain(last))
end
`;

/** @param parts what it uses of the above, and what it does */
export const script = (...parts: string[]): RedisScript => new RedisScript([BEGINNING, ...parts].join(""));
