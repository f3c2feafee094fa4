# Times and cost of two runs against a server, failed calls, and the frontier over both.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# m1 is dear, quick and right; m2 cheap, slow and wrong about what ends in 3; one call of it fails.
cat >script.json <<'END'
{"rules": [
  {"contains": "\"m2\"", "nth": 5, "status": 400},
  {"contains": "\"m2\"", "answer": "{{user}}", "model": "m2", "latency_ms": 60, "tokens_in": 1000, "tokens_out": 100},
  {"answer": "{{user}}", "model": "m1", "latency_ms": 2, "tokens_in": 1000, "tokens_out": 100}
]}
END
server_start script.json
project 20 'right.mean >= 0.5'
sed -i '1a prices: prices.yaml' proj/gate.policy.yaml
cat >proj/prices.yaml <<'END'
currency: USD
date: 2026-10-01
source: a test
max_age: 36500d
rows:
  - {provider: openai, model: m1, input: 2, output: 10}
  - {provider: openai, model: m2, input: 0.2, output: 1}
END
git_commit proj prices
run_gate
ends 0 "m1"
git -C proj tag one
sed -i 's/id: m1/id: m2/' proj/gate.yaml
git_commit proj m2
run_gate
like "$rc" '^[03]$' "m2"

exits 0 "compared" "$GATE" compare -C proj one HEAD -o c.json
cd proj || exit 1
has "$out" "right: no value for 0 samples of A and 1 of B; their pairs are left out" "the failed call is counted"
like "$out" 'latency p50 .*\+[0-9.]+ ms' "slower"
like "$out" 'cost mean +\$0\.0030 +\$0\.0003 +-\$0\.0027' "cheaper"
like "$out" 'tokens_in mean +1,000 tok +1,000 tok +0' "as many tokens"
like "$out" 'unscored +0\.000 +0\.050' "calls that failed"
q() { jq -r "$1" c.json; }
m() { q ".comparisons[0].suites[0].metrics[] | select(.metric == \"$1\") | $2"; }
is "$(m right .pairs)" 19 "19 pairs"
is "$(m latency '.percentiles[0] | .new - .old > 30 and .lower > 0')" true "a median's difference has bounds"
is "$(m cost '.difference * 1e6 | round')" -2700 "the cost of a call, unrounded"
is "$(q '.pareto[0].axes | join(" ")')" "quality latency p50 latency p95" "a call without a price leaves cost out of the frontier"

# Again without the failure: cheap and slow against dear and quick, none dominates.
rm -rf .gate && cd .. || exit 1
server_stop 2>/dev/null
sed -i '/400/d' script.json && server_start script.json
sed -i "s#127.0.0.1:[0-9]*#127.0.0.1:$server_port#" proj/gate.yaml proj/gate.policy.yaml
git_commit proj 'm2, another port'
run_gate
ends 0 "m2"
sed -i 's/id: m2/id: m1/' proj/gate.yaml
git_commit proj 'm1, another port'
run_gate
ends 0 "m1"
exits 0 "compared" "$GATE" compare -C proj HEAD~1 HEAD -o c.json
cd proj || exit 1
is "$(q '.pareto[0] | [(.axes | length), (.points | map(.frontier) | all)] | map(tostring) | join(" ")')" \
	"4 true" "both are on the frontier"
is "$(q '.pareto[0].points | map(.cost_of_case_usd * 1e6 | round | tostring) | join(" ")')" "300 3000" "by what a case costs"
exits 0 "both now, for less than the budget" "$GATE" compare --run HEAD~1 HEAD --fresh --budget-usd 0.5
like "$out" 'cost mean +\$0\.0003 +\$0\.0030' "at the policy's prices"
exits 3 "for more" "$GATE" compare --run HEAD~1 HEAD --fresh --budget-usd 0.03
has "$out" "B stopped early" "the run stops at the ceiling"
gate report last --format json
is "$(jq '.record.spend.usd | . > 0 and . <= 0.03' "$tap_dir/out")" true "and has spent no more"
for words in 0 -1 x 1e400 '$2'; do
	exits 2 "a budget of '$words'" "$GATE" compare --run HEAD~1 HEAD --budget-usd "$words"
done
run_gate() { run timeout -k 2 30 "$GATE" run "$@"; }
run_gate
exits 0 "a run that reused its answers" "$GATE" compare HEAD~1 last
has "$out" "B reused stored answers: their times are of an earlier run" "is said"
done_testing
