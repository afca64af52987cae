-- Sends the raw requests of a file, one after the other, and prints wrk's sums in a form a program reads.
-- wrk -s wrk_requests.lua URL -- FILE      (requests are separated by a zero byte)

local requests = {}
local at = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  for one in string.gmatch(text, "[^%z]+") do
    requests[#requests + 1] = one
  end
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
