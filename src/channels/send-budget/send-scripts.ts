import { script } from '#streams/script.ts';

/**
 * Gives a message its slot, or says why not. KEYS: the chat's hold, the hold of all broadcasts, then windows: the gate's, and those
 * of the chat's own rules. A window is the list of the last slots given in it, by their times in µs of Redis' own clock. ARGV: the new
 * slot's id; '1' when a missing gate means that nothing was ever sent; '1' for who yields; '1' for a broadcast; how far ahead who yields
 * may take a slot, in µs; how long after the newest slot, in µs; then for each window how many slots it holds and its length in µs.
 * Answers what is granted, and a time in µs from now.
 *
 * Else a missing gate means that Redis was wiped: nobody knows what was sent last, so its window counts as full. Who yields gets
 * a slot only when nobody waits for one: neither another who yields nor a person's message. It is as far from the one before as the
 * rate asks: a slot is free again a window later, so slots in a bunch come again as a bunch, with a gap that people wait out each time.
 *
 * A window keeps as many slots again as it holds: they count once more when newer ones are given back before their time.
 */
export const reserveScript = script(`#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local GATE = 3
local function limit(n) return tonumber(ARGV[2 * n + 1]) end
local function window(n) return tonumber(ARGV[2 * n + 2]) end
local function at(n, rank) return tonumber(redis.call('ZREVRANGE', KEYS[n], rank, rank, 'WITHSCORES')[2] or 0) end
local function room(n) return at(n, limit(n) - 1) + window(n) end

local held = redis.call('PTTL', KEYS[1])
if held > 0 then return {'chat_held', held * 1000} end
if ARGV[2] ~= '1' and redis.call('EXISTS', KEYS[GATE]) == 0 then
  for n = 1, limit(GATE) do redis.call('ZADD', KEYS[GATE], now, 'unknown:' .. n) end
end
local newest = at(GATE, 0)
local broadcasts = ARGV[4] == '1' and now + redis.call('PTTL', KEYS[2]) * 1000 or 0
local yields = ARGV[3] == '1'
local slot = math.max(now, newest + (yields and tonumber(ARGV[6]) or 0), room(GATE), broadcasts)
local chat = 0
for n = GATE + 1, #KEYS do chat = math.max(chat, room(n)) end
if chat > slot then return {'chat_held', chat - now} end
if broadcasts > now then return {'ask_again', broadcasts - now} end
if yields and newest > now then return {'ask_again', newest - now} end
if yields and slot - now > tonumber(ARGV[5]) then return {'ask_again', slot - now - tonumber(ARGV[5])} end

for n = GATE, #KEYS do
  redis.call('ZADD', KEYS[n], slot, ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[n], 0, -2 * limit(n) - 1)
end
-- A second longer than it counts: a slot may yet move to when its message arrived.
for n = GATE + 1, #KEYS do redis.call('PEXPIRE', KEYS[n], math.ceil((slot - now + window(n)) / 1000) + 1000) end
return {'slot', slot - now}`);

/** KEYS: windows. ARGV: a slot's id, by how many µs its message may have arrived later. */
export const arrivedLateScript = script(`#!lua flags=allow-oom
for _, key in ipairs(KEYS) do
  local slot = redis.call('ZSCORE', key, ARGV[1])
  if slot then redis.call('ZADD', key, 'XX', slot + ARGV[2], ARGV[1]) end
end`);

/** KEYS: windows. ARGV: the id of a slot that nothing was sent in. */
export const giveBackScript = script(`#!lua flags=allow-oom
for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end`);

/**
 * Holds a chat, and broadcasts when another chat was refused shortly before: then Telegram means the bot. KEYS: the chat's hold, the
 * hold of all broadcasts, what was refused last. ARGV: the chat, for how many ms, how many ms count as shortly. Holds only get longer.
 * Answers for how many ms broadcasts must wait, 0 when not.
 */
export const refusedScript = script(`#!lua flags=allow-oom
local chat, ms = ARGV[1], tonumber(ARGV[2])
local function hold(key, forMs)
  if redis.call('PTTL', key) < forMs then redis.call('SET', key, '', 'PX', forMs) end
end
hold(KEYS[1], ms)
local last = redis.call('GET', KEYS[3])
redis.call('SET', KEYS[3], chat .. ' ' .. ARGV[2], 'PX', ARGV[3])
local other, otherMs = string.match(last or '', '^(%S+) (%d+)$')
if not other or other == chat then return 0 end
local shorter = math.min(ms, tonumber(otherMs))
hold(KEYS[2], shorter)
return shorter`);
