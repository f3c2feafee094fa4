# Limits of the policy: requests, tokens and calls in flight, shared by what they fit.  Times are the
# server's own; a slow machine only makes a run slower.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}","model":"m1","tokens_in":100,"tokens_out":20,"latency_ms":20}]}' >script.json
# limited N LIMIT…: N cases under these rows.
limited() {
	local n=$1
	shift
	[ -z "${server_port:-}" ] || server_stop
	server_start script.json --times
	project "$n" 'right.mean >= 0.5'
	sed -i "1a limits: [$*]" proj/gate.policy.yaml
	sed -i 's/temperature: 0}/temperature: 0, max_tokens: 80}/' proj/gate.yaml
	git_commit proj limits
}
# spread: milliseconds from the first to the last request.
spread() { times | sort -n -k2 | awk '{ if (!n++) a = $2; b = $2 } END { printf "%d\n", (b - a) / 1000 }'; }
least() { if [ "$1" -ge "$2" ]; then pass "$3 ($1 ms)"; else fail "$3: $1 ms, at least $2 expected"; fi; }

# A second's worth at once, then one every 50 ms: 40 requests take a second.
limited 40 '{requests: 20/s}'
run_gate -j 64
ends 0 "20 requests a second"
accounts 40 40 0
least "$(spread)" 900 "40 requests at 20 a second"

# About 3 + 80 tokens are reserved for each, 100 + 20 are taken: 30 of 120 at 1,200 a second, one second's
# worth at once.
limited 30 '{tokens: 72k/m}'
run_gate -j 64
ends 0 "tokens"
least "$(spread)" 1200 "1,200 tokens a second"

limited 30 '{concurrency: 3}'
run_gate -j 64
ends 0 "three at once"
like "$(times | wc -l)" '^30$' "all are called"
is "$(times | sort -n -k2 | awk '{ print $2, 1; print $4, -1 }' | sort -n | awk '{ n += $2; if (n > most) most = n } END { print (most <= 3) }')" \
	1 "never more than three"

# A row for another model limits nothing, a pattern that fits does.
limited 20 '{model: other*, requests: 1/m}'
run_gate -j 64
ends 0 "another model's limit"
limited 15 '{model: m*, provider: openai, requests: 10/s}'
run_gate -j 64
least "$(spread)" 450 "a pattern that fits"

# The plan says how long that takes.
limited 60 '{requests: 20/m}'
gate plan -C proj
like "$out" "3 min.* under the limits of gate.policy.yaml:2" "the plan says how long"

for row in '{requests: 100}' '{requests: 100/d}' '{requests: 0/m}' '{model: x}' '{request: 1/m}' '{concurrency: 0}'; do
	limited 6 "$row"
	gate check -C proj
	is "$rc" 2 "refused: $row"
	like "$err" "gate.policy.yaml:2:[0-9]+: error" "located: $row"
done
done_testing
