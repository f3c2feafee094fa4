# F19, F22: a run that is interrupted or killed.  Undecided, recorded as far as it went, and taken
# up again to the same verdict without paying an answered call twice.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# 200 cases at 60 ms with 2 in flight: six seconds in all, of which the first is looked at.  Every tenth
# answer is wrong.
echo '{"rules":[{"contains":"1.","answer":"wrong","latency_ms":60},{"answer":"{{user}}","latency_ms":60}]}' \
	>script.json
server_start script.json

verdict_of() { # the record's verdict with everything but ids, times and what was paid
	sed -n '/"thresholds\|"findings/,$p' "$1" | grep -v '_ms"\|"start"\|"end"\|"run"\|"calls"\|"reused"\|"attempts"\|"tokens"\|"wall' |
		sed 's/"[a-z_]*_ms":[^,}]*//g'
}
reference() {
	project 200 'right.mean >= 0.80'
	run_gate -j 32 --store ref
	want_rc=$rc want=$(grep '^  right.mean' "$tap_dir/out")
	has "$want" "180/200" "the whole run sees 180 of 200"
}
reference

# start: gate in the background, and wait until it has had some answers.
start() {
	local before
	seen_mark
	before=$(seen)
	"$GATE" run -C proj -j 2 >out.txt 2>err.txt &
	gate_pid=$!
	seen_waits $((before + 20))
}
finish() {
	wait "$gate_pid"
	rc=$? out=$(cat out.txt) err=$(cat err.txt)
}
for sig in INT TERM; do
	rm -rf proj/.gate
	start
	kill -"$sig" "$gate_pid"
	finish
	ends 3 "F22 SIG$sig"
	has "$out" "stopped: interrupted" "F22 SIG$sig is named"
	like "$out" "planned 200 = scored [1-9][0-9]* \+ unscored [1-9][0-9]* \+ quarantined 0" "F22 SIG$sig: all are accounted for"
	has "$out$err" "--resume" "F22 SIG$sig: how to go on is said"
	first=$(since)
	is "$(ls proj/.gate/runs/*/record.json | wc -l)" 1 "F22 SIG$sig: a partial record"
	has "$(cat proj/.gate/runs/*/record.json)" '"verdict": "undecided"' "F22 SIG$sig: which is undecided"
	is "$(wc -l <"$(ls proj/.gate/runs/*/outcomes.jsonl)")" 200 "F22 SIG$sig: with a line a sample"
	run_gate -j 32 --resume
	is "$rc" "$want_rc" "F22 SIG$sig, resumed: the same exit code"
	is "$(grep '^  right.mean' "$tap_dir/out")" "$want" "F22 SIG$sig, resumed: the same verdict, word for word"
	accounts 200 200 0
	# Two were in flight and unanswered when it stopped.
	again=$(since)
	[ $((first + again)) -le 202 ] && [ $((first + again)) -ge 200 ] && total=sound || total=$((first + again))
	is "$total" sound "F22 SIG$sig, resumed: no answered call was paid twice ($first + $again requests)"
done

# F19: killed without a chance to say anything.
rm -rf proj/.gate
start
kill -KILL "$gate_pid"
finish 2>/dev/null
is "$rc" 137 "F19 killed"
first=$(since)
run_gate -j 32 --resume
is "$rc" "$want_rc" "F19 resumed: the same exit code"
is "$(grep '^  right.mean' "$tap_dir/out")" "$want" "F19 resumed: the same verdict"
accounts 200 200 0
again=$(since)
# Besides what was in flight, a turn's answers may have come and not yet been stored.
[ $((first + again)) -le 204 ] && [ $((first + again)) -ge 200 ] && total=sound || total=$((first + again))
is "$total" sound "F19 resumed: no stored answer was paid twice ($first + $again requests)"

# Killed, then run without --resume: answers are reused by their digest all the same.
rm -rf proj/.gate
start
kill -KILL "$gate_pid"
finish 2>/dev/null
first=$(since)
run_gate -j 32
is "$(grep '^  right.mean' "$tap_dir/out")" "$want" "F19 run again: the same verdict"
again=$(since)
[ $((first + again)) -le 204 ] && total=sound || total=$((first + again))
is "$total" sound "F19 run again: stored answers are reused ($first + $again requests)"

# --resume where there is nothing, and where the unfinished run was of another plan.
rm -rf proj/.gate
run_gate -j 32 --resume
is "$rc" "$want_rc" "--resume with nothing to resume runs it all"
rm -rf proj/.gate
start
kill -INT "$gate_pid"
finish
sed -i 's/"say 7\."}/"never"}/' proj/cases.jsonl
git_commit proj "other cases"
run_gate -j 32 --resume
accounts 200 200 0
has "$(grep '^  right.mean' "$tap_dir/out")" "179/200" "--resume after the cases changed does not take up old scores"

# Interrupted before anything was answered; and twice.
echo '{"rules":[{"fault":"hang"}]}' >script.json
server_stop
server_start script.json
project 20
"$GATE" run -C proj >out.txt 2>err.txt &
gate_pid=$!
seen_waits 1
kill -TERM "$gate_pid"
finish
ends 3 "F22 interrupted before any answer"
accounts 20 0 20
before=$(seen)
"$GATE" run -C proj >out.txt 2>err.txt &
gate_pid=$!
seen_waits $((before + 1))
kill -INT "$gate_pid"; kill -TERM "$gate_pid"
finish
ends 3 "F22 interrupted twice"
done_testing
