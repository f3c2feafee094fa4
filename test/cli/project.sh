# A small project under test, for command tests that call the test server: a question per case, the
# answer repeats it, and `right` compares the two.  Sourced after tap.sh.
# shellcheck shell=bash disable=SC2154,SC2034

# cases N [FILE]: N cases q1 … qN as JSONL.
cases() {
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "{\"id\":\"q%d\",\"question\":\"say %d.\",\"expected\":\"say %d.\"}\n", i, i, i }' \
		>"${2:-proj/cases.jsonl}"
}
# config [EXTRA-METRICS]: gate.yaml with target `bot` at the test server and suite `main`.
config() {
	cat >proj/gate.yaml <<-END
	version: 1
	targets:
	  bot:
	    provider: openai
	    base_url: ${server_url:-http://127.0.0.1:9}/v1
	    prompt: prompt.txt
	    model: {id: m1}
	    params: {temperature: 0}
	  judge:
	    provider: openai
	    base_url: ${server_url:-http://127.0.0.1:9}/judge/v1
	    model: {id: judge-1}
	suites:
	  main:
	    target: bot
	    cases: cases.jsonl
	    metrics:
	      right: {scorer: equals, expected: "{{expected}}"}
	END
	[ $# = 0 ] || printf '      %s\n' "$@" >>proj/gate.yaml
}
# policy THRESHOLD…: gate.policy.yaml with the one stage `pre`.
policy() {
	cat >proj/gate.policy.yaml <<-END
	version: 1
	stages:
	  pre:
	    suites: [main]
	    thresholds: [$(printf "'%s', " "$@")]
	trust:
	  hosts: ["127.0.0.1:${server_port:-9}"]
	  credentials: [{host: "127.0.0.1:${server_port:-9}", env: BOT_KEY}]
	END
}
# project N [THRESHOLD…]: all of it, committed.
project() {
	local n=$1
	shift
	rm -rf proj
	git_repo proj
	printf '{{question}}' >proj/prompt.txt
	cases "$n"
	config
	policy "${@:-right.mean >= 0.5}"
	git_commit proj project
}
export BOT_KEY=sk-test-4242424242
# run_gate ARG…: `gate run` in the project.
# A gate that hangs is ended, with status 124; a slow machine is no hang.
run_gate() { run timeout -k 2 120 "$GATE" run -C proj "$@"; }
# How many model calls the server has seen in all, and since the last asked.
seen() {
	local line
	exec {stats_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_stats HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$stats_fd"
	while IFS= read -r line <&"$stats_fd" || [ -n "$line" ]; do
		case $line in *'"requests"'*) line=${line#*'"requests":'} && echo "${line%%,*}" && break ;; esac
	done
	exec {stats_fd}>&-
}
# seen_waits N: until it has seen N of them in all, or a minute is over.
seen_waits() {
	local i
	for ((i = 0; i < 6000; i++)); do
		[ "$(seen)" -lt "$1" ] || return 0
		sleep 0.01
	done
}
since() {
	local now before
	now=$(seen)
	before=$(cat "$tap_dir/seen.$server_port" 2>/dev/null || echo 0)
	echo "$now" >"$tap_dir/seen.$server_port"
	echo $((now - before))
}
seen_mark() { since >/dev/null; }
# accounts PLANNED SCORED UNSCORED [QUARANTINED]: the line that accounts for every sample.
accounts() {
	has "$out" "planned $1 = scored $2 + unscored $3 + quarantined ${4:-0}" \
		"$1 planned = $2 scored + $3 unscored + ${4:-0} quarantined"
}
# ends CODE DESC: the last run's exit code (one of several: "2 3"); and on anything but 0 no word
# that it passed.
ends() {
	if [[ " $1 " = *" $rc "* ]]; then pass "$2: exit $1"; else
		fail "$2: exit $1"; diag "got exit $rc"; tap_show; return 1
	fi
	[ "$1" = 0 ] || hasnt "$out" "may be promoted" "$2: nothing says that it may be promoted"
}
# times: what the server (started with --times) says of its requests: status, here, first, last, words.
times() {
	local line body=
	exec {stats_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_times HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$stats_fd"
	while IFS= read -r line <&"$stats_fd"; do
		[ -n "$body" ] && printf '%s\n' "$line"
		[ "$line" != $'\r' ] || body=1
	done
	exec {stats_fd}>&-
}
