# Provider exec: a program that misbehaves is bounded, named, and never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/exec/exec.inc"

# bad DESC CAUSE PROGRAM: of ten cases the seventh runs it.
bad() {
	local what=$1 cause=$2
	program "case \$1 in 'say 7.') $3 ;; *) printf '%s' \"\$1\" ;; esac"
	project 10 'right.mean >= 0.01' 'unscored.count == 0'
	run_exec
	isnt "$rc" 0 "$what: not green"
	accounts 10 9 1
	like "$out" "q7: $cause" "$what: the cause is named"
}
bad "an exit code" 'program: exit code 3: it broke' 'echo it broke >&2; exit 3'
bad "a signal" 'program: signal 11' 'kill -SEGV $$'
bad "nothing" 'malformed: the program wrote nothing' 'exit 0'
exec_lines='output: text
timeout: 1500ms'
bad "a hang" 'deadline: no end within the deadline of 1500 ms: hm' 'echo hm >&2; sleep 60'
bad "a hang that ignores SIGTERM" 'deadline: ' 'trap "" TERM; while :; do sleep 1; done'
bad "a hang of its children" 'deadline: ' '(sleep 60; echo no) & wait'
exec_lines='output: text
timeout: 20s'
bad "a flood" 'too-large: ' 'yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
bad "a flood of errors" 'program: exit code 1: last words' 'head -c 30000000 /dev/zero | tr "\0" e >&2; echo >&2; echo last words >&2; exit 1'
exec_lines='output: text
cpu: 1s'
bad "a loop" 'program: signal 24 .processor time' 'while :; do :; done'
exec_lines='output: text
memory: 32M'
bad "too much memory" 'program: ' 'exec awk "BEGIN { s = \"x\"; while (1) s = s s }"'

exec_lines='output: json'
json() {
	local what=$1 cause=$2
	program "case \$1 in 'say 7.') printf '%s' '$3' ;; *) printf '{\"answer\":\"%s\"}' \"\$1\" ;; esac"
	project 10 'right.mean >= 0.01' 'unscored.count == 0'
	run_exec
	isnt "$rc" 0 "$what: not green"
	accounts 10 9 1
	like "$out" "q7: $cause" "$what: the cause is named"
}
json "no JSON" 'malformed: what the program wrote is no JSON object' 'say 7.'
json "half of it" 'malformed: ' '{"answer":"say 7."'
json "a list" 'malformed: .*.array' '["say 7."]'
json "no answer" "malformed: .*no 'answer'" '{"usage":{"in":1}}'
json "a misspelt member" "malformed: .*'contexs'" '{"answer":"say 7.","contexs":[]}'
json "a member twice" 'malformed: ' '{"answer":"no","answer":"say 7."}'
json "passages that are none" 'malformed: passage 1' '{"answer":"say 7.","contexts":[7]}'
json "a count that is none" 'malformed: .*usage.in' '{"answer":"say 7.","usage":{"in":-1}}'
json "blocked, perhaps" "malformed: .*'blocked'" '{"answer":"say 7.","blocked":"no"}'
json "an error" 'program: the program says that it failed: no index' '{"error":{"message":"no index"},"answer":"say 7."}'

# The same failure five times, and never an answer.
exec_lines='output: text'
program 'echo x >>"'"$PWD"'/count"; exit 9'
project 40
run_exec -j 1
ends 3 "every program fails alike"
accounts 40 0 40
is "$(wc -l <count)" 5 "the run stops after five"
prog=/nonexistent/program project 40
run_exec
ends 3 "a program that is not there"
has "$out" "cannot run program '/nonexistent/program'" "is named"

# Nothing is left of a program that has ended: its grandchild keeps the streams open.
program 'sleep 61.61 & printf "%s" "$1"'
project 6
started=$(date +%s%3N)
run_exec
ends 0 "a grandchild that keeps the streams open is not waited for"
ok "... nor for long ($(($(date +%s%3N) - started)) ms)" [ $(($(date +%s%3N) - started)) -lt 20000 ]
# sleepers SECONDS: how many there are; what was killed may take a moment to end.
sleepers() {
	grep -lsx 'sleep' /proc/[0-9]*/comm | while read -r f; do
		{ tr '\0' ' ' <"${f%comm}cmdline"; echo; } 2>/dev/null
	done | grep -c "sleep $1"
}
for ((i = 0; i < 1000 && $(sleepers 61.61) > 0; i++)); do sleep 0.01; done
is "$(sleepers 61.61)" 0 "and is gone"

# Ctrl-C ends the programs and what they started.
program "echo \$\$ >>'$PWD/pids'; sleep 62.62 & echo \$! >>'$PWD/pids'; wait"
project 30
"$GATE" run -C proj --policy-ref main -j 4 >"$tap_dir/out" 2>"$tap_dir/err" &
gate_pid=$!
for ((i = 0; i < 6000; i++)); do [ "$(cat pids 2>/dev/null | wc -l)" -lt 8 ] || break; sleep 0.01; done
kill -INT "$gate_pid"
wait "$gate_pid"
rc=$? out=$(cat "$tap_dir/out") err=$(cat "$tap_dir/err")
ends 3 "interrupted"
left() {
	local pid n=0
	while read -r pid; do
		! grep -qs '^State:	[^ZX]' "/proc/$pid/status" || n=$((n + 1))
	done <pids
	echo $n
}
for ((i = 0; i < 1000 && $(left) > 0; i++)); do sleep 0.01; done
ok "programs had been started" test "$(wc -l <pids)" -ge 8
is "$(left)" 0 "nothing of them is left"

# A fork bomb: bounded by the limit where the kernel holds this user to it, and ended in any case.
bomb() {
	program "f() { f | f & }; f; sleep 60"
	exec_lines='output: text
timeout: 1s
processes: 20'
	project 2 'right.mean >= 0.01'
}
bomb
# The kernel does not hold root to it: then gate runs as nobody in particular.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	free=$(mktemp -d /tmp/bomb.XXXXXX)
	cp -R proj prog "$free/" && cp "$GATE" "$free/gate"
	sed -i "s#$prog#$free/prog#" "$free/proj/gate.yaml"
	git_commit "$free/proj" moved
	chmod -R a+rwX "$free"
	run timeout -k 5 180 setpriv --reuid=61234 --regid=61234 --clear-groups env HOME="$free" \
		"$free/gate" run -C "$free/proj" --no-owner-check --policy-ref main -j 2 --spend-anyway
	rm -rf "$free"
else
	run_exec -j 2 --spend-anyway
fi
isnt "$rc" 0 "a fork bomb is not green"
accounts 2 0 2
like "$out" 'q1: (deadline|program): ' "it is named"
done_testing
