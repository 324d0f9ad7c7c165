import { RedisScript } from "../redis-connection.js";
import { APPEND, CONVERSATION, DROP_CONVERSATION, MESSAGE, PENDING_PUSH, script, UNREAD_OF } from "./redis-lua.js";
import { MARKS_A_PUSH } from "./store.js";

// Above each script: the arguments that it takes, in order, and what it gives back.

/**
 * openid, at, key, mark, nonce mark or "", until, owner, attempt, body, "1" if it forgets, kind or "", message, facts
 * before ("" or "=" and them), facts after, earlier attempts of which nothing is known.
 * Gives the word, or { facts }: compute from these.
 */
export const RECEIVE = script(
  APPEND,
  DROP_CONVERSATION,
  PENDING_PUSH,
  `
local openid, at, key, mark, nonce, mark_until, owner, attempt, body, forgets, kind, value, before, after = unpack(ARGV)
local function remembered(name)
  local ends = call('zscore', MARKS, name)
  return ends and tonumber(ends) > tonumber(at)
end
local signed = nonce ~= '' and remembered(nonce) and call('hget', NONCES, nonce)
if signed and signed ~= mark then return 'replayed' end
local known = remembered(mark)
local facts = forgets == '1' and '' or facts_of(openid)
if not known and kind ~= '' and facts ~= before then return { facts } end

if nonce ~= '' and not signed then
  call('zadd', MARKS, mark_until, nonce)
  call('hset', NONCES, nonce, mark)
end
if known then
  -- New to the caller, if it was kept by an attempt whose answer was lost.
  local push = pending_push(key)
  for i = 15, #ARGV do if push and push.attempt == ARGV[i] then return 'new' end end
  return 'duplicate'
end
call('zadd', MARKS, mark_until, mark)
for _, name in ipairs(call('zrangebyscore', MARKS, '-inf', at, 'limit', 0, ${MARKS_A_PUSH})) do
  call('zrem', MARKS, name)
  call('hdel', NONCES, name)
end
if forgets == '1' then drop_conversation(openid) end
drop_pending(key)
local number = padded(call('hincrby', STATE, 'pushes', 1))
keep_pending({ key = key, owner = owner, number = number, at = at, attempt = attempt, openid = openid, body = body })
if kind ~= '' then append(openid, at, kind, value, after) end
return 'new'`,
);

/** Keys. */
export const EMITTED = script(PENDING_PUSH, "for _, key in ipairs(ARGV) do drop_pending(key) end");

/** owner, aliveSince, limit, attempt, attempts of which nothing is known. Gives key, body, key, body, … */
export const TAKE_ABANDONED = script(
  PENDING_PUSH,
  `
local taker, alive_since, limit, attempt = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local unsure = {}
for i = 5, #ARGV do unsure[ARGV[i]] = true end
local function lives(owner)
  local beat_at, gone = string.match(call('hget', LISTENERS, owner) or '', '^(%S+) (%S+)')
  return beat_at and gone == '0' and tonumber(beat_at) >= alive_since
end
local found = {}
local function find(owner, most, wanted)
  for _, member in ipairs(call('zrangebylex', OWNED, from(owner), to(owner), 'limit', 0, most)) do
    local push = pending_push(key_of(owner, member))
    if wanted(push) then found[#found + 1] = push end
  end
end
each_owner(function(owner)
  if owner ~= taker then
    if not lives(owner) then find(owner, limit, function() return true end) end
  elseif next(unsure) then
    find(owner, -1, function(push) return unsure[push.attempt] end)
  end
end)
table.sort(found, function(a, b) return a.number < b.number end)
local taken = {}
for i = 1, math.min(limit, #found) do
  local push = found[i]
  drop_pending(push.key)
  push.owner, push.attempt = taker, attempt
  keep_pending(push)
  taken[#taken + 1] = push.key
  taken[#taken + 1] = push.body
end
return taken`,
);

/** openid, at, message, facts before, facts after. Gives the id, or { facts }: compute from these. */
export const APPEND_REPLY = script(
  APPEND,
  `
local openid, at, value, before, after = unpack(ARGV)
local facts = facts_of(openid)
if facts ~= before then return { facts } end
return append(openid, at, 'o', value, after)`,
);

/** "1" for unread ones only, highest id or +inf, limit. Gives openid, unread, facts, id, message of each. */
export const CONVERSATIONS = script(
  CONVERSATION,
  `
local found = {}
local order = ARGV[1] == '1' and NEWEST_UNREAD or NEWEST
for _, openid in ipairs(call('zrevrangebyscore', order, ARGV[2], '-inf', 'limit', 0, ARGV[3])) do
  add_conversation(found, openid)
end
return found`,
);

/** openid. The same. */
export const ONE_CONVERSATION = script(
  CONVERSATION,
  `
local found = {}
add_conversation(found, ARGV[1])
return found`,
);

/** openid, id to stop before or "", limit. Gives id, message, … the newest first. */
export const MESSAGES_BEFORE = script(
  MESSAGE,
  `
local openid, before = ARGV[1], ARGV[2]
local top = before == '' and to(openid) or from(openid) .. padded(before)
local found = {}
for _, member in ipairs(call('zrevrangebylex', THREADS, top, from(openid), 'limit', 0, ARGV[3])) do
  add_member(found, member)
end
return found`,
);

