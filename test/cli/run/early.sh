# stop: early: calls end when the verdict is settled, the same way whatever the speed.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

record() { jq -r "$1" "$(ls -td proj/.gate/runs/*/ | head -1)record.json"; }
early() { # N THRESHOLD…
	project "$@"
	sed -i 's/^    suites:/    stop: early\n&/' proj/gate.policy.yaml
	git_commit proj early
}
again() { # the record decides itself
	run "$GATE" report --decide "$(ls -td proj/.gate/runs/*/ | head -1)"
	is "$rc" "$(record .exit_code)" "$1: the record decides itself again"
}

# All right, against a low bar: proven long before the end.
echo '{"rules":[{"answer":"{{user}}","latency_ms":1}]}' >script.json
server_start script.json
early 400 'right.mean >= 0.7'
run_gate -j 4
has "$out" "surplus" "what was not needed is shown"
has "$out" "30 of 400 samples settled the verdict" "and after how many samples"
ends 0 "a bar far below"
calls=$(seen)
ok "half of the calls are saved ($calls of 400)" test "$calls" -lt 200
is "$(record '.suites[0] | .scored + .unscored + .quarantined + .surplus')" 400 "everything is accounted"
is "$(record '.outcomes')" 400 "and has a line"
again "passed early"
cp "$(ls -td proj/.gate/runs/*/ | head -1)record.json" one.json
rm -rf proj/.gate
run_gate -j 64
same='del(.times, .suites[].times, .suites[].usd, .suites[].judge_usd, .spend)'
is "$(jq -S "$same" "$(ls -td proj/.gate/runs/*/ | head -1)record.json")" "$(jq -S "$same" one.json)" "-j 64 decides at the same look"
is "$(cut -d, -f1-5 "$(ls -td proj/.gate/runs/*/ | head -1)outcomes.jsonl" | sha256sum)" \
	"$(run_gate -j 1 >/dev/null; cut -d, -f1-5 "$(ls -td proj/.gate/runs/*/ | head -1)outcomes.jsonl" | sha256sum)" \
	"… of the same samples"
server_stop

# All wrong: no completion could pass.
echo '{"rules":[{"answer":"no","latency_ms":1}]}' >script.json
server_start script.json
early 400 'right.mean >= 0.7'
run_gate -j 4
ends 1 "a bar far above"
ok "half of the calls are saved ($(seen) of 400)" test "$(seen)" -lt 200
again "failed early"
server_stop

# Near the bar everything is played, at half of the risk.
awk 'BEGIN { printf "{\"rules\":["; for (i = 3; i <= 200; i += 10) printf "{\"contains\":\"say %d.\",\"answer\":\"no\"},", i
	print "{\"answer\":\"{{user}}\"}]}" }' >script.json
server_start script.json
early 200 'right.mean >= 0.89'
run_gate -j 8
ends 3 "near the bar"
is "$(seen)" 200 "all are called"
is "$(record '.suites[0].surplus')" 0 "nothing is surplus"
again "undecided"

# A blocking row that must see the end keeps the run going; one that only warns does not.
early 200 'right.mean >= 0.5' 'latency.max <= 60s'
run_gate --fresh
is "$(record '.suites[0].surplus')" 0 "a maximum is known at the end"
early 200 'right.mean >= 0.5' '{expect: latency.max <= 60s, severity: warn}'
sed -i "s/'{expect/{expect/; s/warn}'/warn}/" proj/gate.policy.yaml
git_commit proj warn
run_gate --fresh
ends 0 "a warning waits for nothing"
ok "it is left open" test "$(record '.findings[1].verdict')" = undecided
ok "and samples are saved" test "$(record '.suites[0].surplus')" -gt 60
again "with a warning"

# Two suites: a failure of the first ends the stage.
early 100 'first/right.mean >= 0.9' 'second/right.mean >= 0.5'
sed -i 's/^  main:/  first:/; s/\[main\]/[first, second]/' proj/gate.yaml proj/gate.policy.yaml
{ sed -n '/^  first:/,$p' proj/gate.yaml | sed 's/first:/second:/'; } >>proj/gate.yaml
sed -i 's/{{question}}/no {{question}}/' proj/prompt.txt
git_commit proj two
mark=$(seen)
run_gate -j 2
ends 1 "the first suite fails"
is "$(record '.suites[1].surplus')" 100 "the second is not played"
again "two suites"

# Repeats and clusters stay together.
early 60 'right.mean >= 0.6'
sed -i 's/^    cases: .*/&\n    repeats: 5/' proj/gate.yaml
git_commit proj repeats
run_gate
ends 0 "repeats"
outcomes=$(ls -td proj/.gate/runs/*/ | head -1)outcomes.jsonl
is "$(jq -r 'select(.status == "scored") | .case' "$outcomes" | sort | uniq -c | awk '$1 != 5' | wc -l)" 0 "no case is cut in two"
again "repeats"

# Interrupted and resumed: the same verdict.
server_stop
echo '{"rules":[{"answer":"{{user}}","latency_ms":30}]}' >script.json
server_start script.json
early 300 'right.mean >= 0.6'
"$GATE" run -C proj -j 2 >out1 2>err1 &
pid=$!
seen_waits 20
kill -INT $pid
wait $pid
is $? 3 "interrupted"
run_gate --resume -j 4
ends 0 "resumed"
again "resumed"
server_stop
done_testing
