# Servers that throttle, or are gone: what they ask for is waited, their load is bounded, and the run
# ends undecided within it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

serve() { # RULES
	[ -z "${server_port:-}" ] || server_stop
	echo "{\"rules\":[$1]}" >script.json
	server_start script.json --times
}

# Retry-After: 2 is two seconds by the server's own clock, for each of the calls.
serve '{"times":8,"status":429,"headers":{"Retry-After":"2"}},{"answer":"{{user}}","model":"m1"}'
project 8
run_gate -j 8
ends 0 "throttled, then answered"
is "$(times | awk '$1 == 429' | wc -l)" 8 "each was throttled once"
is "$(times | awk '$1 == 429 { at[$5 $6] = $4 } $1 == 200 && $2 - at[$5 $6] < 2000000 { n++ } END { print n + 0 }')" 0 \
	"none came back before its two seconds"
is "$(times | wc -l)" 16 "and each once"

# Two hundred at one moment: every one is answered in the end, and they do not come back as one.
serve '{"times":200,"status":429},{"answer":"{{user}}","model":"m1"}'
project 200
run_gate -j 200
ends 0 "200 throttled at once"
accounts 200 200 0
is "$(times | awk '$1 == 200 { n[int($2 / 100000)]++ } END { for (i in n) if (n[i] > 150) bad++; print bad + 0 }')" 0 \
	"no tenth of a second sees them all"

# A persistent 429, and a server that is gone: bounded, undecided, and the cause is named.
for status in 429 500; do
	serve "{\"status\":$status}"
	project 1000
	run_gate -j 16
	calls=$(times | wc -l)
	ends 3 "nothing but $status"
	accounts 1000 0 1000
	like "$out" "stopped: no call of target 'bot' was answered in [0-9]+ attempts: .*" "$status: the cause"
	# 25 places × 4 retries, a tenth of the calls begun, and the calls themselves.
	if [ "$calls" -ge 100 ] && [ "$calls" -le 250 ]; then
		pass "$status: bounded ($calls requests for 1,000 cases)"
	else
		fail "$status: $calls requests"
	fi
done

# Where some are answered the rest goes on, with no more retries than a tenth and the floor.
serve '{"every":10,"answer":"{{user}}","model":"m1"},{"status":503}'
project 300
run_gate -j 16
calls=$(times | wc -l)
ends 3 "nine of ten fail"
[ "$calls" -le $((300 + 30 + 100 + 90)) ] && pass "bounded ($calls requests for 300 cases)" || fail "$calls requests for 300 cases"
hasnt "$out" "no call of target" "it was answered at times: nothing is given up"
done_testing
