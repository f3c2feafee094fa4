# A ceiling in dollars is never passed, at any -j, with every answer as long as max_tokens allows; one
# that cannot be kept is refused before any call.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# At most 0.148 + 0.5 dollars a call.
echo '{"rules":[{"path":"/judge","answer":"{\"pass\":true,\"score\":1,\"reason\":\"ok\"}","model":"judge-1","tokens_in":300,"tokens_out":20,"latency_ms":3},
	{"answer":"{{user}}","model":"m1","latency_ms":5,"tokens_in":148,"tokens_out":50}]}' >script.json
server_start script.json

# dollars WORDS [PARAMS]: 60 cases under this budget.
dollars() {
	project 60 'right.mean >= 0.5'
	sed -i "s/^    thresholds/    budget: {$1}\n&/;1a prices: prices.yaml" proj/gate.policy.yaml
	sed -i "s/temperature: 0}/temperature: 0${2-, max_tokens: 50}}/" proj/gate.yaml
	sed -i "s/model: {id: judge-1}/&\n    params: {max_tokens: 20}/" proj/gate.yaml
	cat >proj/prices.yaml <<-END
	currency: USD
	date: 2026-10-01
	source: a test
	max_age: 36500d
	rows:
	  - {model: m1, input: 1000, output: 10000}
	  - {model: judge-1, input: 100, output: 1000}
	END
	git_commit proj dollars
	rm -rf proj/.gate
	seen_mark
}
# spent: dollars in the record.
spent() { sed -n '/"spend"/,/}/s/.*"usd": \([0-9.]*\),.*/\1/p' proj/.gate/runs/*/record.json; }
# within MOST DESC: something was spent, and no more than that.
within() {
	local x
	x=$(spent)
	if awk -v x="${x:-none}" -v most="$1" 'BEGIN { exit !(x > 0 && x <= most) }'; then
		pass "$2: \$$x of \$$1"
	else
		fail "$2: '$x' of \$$1"
	fi
}

for jobs in 1 8 64; do
	dollars "usd: 8"
	run_gate -j "$jobs"
	calls=$(since)
	ends 3 "8 dollars with -j $jobs"
	like "$out" 'stopped: the stage.s budget of \$8.00: \$[0-9.]+ is spent and the next' "-j $jobs: the cause"
	accounts 60 "$calls" $((60 - calls))
	within 8 "-j $jobs"
	[ "$calls" -ge 11 ] && [ "$calls" -le 12 ] && pass "-j $jobs: it goes as far as the money ($calls calls)" || fail "-j $jobs: $calls calls"
done
has "$err" "estimated cost: \$" "the first lines say what it will cost"
gate plan -C proj
like "$out" '48 calls .*\$0\.34 … \$30\.34' "and the plan"
dollars "usd: 0.2"
gate check -C proj
like "$err" 'gate.policy.yaml:[0-9]+:[0-9]+: warning: the run takes an estimated .*budget is \$0.20' "more than there is: warned of"

dollars "usd: 100"
run_gate
ends 0 "a budget that is not reached"
within 100 "all are called"

# Judges are paid from the same purse: 0.648 + 0.05 a sample.
dollars "usd: 10"
printf '      nice: {scorer: judge, with: judge, rubric: "Is it polite?"}\n' >>proj/gate.yaml
git_commit proj judge
run_gate -j 64
calls=$(since)
ends 3 "judge calls"
within 10 "judge calls"
[ "$calls" -ge 22 ] && [ "$calls" -le 29 ] && pass "judge calls: it goes as far as the money ($calls calls)" || fail "judge calls: $calls calls"

# Calls that break off count as the most they can have cost.
server_stop
echo '{"rules":[{"answer":"{{user}}","model":"m1","fault":"cut","after":1}]}' >script.json
server_start script.json
dollars "usd: 3"
run_gate -j 16
calls=$(since)
ends 3 "answers that are cut"
[ "$calls" -ge 2 ] && [ "$calls" -le 5 ] && pass "cut: counted as whole ($calls calls)" || fail "cut: $calls calls"
ok "cut: what was spent is not known" grep -q '"usd": null' proj/.gate/runs/*/record.json

# A router that serves what has no price: dollars cannot be counted, so nothing more is called.
server_stop
echo '{"rules":[{"answer":"{{user}}","model":"m2"}]}' >script.json
server_start script.json
dollars "usd: 100"
run_gate -j 1
ends 3 "served by a model without a price"
has "$out" "budget in dollars can no longer be kept: unpriced: model 'm2'" "the cause"
is "$(since)" 1 "after one call nothing more"

# What cannot be kept is refused.
dollars "usd: 5"
sed -i 's/model: m1,/model: m9,/' proj/prices.yaml
git_commit proj m9
run_gate
ends 2 "a model without a price"
like "$err" "gate.policy.yaml:[0-9]+:[0-9]+: error: 'usd' cannot be kept: model 'm1' of target 'bot'" "located"
is "$(since)" 0 "no call"
sed -i '/^prices:/d' proj/gate.policy.yaml
git_commit proj none
gate check -C proj
ends 2 "no table"
has "$err" "add \`prices: prices.yaml\`" "the remedy"
dollars "usd: 5" ""
gate check -C proj
is "$rc" 0 "no max_tokens is allowed"
has "$err" "names no max_tokens" "and warned of"
sed -i 's/provider: openai/provider: recorded/;/base_url\|temperature\|max_tokens/d;s/prompt: prompt.txt/answer: "{{question}}"/;/^prices/d' proj/gate.yaml proj/gate.policy.yaml
sed -i '/^  judge:/,/^suites/{/^suites/!d}' proj/gate.yaml
git_commit proj recorded
run_gate
is "$rc" 0 "usd where nothing is called"
done_testing
