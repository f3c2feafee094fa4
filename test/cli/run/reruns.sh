# Re-runs: the same answers give the same verdict, what was decided before stands in the record, and
# only new answers tell of a flaky case.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# Case 3 is answered wrongly at its first, second and fourth call, eleven others: 5, 50 … 59.
cat >script.json <<'END'
{"rules":[{"contains":"say 3.","nth":1,"answer":"no"},{"contains":"say 3.","nth":1,"answer":"no"},
 {"contains":"say 3.","nth":2,"answer":"no"},
 {"contains":"say 5","answer":"no"}]}
END
server_start script.json

# --- a fail stays a fail ---
project 60 'right.mean >= 0.95'
for i in 1 2 3 4 5; do
	run_gate
	ends 1 "run $i of the same candidate"
	is "$(since)" "$([ "$i" = 1 ] && echo 60 || echo 0)" "run $i: calls"
done
has "$out" "judged 4 times before: fail, fail, fail, fail" "the console says how often, and what was decided"
gate log -C proj -n 1
last=proj/.gate/runs/${out%% *}
if command -v jq >/dev/null; then
	is "$(jq -c '.times.earlier_verdicts | [.total, .passed, .failed, .undecided, .fresh]' "$last/record.json")" \
		'[4,0,4,0,false]' "the record counts them"
	is "$(jq -c '[.times.earlier_verdicts.runs[] | [.verdict, .exit_code, .calls]]' "$last/record.json")" \
		'[["fail",1,0],["fail",1,0],["fail",1,0],["fail",1,60]]' "and lists them, newest first, with the calls made"
	is "$(jq '[.times.earlier_verdicts.runs[] | .policy] | unique == [$p]' --arg p \
		"$(jq -r .policy.sha256 "$last/record.json")" "$last/record.json")" true "with the policy of each"
else
	skip "jq is not installed"
fi
exits 1 "decided again" "$GATE" report -C proj --decide last
has "$out" "judged 4 times before" "what was known then still stands"
ok "reports" "$GATE" report -C proj last -o r.md -o r.xml -o r.json
has "$(cat proj/r.md)" 'judged 4 times before: fail, fail, fail, fail' "markdown says it"
has "$(cat proj/r.xml)" '<property name="earlier verdicts" value="judged 4 times before: fail, fail, fail, fail"/>' "junit says it"
has "$(cat proj/r.json)" '"earlier_verdicts"' "json has it"
exits 0 "no flaky case: nothing was seen twice" "$GATE" log -C proj --flaky
is "$out" "" "so none is listed"
run_gate --filter 'q1'
hasnt "$out" "judged" "a part of the stage has no verdict that others could be compared with"
run_gate --measure
hasnt "$out" "judged" "nor has a measurement"

# --- new answers ---
run_gate --fresh
ends 1 "called again"
has "$out" "judged 5 times before: fail, fail, fail, fail, fail" "a part and a measurement are not among them"
run_gate --fresh
ends 1 "called once more"
like "$out" "judged 6 times before" "each is counted"
exits 0 "the flaky cases" "$GATE" log -C proj --flaky
like "$out" '^main/q3 +right +passed 1 of 3 \(33 %\) +3 runs, last ' "case 3 passed once in three calls"
is "$(wc -l <"$tap_dir/out")" 1 "and no other is flaky"
run_gate --fresh
ends 1 "and again"
like "$out" 'q3: expected .* \(flaky: passed 1 of 3 before\)' "a failing case that passed before is marked"
hasnt "$out" "q5: expected 'say 5.', found 'no' (flaky" "one that never passed is not"
exits 0 "as JSON" "$GATE" log -C proj --flaky --format json
like "$out" '"suite":"main","case":"q3","metric":"right","passed":1,"failed":3,"unscored":0,"pass_rate":0.25,"candidates":1,"runs":4' "with its counts"
exits 0 "of the suite" "$GATE" log -C proj --flaky --suite main
like "$out" 'main/q3' "it is there"
exits 0 "of another suite" "$GATE" log -C proj --flaky --suite other
is "$out" "" "there is none"
exits 2 "--suite alone" "$GATE" log -C proj --suite main
exits 0 "the case" "$GATE" show -C proj last/q3 --color never
like "$out" 'history.*right: passed 1 of 4 in 4 runs of this candidate and suite: flaky' "has its history"
is "$(grep -c '  right [✗✓+-]$' <<<"$out")" 4 "a line for each run that asked"
exits 0 "a case that never changed" "$GATE" show -C proj last/q5 --color never
has "$out" 'right: passed 0 of 4 in 4 runs of this candidate and suite' "is counted"
hasnt "$out" "flaky" "and is not flaky"

