-- Decides all claims of one request together: checks every one, then takes from all of them or from none.
--
-- KEYS[i]              the state of claim i; the same key twice needs two free places
-- ARGV[1]              'take' or 'peek'
-- ARGV[2]              '' for the server's own time; tests give microseconds since 1970
-- ARGV[4i-1 .. 4i+2]   of claim i: 'rolling' or 'utc_day', quota, seconds, group size
-- returns              admitted (1 or 0), remaining, reset in seconds; for claim after claim
--
-- A rolling limit is a list, oldest group first. Each group counts `group` events until the newest of them is
-- a window old; its element is that time, 'time' or, for the newest group with room for m more, 'time:m'.
-- The proof is in docs/adr/0007. A day's count is the text 'day:count'.
-- Where the server's clock steps back, a key stays at the latest time it has seen: stricter, never looser.

local SECOND, DAY = 1000000, 86400000000
local KEPT_LONGER = 10000 -- milliseconds that a key outlives its window

local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * SECOND + tonumber(time[2])
end

local function whole(number)
  return string.format('%.0f', number)
end

local function pair(text)
  local first, second = string.match(text, '^(%d+):?(%d*)$')
  return tonumber(first), tonumber(second) or 0
end

local function read_rolling(state)
  local tail = redis.call('LINDEX', state.key, -1)
  state.now, state.used, state.missing = now, 0, 0
  if not tail then return end
  state.newest, state.missing = pair(tail)
  state.now = math.max(now, state.newest)
  local cutoff = state.now - state.span
  if state.newest <= cutoff then
    redis.call('DEL', state.key)
    state.newest, state.missing = nil, 0
    return
  end
  state.oldest = pair(redis.call('LINDEX', state.key, 0))
  while state.oldest <= cutoff do
    redis.call('LPOP', state.key)
    state.oldest = pair(redis.call('LINDEX', state.key, 0))
  end
  state.used = state.group * redis.call('LLEN', state.key) - state.missing
end

local function take_rolling(state)
  if state.missing > 0 then
    state.missing = state.missing - 1
    redis.call('RPOP', state.key)
  else
    state.missing = state.group - 1
  end
  local element = whole(state.now)
  if state.missing > 0 then element = element .. ':' .. whole(state.missing) end
  redis.call('RPUSH', state.key, element)
  redis.call('PEXPIRE', state.key, whole(state.span / 1000 + KEPT_LONGER))
  state.oldest, state.newest, state.used = state.oldest or state.now, state.now, state.used + 1
end

local function reset_rolling(state)
  if not state.newest then return 0 end
  local awaited = state.used < state.quota and state.newest or state.oldest
  return math.ceil((awaited + state.span - state.now) / SECOND)
end

local function read_day(state)
  state.day, state.used = math.floor(now / DAY), 0
  local text = redis.call('GET', state.key)
  if not text then return end
  local day, used = pair(text)
  if day >= state.day then state.day, state.used = day, used end
end

local function take_day(state)
  state.used = state.used + 1
  local left = (state.day + 1) * DAY - now
  redis.call('SET', state.key, whole(state.day) .. ':' .. whole(state.used), 'PX', whole(left / 1000 + KEPT_LONGER))
end

local function reset_day(state)
  if state.used == 0 then return 0 end
  return math.ceil(((state.day + 1) * DAY - now) / SECOND)
end

local read = { rolling = read_rolling, utc_day = read_day }
local take = { rolling = take_rolling, utc_day = take_day }
local reset = { rolling = reset_rolling, utc_day = reset_day }

local states, order, verdicts, all_admitted = {}, {}, {}, true
for i, key in ipairs(KEYS) do
  local state = states[key]
  if not state then
    state = {
      key = key, window = ARGV[4 * i - 1], quota = tonumber(ARGV[4 * i]),
      span = tonumber(ARGV[4 * i + 1]) * SECOND, group = tonumber(ARGV[4 * i + 2]), wanted = 0,
    }
    read[state.window](state)
    states[key] = state
  end
  state.wanted = state.wanted + 1
  order[i] = state
  verdicts[i] = state.used + state.wanted <= state.quota
  all_admitted = all_admitted and verdicts[i]
end

if all_admitted and ARGV[1] == 'take' then
  for _, state in ipairs(order) do take[state.window](state) end
end

local answer = {}
for i, state in ipairs(order) do
  answer[3 * i - 2] = verdicts[i] and 1 or 0
  answer[3 * i - 1] = math.max(0, state.quota - state.used)
  answer[3 * i] = reset[state.window](state)
end
return answer
