# The ceilings of a stage: what they stop is undecided and accounted for, no call follows the stop,
# and a ceiling that cannot be kept is refused before any call.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# Every answer reports 148 tokens in and two or so out.
echo '{"rules":[{"answer":"{{user}}","latency_ms":5,"tokens_in":148}]}' >script.json
server_start script.json

# budget WORDS [MAX_TOKENS]: 60 cases under this budget.
budget() {
	project 60 'right.mean >= 0.5'
	sed -i "s/^    thresholds/    budget: {$1}\n&/" proj/gate.policy.yaml
	[ -z "${2:-}" ] || sed -i "s/temperature: 0}/temperature: 0, max_tokens: $2}/" proj/gate.yaml
	git_commit proj budget
	rm -rf proj/.gate
	seen_mark
}

for jobs in 1 8 64; do
	budget "tokens: 2k" 50
	run_gate -j "$jobs"
	calls=$(since)
	ends 3 "2,000 tokens with -j $jobs"
	like "$out" "stopped: the stage's budget of 2000 tokens: [0-9]+ are spent and the next" "-j $jobs: the cause"
	accounts 60 "$calls" $((60 - calls))
	# 150 a call as billed: 13 fit, though its six bytes do not look it.
	[ "$calls" -ge 12 ] && [ "$calls" -le 13 ] && pass "-j $jobs: it stops where the money ends ($calls calls)" || fail "-j $jobs: $calls calls"
	ok "-j $jobs: the record says so" grep -q '"stopped": "the stage.s budget of 2000 tokens' proj/.gate/runs/*/record.json
	run_gate -j "$jobs" --resume
	ends 3 "-j $jobs, resumed: stored answers are free, and the budget is that of each run"
done

budget "tokens: 1M"
run_gate
ends 0 "a budget that is not reached"
accounts 60 60 0
is "$(since)" 60 "all are called"

budget "tokens: 100" 4096
run_gate
ends 3 "no room for even one sample"
is "$(since)" 0 "no call is made"
accounts 60 0 60

# Without max_tokens the first answers are guessed, the later ones known.
budget "tokens: 4k"
run_gate -j 64
calls=$(since)
ends 3 "no max_tokens"
[ "$calls" -ge 2 ] && [ "$calls" -le 27 ] && pass "no max_tokens: within the budget ($calls calls)" || fail "no max_tokens: $calls calls"

# A server that reports no usage is counted by its bytes.
server_stop
echo '{"rules":[{"answer":"{{user}}","size":3000,"usage":false}]}' >script.json
server_start script.json
budget "tokens: 5k" 1000
run_gate -j 4
calls=$(since)
ends 3 "no usage reported"
[ "$calls" -ge 3 ] && [ "$calls" -le 5 ] && pass "no usage reported: counted by bytes ($calls calls)" || fail "no usage: $calls calls"

# Judges count.
server_stop
echo '{"rules":[{"path":"/judge","answer":"{\"pass\":true,\"score\":1,\"reason\":\"ok\"}","tokens_in":900},
	{"answer":"{{user}}","tokens_in":10}]}' >script.json
server_start script.json
budget "tokens: 20k" 50
printf '      nice: {scorer: judge, with: judge, rubric: "Is it polite?"}\n' >>proj/gate.yaml
git_commit proj judge
run_gate -j 8
calls=$(since)
ends 3 "judge calls"
[ "$calls" -ge 24 ] && [ "$calls" -le 42 ] && pass "judge calls count ($calls calls)" || fail "judge calls: $calls calls"
like "$out" "planned 60 = scored [0-9]+ \+ unscored [0-9]+ \+ quarantined 0" "judge calls: accounted for"

# Time.
server_stop
echo '{"rules":[{"answer":"{{user}}","latency_ms":400}]}' >script.json
server_start script.json
budget "time: 1800ms"
run_gate -j 2
calls=$(since)
ends 3 "1.8 s"
has "$out" "stopped: the stage's time budget is spent" "1.8 s: the cause"
[ "$calls" -ge 2 ] && [ "$calls" -le 12 ] && pass "1.8 s: no more than that allows ($calls calls)" || fail "1.8 s: $calls calls"
like "$out" "planned 60 = scored [1-9]" "1.8 s: what was answered is scored"
sleep 0.3
is "$(since)" 0 "1.8 s: nothing after the stop"

done_testing
