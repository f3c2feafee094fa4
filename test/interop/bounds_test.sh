# The one-sided Clopper-Pearson bounds in record.json against scipy's.  Answers are recorded ones.
. "$TOP/test/interop/interop.inc"
need_tool jq
# Debian's own python has Debian's scipy; another may stand before it.
for python in python3 /usr/bin/python3 ''; do
	[ -z "$python" ] || ! "$python" -c 'import scipy.stats' 2>"$tap_dir/no" || break
done
[ -n "$python" ] || skip_all "python3-scipy is not installed"

# Pairs become suites of one run: case i of a suite is right when i <= x.
"$python" "$TOP/test/interop/bounds.py" make 24 20260101 >pairs
for confidence in 0.90 0.95 0.99; do
	rm -rf proj
	git_repo proj
	printf '{{question}}' >proj/prompt.txt
	{
		printf 'version: 1\ntargets:\n  t: {provider: recorded, answer: "{{output}}", prompt: prompt.txt}\nsuites:\n'
		awk '{ printf "  s%d: {target: t, cases: s%d.jsonl, metrics: {m%d: {scorer: equals, expected: \"{{expected}}\"}}}\n", NR, NR, NR }' pairs
	} >proj/gate.yaml
	{
		printf 'version: 1\nconfidence: %s\nstages:\n  pre:\n    suites: [' "$confidence"
		awk '{ printf "s%d, ", NR }' pairs
		printf ']\n    thresholds:\n'
		awk '{ printf "      - s%d/m%d.mean >= 0.5\n", NR, NR }' pairs
	} >proj/gate.policy.yaml
	i=0
	while read -r x n; do
		i=$((i + 1))
		awk -v x="$x" -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
			printf "{\"id\":\"c%d\",\"question\":\"q\",\"output\":\"%s\",\"expected\":\"yes\"}\n",
				i, i <= x ? "yes" : "no" }' >"proj/s$i.jsonl"
	done <pairs
	git_commit proj all
	run_gate --spend-anyway
	like "$rc" '^[13]$' "$confidence: the run was decided"
	jq -r '.findings[] | [.hits, .n, .confidence, .lower, .upper] | map(tostring) | join(" ")' \
		"$(record)/record.json" >got
	is "$(head_q '[.findings[].method] | unique | @csv')" '"clopper-pearson"' "$confidence: by Clopper-Pearson"
	is "$(awk '{ print $1, $2 }' got)" "$(cat pairs)" "$confidence: x and n are what they were made to be"
	run "$python" "$TOP/test/interop/bounds.py" check got
	is "$rc" 0 "$confidence: scipy agrees within 1e-9 ($out)"
done
done_testing
