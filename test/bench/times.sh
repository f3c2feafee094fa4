#!/usr/bin/env bash
# The times that gate records against the test server's own: when the first and the last byte of each
# answer had been sent.  What lies between is the loopback, two wake-ups, and gate.  Prints figures; decides
# nothing.
set -eu
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-$TOP/build/release}
N=${N:-2000} J=${J:-64}
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || :; rm -rf "$dir"' EXIT
export HOME=$dir GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@b

cat >"$dir/script.json" <<'EOF2'
{"rules": [{"answer": "{{user}}", "latency_ms": 20, "token_ms": 4}]}
EOF2
mkfifo "$dir/port"
"$B/testserver" --ignore-stdin --max-seconds 300 --times --script "$dir/script.json" >"$dir/port" &
pid=$!
read -r port <"$dir/port"
mkdir "$dir/repo"; cd "$dir/repo"
cat >gate.yaml <<-END
version: 1
targets:
  bot: {provider: openai, base_url: "http://127.0.0.1:$port/v1", model: m, prompt: prompt.md}
suites:
  main: {target: bot, cases: cases.jsonl, metrics: {right: {scorer: contains, value: "{{question}}"}}}
END
cat >gate.policy.yaml <<-END
version: 1
stages:
  pre: {suites: [main], thresholds: ["right.mean >= 0.5"]}
trust: {hosts: ["127.0.0.1:$port"]}
END
printf '{{question}}' >prompt.md
awk -v n="$N" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"id\":\"q%d\",\"question\":\"say %d in some eight words of text\"}\n", i, i }' >cases.jsonl
git init -q -b main .; git add -A; git commit -qm bench
"$TOP/build/gate" run -q -j "$J" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /_times HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3
awk 'body { print } /^\r*$/ { body = 1 }' <&3 >"$dir/times"
exec 3>&-
sed -n 's/.*"input":\("[^"]*"\).*"ttft":{"value":\([0-9.]*\)}.*"latency":{"value":\([0-9.]*\)}.*/\1\t\2\t\3/p' \
	.gate/runs/*/outcomes.jsonl >"$dir/said"
# joined by the prompt: milliseconds of gate less those of the server
awk -F '\t' 'NR == FNR { first[$5] = ($3 - $2) / 1000; last[$5] = ($4 - $2) / 1000; next }
	$1 in first { print $2 - first[$1], $3 - last[$1] }' "$dir/times" "$dir/said" >"$dir/both"
figures() { # COLUMN NAME
	awk -v c="$1" '{ print $c }' "$dir/both" | sort -n | awk -v name="$2" '{ v[NR] = $1 }
		END { if (!NR) { print "  " name ": nothing to compare"; exit }
		printf "  %-22s median %+.3f ms   p95 %+.3f ms   max %+.3f ms   min %+.3f ms   (n %d)\n", name,
			v[int((NR + 1) / 2)], v[int(NR * 0.95)], v[NR], v[1], NR }'
}
echo "times of gate less the server's own, $N streams at once -j $J"
figures 1 'first token (ttft)'
figures 2 'last byte (ttlt)'
