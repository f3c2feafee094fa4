#!/usr/bin/env bash
# What a verdict costs: a run of many cases against the test server, then `gate report --decide` on its
# record: ten thresholds with slices, worst slices, percentiles, graded means; then the same with half of them
# against a baseline that is played too.  Prints figures; decides nothing.  CASES=10000 for a quick look.
set -eu
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-$TOP/build/release}
CASES=${CASES:-100000} J=${J:-64} TIMES=5
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || :; rm -rf "$dir"' EXIT
export HOME=$dir GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@b

mkfifo "$dir/port"
"$B/testserver" --ignore-stdin --max-seconds 1800 >"$dir/port" &
pid=$!
read -r port <"$dir/port"
mkdir -p "$dir/repo/golden"; cd "$dir/repo"
cat >gate.yaml <<END
version: 1
targets:
  bot: {provider: openai, base_url: "http://127.0.0.1:$port/v1", model: m, prompt: prompt.md}
suites:
  main:
    target: bot
    cases: golden/cases.jsonl
    metrics:
      right: {scorer: contains, value: "{{expected}}"}
      near: {scorer: token-f1, expected: "{{wording}}"}
END
echo 'You answer questions of customers. What is {{question}}?' >prompt.md
awk -v n="$CASES" 'BEGIN {
	split("refunds orders returns billing other", topic, " "); split("de en fr es it pl nl sv da fi", lang, " ")
	split("sum customers answer questions one and you what is the", word, " ")
	for (i = 0; i < n; i++) {
		near = ""
		for (k = 0; k < 1 + i * 7 % 10; k++) near = near word[1 + (i * 3 + k * k + int(i / 7)) % 10] " "
		printf "{\"id\":\"c%d\",\"question\":\"the sum of %d and one\",\"expected\":\"of %d and\",\"wording\":\"%s%d\",", i, i, i, near, i % 1000
		printf "\"topic\":\"%s\",\"language\":\"%s\"}\n", topic[i % 5 + 1], lang[int(i / 5) % 10 + 1]
	} }' >golden/cases.jsonl
policy() { # THRESHOLD…
	printf 'version: 1\nstages:\n  pre:\n    suites: [main]\n    thresholds:\n'
	printf '      - "%s"\n' 'right.mean >= 0.90' 'right.mean{topic=refunds, language=de} >= 0.90' \
		'right.mean worst{topic} >= 0.90' 'near.mean worst{language} >= 0.05' 'latency.p99 <= 60s' "$@"
	printf 'trust: {hosts: ["127.0.0.1:%s"]}\n' "$port"
}
figure() { # NAME: of the lines "wall cpu KB" on stdin, the medians
	sort -n | awk -v name="$1" '{ wall[NR] = $1; cpu[NR] = $2 + $3; kb[NR] = $4 } END { m = int((NR + 1) / 2)
		printf "  %-42s %7.2f s wall %7.2f s CPU %8.1f MB\n", name, wall[m], cpu[m], kb[m] / 1024 }'
}
measured() { # CMD…: "wall user system KB"
	/usr/bin/time -o "$dir/time" -f '%e %U %S %M' "$@" >"$dir/out" 2>&1 || { cat "$dir/out" >&2; exit 1; }
	cat "$dir/time"
}
both() { # WHAT
	local i
	rm -rf .gate
	measured "$TOP/build/gate" run -q -j "$J" | figure "run, $1"
	for ((i = 0; i < TIMES; i++)); do measured "$TOP/build/gate" report last --decide -q; done | figure "report --decide, $1"
}
echo "$CASES cases, ten thresholds"
policy 'near.mean >= 0.05' 'near.mean{language=fr} >= 0.05' 'ttft.p95 <= 60s' 'latency.p95{topic=orders} <= 60s' \
	'tokens_out.p90 <= 400tok' >gate.policy.yaml
git init -q -b main .; git add -A; git commit -qm bench
both 'no baseline'
policy 'right.mean >= baseline - 0.01' 'right.mean{topic=refunds} not-below baseline' 'near.mean >= baseline - 0.02' \
	'near.mean{language=fr} >= baseline - 0.05' 'latency.p95 <= baseline * 9' >gate.policy.yaml
git add -A; git commit -qm policy
echo 'You answer the questions of customers. What is {{question}}?' >prompt.md
git add -A; git commit -qm change
both 'five against a baseline'