# --- another candidate begins anew ---
printf '{{question}} ' >proj/prompt.txt
git_commit proj "another prompt"
run_gate
hasnt "$out" "judged" "another candidate was never judged"
hasnt "$out" "flaky:" "and has no history of its own"
exits 0 "the case" "$GATE" show -C proj last/q3 --color never
has "$out" "(another candidate or suite)" "the runs of the one before are told apart"

# --- a pass after a fail ---
project 60 'right.mean >= 0.95'
sed -i 's/"rules"/"x"/' script.json
run_gate
ends 1 "a candidate that fails"
policy 'right.mean >= 0.05'
git_commit proj "a lower bar"
run_gate
ends 0 "under a lower bar it passes"
has "$out" "judged once before: fail" "the fail is told"
like "$out" "note: this very candidate failed the same suites 1 time before \(by another policy\): a pass after that is a re-roll" "and what the pass is"
ok "reports" "$GATE" report -C proj last -o r.md -o r.xml
has "$(cat proj/r.md)" 're-roll, for which' "markdown says it"
has "$(cat proj/r.xml)" '<property name="re-roll"' "junit says it"

# --- undecided stays undecided; --fresh takes new answers and is told ---
project 20 'right.mean >= 0.8'
cases 4 && git_commit proj few
for i in 1 2 3 4 5; do
	run_gate --spend-anyway
	ends 3 "undecided, run $i"
done
has "$out" "judged 4 times before: undecided, undecided, undecided, undecided" "all are told"
run_gate --spend-anyway --fresh -o r.json
has "$(cat r.json proj/r.json 2>/dev/null)" '"fresh":' "that answers were taken anew is in the record"
run_gate --no-store
hasnt "$out" "judged" "without a store nothing is known"
# --- taken up after an interruption: one run, each answer seen once ---
echo '{"rules":[{"contains":"say 5","answer":"no","latency_ms":40},{"answer":"{{user}}","latency_ms":40}]}' >slow.json
server_start slow.json
project 60 'right.mean >= 0.95'
before=$(seen)
"$GATE" run -C proj -j 2 >out.txt 2>err.txt &
gate_pid=$!
seen_waits $((before + 10))
kill -INT "$gate_pid"
wait "$gate_pid"
run_gate --resume
ends 1 "the rest of it"
hasnt "$out" "judged" "a run is no earlier one than itself"
run_gate
has "$out" "judged once before: fail" "it is one run"
exits 0 "a case" "$GATE" show -C proj last/q1 --color never
has "$out" "right: passed 1 of 1 in 1 run of this candidate and suite" "seen once"
exits 0 "one of the end" "$GATE" show -C proj last/q60 --color never
has "$out" "right: passed 1 of 1 in 1 run of this candidate and suite" "seen once too"

# --- a baseline's answers are no history of the candidate's suite ---
server_start script.json
project 60 'right.mean >= baseline - 0.5'
printf '{{question}}\nnew' >proj/prompt.txt
git_commit proj "another prompt"
run_gate
has "$out" "main@baseline" "played beside the commit before"
run_gate --fresh
like "$out" "judged once before: (pass|fail|undecided)" "the same candidate was judged once"
exits 0 "the flaky cases" "$GATE" log -C proj --flaky --suite main@baseline
is "$out" "" "none of the baseline"
exits 0 "a case" "$GATE" show -C proj last/q9 --color never
is "$(grep -c '^  history' <<<"$out")" 1 "one history, though both sides played it"
done_testing
