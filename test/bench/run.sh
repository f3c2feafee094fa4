#!/usr/bin/env bash
# make bench: what gate costs beside a bare libcurl loop and wrk, against the same server in the
# same run.  Prints figures; decides nothing.  ROUNDS=5 for steadier medians.
set -eu
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-$TOP/build/release}
ROUNDS=${ROUNDS:-3} N=${N:-10000} M=${M:-1000} J=${J:-64} LATENCY=${LATENCY:-50}
dir=$(mktemp -d)
pids=()
trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done; rm -rf "$dir"' EXIT
export HOME=$dir GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@b

serve() { # LATENCY-MS: sets $port
	local fifo=$dir/port.$1
	mkfifo "$fifo"
	"$B/testserver" --ignore-stdin --max-seconds 900 --latency-ms "$1" >"$fifo" &
	pids+=($!)
	read -r port <"$fifo"
}
suite() { # CASES: a repository in $dir/repo
	rm -rf "$dir/repo"; mkdir -p "$dir/repo/golden"; cd "$dir/repo"
	cat >gate.yaml <<-EOF
	version: 1
	targets:
	  support: {provider: openai, base_url: "http://127.0.0.1:$port/v1", model: m, prompt: prompt.md,
	            params: {temperature: 0, max_tokens: 50}}
	suites:
	  answers: {target: support, cases: golden/answers.jsonl,
	            metrics: {correct: {scorer: contains, value: "{{expected}}"}}}
	EOF
	cat >gate.policy.yaml <<-EOF
	version: 1
	stages:
	  pre: {suites: [answers], thresholds: ["correct.mean >= 0.90", "ttft.p95 <= 800ms"]}
	trust: {hosts: ["127.0.0.1:$port"]}
	EOF
	echo 'You answer questions of customers. What is {{question}}?' >prompt.md
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "{\"id\":\"c%d\",\"question\":\"the sum of %d and one\",\"expected\":\"of %d and\"}\n", i, i, i }' >golden/answers.jsonl
	git init -q -b main .; git add -A; git commit -qm bench
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# gate_once J: "wall cpu rss" of one run
gate_once() {
	rm -rf .gate
	local t
	t=$( { /usr/bin/time -f '%e %U %S %M' "$TOP/build/gate" run -q -j "$1" >/dev/null 2>"$dir/err"; } 2>&1 ) || { cat "$dir/err" >&2; exit 1; }
	t=$(tail -n 1 "$dir/err")
	awk -v t="$t" 'BEGIN { split(t, f, " "); print f[1], f[2] + f[3], f[4] }'
}
# several CMD…: column medians over ROUNDS
several() {
	local i
	: >"$dir/rounds"
	for ((i = 0; i < ROUNDS; i++)); do "$@" >>"$dir/rounds"; done
	for i in 1 2 3; do awk -v i=$i '{ print $i }' "$dir/rounds" | median; done | paste -sd ' '
}
row() { awk -v name="$1" -v n="$2" -v m="$3" 'BEGIN { split(m, f, " ");
	printf "  %-22s %9.0f /s %9.1f µs CPU each %8.1f MB %8.2f s wall\n", name, n / f[1], f[2] / n * 1e6, f[3] / 1024, f[1] }'; }

echo "gate bench: $ROUNDS rounds, medians; $(nproc) processors"
echo; echo "start"
for ((i = 0; i < 20; i++)); do
	s=$(date +%s%N); "$TOP/build/gate" version >/dev/null; e=$(date +%s%N); echo $(((e - s) / 1000))
done | median | awk '{ printf "  gate version           %9.2f ms\n", $1 / 1000 }'
stat -c '%s' "$TOP/build/gate" | awk '{ printf "  binary                 %9.2f MB\n", $1 / 1048576 }'

serve 0; suite "$N"
echo; echo "$N cases, no latency, -j $J"
g=$(several gate_once "$J"); row gate "$N" "$g"
exec 3<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /_last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3
sed -e '1,/^\r*$/d' <&3 >"$dir/last"; exec 3>&-
awk 'body { print } /^\r*$/ { body = 1 }' "$dir/last" >"$dir/body"; [ -s "$dir/body" ] || cp "$dir/last" "$dir/body"
printf %s "$(cat "$dir/body")" >"$dir/body"
url=http://127.0.0.1:$port/v1/chat/completions
b=$(several "$B/bench/bareloop" "$url" "$N" "$J" "$dir/body"); row 'bare libcurl loop' "$N" "$b"
awk -v g="$g" -v b="$b" 'BEGIN { split(g, x, " "); split(b, y, " "); printf "  gate / bare: %.2f × CPU, %.2f × wall\n", x[2] / y[2], x[1] / y[1] }'
if command -v wrk >/dev/null; then
	printf 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nlocal f = io.open("%s") wrk.body = f:read("*a") f:close()\n' "$dir/body" >"$dir/wrk.lua"
	wrk -t1 -c"$J" -d3s -s "$dir/wrk.lua" "$url" | awk '/Requests.sec/ { printf "  wrk -t1 -c64           %9.0f /s\n", $2 }'
fi

serve "$LATENCY"; suite "$M"
echo; echo "$M cases at $LATENCY ms, -j $J"
g=$(several gate_once "$J"); row gate "$M" "$g"
url=http://127.0.0.1:$port/v1/chat/completions
b=$(several "$B/bench/bareloop" "$url" "$M" "$J" "$dir/body"); row 'bare libcurl loop' "$M" "$b"
awk -v g="$g" -v m="$M" -v j="$J" -v l="$LATENCY" 'BEGIN { split(g, x, " "); ideal = int((m + j - 1) / j) * l / 1000;
	printf "  ideal %.3f s: gate is %.1f %% above\n", ideal, (x[1] / ideal - 1) * 100 }'

echo; TOP=$TOP B=$B bash "$TOP/test/bench/times.sh"
echo; TOP=$TOP B=$B bash "$TOP/test/bench/decide.sh"
