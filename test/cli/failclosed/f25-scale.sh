# F25: a hundred thousand cases and answers of ten megabytes go the same way as a hundred cases.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
case $GATE in *address*) sanitized=1 ;; *) sanitized= ;; esac

# watched ARG…: gate run, and in $peak the most memory it held, in KiB.
watched() {
	local pid now
	peak=0
	"$GATE" run -C proj "$@" >"$tap_dir/out" 2>"$tap_dir/err" &
	pid=$!
	while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.01
	done
	wait "$pid"
	rc=$? out=$(cat "$tap_dir/out") err=$(cat "$tap_dir/err")
}
small() { # DESC: under 64 MB
	[ -z "$sanitized" ] || { skip "memory is not measured under a sanitizer"; return; }
	if [ "$peak" -gt 1000 ] && [ "$peak" -lt 65536 ]; then pass "$1: $peak KiB"; else
		fail "$1: under 64 MiB"; diag "peak: $peak KiB"
	fi
}
recorded() { # N: cases that carry their answer; one in ten is wrong
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "{\"id\":\"q%d\",\"question\":\"say %d.\",\"expected\":\"%d\",\"kind\":\"k%d\",\"output\":\"%s\"}\n",
			i, i, i, i % 7, i % 10 ? i : "wrong" }' >proj/cases.jsonl
}
git_repo proj
cat >proj/gate.yaml <<'END'
version: 1
targets:
  bot: {provider: recorded}
suites:
  main:
    target: bot
    cases: cases.jsonl
    metrics:
      right: {scorer: equals, expected: "{{expected}}"}
END
policy 'right.mean >= 0.80' 'right.mean worst{kind} >= 0.5'
[ -n "$sanitized" ] && many=5000 || many=100000
for n in 100 $many; do
	recorded $n
	git_commit proj "$n cases"
	watched -o r.json -o r.md -o r.xml
	ends 0 "F25 $n cases"
	accounts $n $n 0
	has "$out" "$((n - n / 10))/$n" "F25 $n cases: every one was judged"
	is "$(wc -l <"$(ls -t proj/.gate/runs/*/outcomes.jsonl | head -1)")" "$n" "F25 $n cases: every one is in the record"
	ok "F25 $n cases: the reports were written" [ -s proj/r.json -a -s proj/r.md -a -s proj/r.xml ]
done
small "F25 $many cases"

# Half of them without an answer: accounted for, not green.
recorded $((many / 10))
awk 'NR % 2 { sub(/,"output":"[^"]*"/, "") } { print }' proj/cases.jsonl >half && mv half proj/cases.jsonl
git_commit proj "half of them without an answer"
watched
ends 3 "F25 half of the cases unanswered"
accounts $((many / 10)) $((many / 20)) $((many / 20))

# Answers of ten megabytes, streamed and whole, then one past every ceiling.
echo '{"rules":[{"contains":"say 1.","answer":"big","size":10485760},{"contains":"say 2.","answer":"big","size":10485760},{"answer":"{{user}}"}]}' \
	>script.json
server_start script.json
for stream in true false; do
	project 12 'right.mean >= 0.5'
	config 'large: {scorer: starts-with, value: big}'
	sed -i "s/^    prompt:/    stream: $stream\n&/" proj/gate.yaml
	git_commit proj
	watched -j 2
	ends 0 "F25 answers of 10 MB, stream $stream"
	accounts 12 12 0
	is "$(grep -c '"large":{"value":1' "$(ls -t proj/.gate/runs/*/outcomes.jsonl | head -1)")" 2 "F25 answers of 10 MB, stream $stream: they were read"
	is "$(since)" 12 "F25 answers of 10 MB, stream $stream: once each"
done
server_stop
done_testing