/** Members looked at in one step where some are passed over. */
const STEP = 100;

/** openid, lowest id, limit, "1" for incoming ones only. Gives id, message, … the oldest first. */
export const MESSAGES_FROM = script(
  MESSAGE,
  `
local openid, limit = ARGV[1], tonumber(ARGV[3])
local step = math.max(limit, ${STEP})
local start = from(openid) .. padded(ARGV[2])
local found = {}
while true do
  local members = call('zrangebylex', THREADS, start, to(openid), 'limit', 0, step)
  for _, member in ipairs(members) do
    if #found == limit * 2 then return found end
    if ARGV[4] ~= '1' or string.sub(member, -1) ~= 'o' then add_member(found, member) end
  end
  if #members < step then return found end
  start = '(' .. members[#members]
end`,
);

/** lowest id, limit. The same, of all followers. */
export const INCOMING_FROM = script(
  MESSAGE,
  `
local found = {}
for _, id in ipairs(call('zrangebyscore', INCOMING, ARGV[1], '+inf', 'limit', 0, ARGV[2])) do add_message(found, id) end
return found`,
);

/** Gives the id of the newest message. */
export const LAST_ID = script("return call('hget', STATE, 'last') or '0'");

/** Gives how many messages are unread. */
export const UNREAD = script("return call('zcard', UNREAD)");

/** openid, id from which on messages stay unread. Gives how many are. */
export const MARK_READ = script(
  UNREAD_OF,
  `
local openid = ARGV[1]
call('zremrangebylex', UNREAD, from(openid), from(openid) .. padded(ARGV[2]))
local left = unread_of(openid)
if left == 0 then call('zrem', NEWEST_UNREAD, openid) end
return left`,
);

/** openid, time from when on conversations are complete. */
export const FORGET = script(
  DROP_CONVERSATION,
  PENDING_PUSH,
  `
drop_conversation(ARGV[1])
for _, key in ipairs(call('hkeys', PENDING)) do if pending_push(key).openid == ARGV[1] then drop_pending(key) end end
local complete = tonumber(call('hget', STATE, 'complete') or '0')
if tonumber(ARGV[2]) > complete then call('hset', STATE, 'complete', ARGV[2]) end`,
);

/** time before which messages and pushes go, limit for each. Gives how many went of what more went of. */
export const PRUNE = script(
  UNREAD_OF,
  PENDING_PUSH,
  `
local before, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local touched = {}
local count = 0
for _, id in ipairs(call('zrange', IDS, 0, limit - 1)) do
  local at, kind, openid = string.match(call('hget', MESSAGES, id), '^(%S+) (%S+) (%S*)')
  if tonumber(at) >= before then break end
  call('hdel', MESSAGES, id)
  call('zrem', INCOMING, id)
  call('zrem', THREADS, openid .. ':' .. padded(id) .. ':' .. kind)
  call('zrem', UNREAD, openid .. ':' .. padded(id))
  touched[openid] = true
  count = count + 1
end
if count > 0 then call('zremrangebyrank', IDS, 0, count - 1) end
for openid in pairs(touched) do
  if unread_of(openid) == 0 then call('zrem', NEWEST_UNREAD, openid) end
  if call('zlexcount', THREADS, from(openid), to(openid)) == 0 then
    call('zrem', NEWEST, openid)
    call('hdel', FACTS, openid)
  end
end
local pushes = 0
each_owner(function(owner)
  for _, member in ipairs(call('zrangebylex', OWNED, from(owner), to(owner), 'limit', 0, limit - pushes)) do
    local push = pending_push(key_of(owner, member))
    if tonumber(push.at) >= before then break end
    drop_pending(push.key)
    pushes = pushes + 1
  end
end)
return math.max(count, pushes)`,
);

/** owner, beatAt, "1" if gone, since or -, time before which others are forgotten. */
export const BEAT = script(`
call('hset', LISTENERS, ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
local listeners = call('hgetall', LISTENERS)
for i = 1, #listeners, 2 do
  if tonumber(string.match(listeners[i + 1], '^%S+')) < tonumber(ARGV[5]) then call('hdel', LISTENERS, listeners[i]) end
end`);

/** Gives completeSince, owner, listener, owner, listener, … */
export const COVERAGE = script(`
local found = call('hgetall', LISTENERS)
table.insert(found, 1, call('hget', STATE, 'complete') or '0')
return found`);

/**
 * The note's key alone. now, body before ("" or "=" and it), body after (the same; "": it stays), until, milliseconds
 * that it is kept. Gives 1, or { body }: compute from this.
 */
export const AMEND = new RedisScript(`
local now, before, after, note_until, kept = unpack(ARGV)
local value = redis.call('get', KEYS[1])
local ends, body = string.match(value or '', '^(%S+) (.*)$')
ends = tonumber(ends)
if value and not ends then return 'foreign' end
local found = ends and ends > tonumber(now) and '=' .. body or ''
if found ~= before then return { found } end
if after ~= '' then redis.call('set', KEYS[1], note_until .. ' ' .. string.sub(after, 2), 'px', kept) end
return 1`);

/** Gives conversations, messages, pending. */
export const COUNT = script("return { call('zcard', NEWEST), call('zcard', IDS), call('hlen', PENDING) }");
