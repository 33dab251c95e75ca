-- For wrk: posts the lines of a file in turn, and writes what came of it as a line that begins with measured.
local requests, number = {}, 0

function init(args)
   local headers = {["Content-Type"] = "application/json"}
   for line in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("POST", nil, headers, line)
   end
end

function request()
   number = number % #requests + 1
   return requests[number]
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   local line = "measured %d %d %d %d\n"
   io.write(line:format(summary.requests, summary.duration, latency:percentile(99), failed))
end
