-- Sends the raw requests of a file, one after the other, and prints wrk's sums in a form a program reads.
-- wrk -s wrk_requests.lua URL -- FILE [PAUSE]      (requests are separated by a zero byte)
-- PAUSE: microseconds each connection rests before a request, on average, for a load below full speed.

local requests = {}
local at = 0
local pause = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  for one in string.gmatch(text, "[^%z]+") do
    requests[#requests + 1] = one
  end
  pause = tonumber(args[2] or "0") / 1000
  -- wrk asks every connection for its pause if there is a function of that name, and only then.
  if pause > 0 then delay = rest end
end

-- Whole milliseconds, which is what wrk understands, spread so that connections do not march in step.
function rest()
  return math.floor(2 * pause * math.random() + 0.5)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    "BENCH %d %d %d %d %d %d %d %d\n",
    summary.requests, summary.duration, e.status,
    e.connect, e.read, e.write + e.timeout, latency:percentile(50), latency:percentile(99)
  ))
end
