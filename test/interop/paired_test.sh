# gate compare's paired numbers against scipy's: exact McNemar, and Tango's interval by root finding on
# the score statistic, for all six pairs of four recorded systems and for counts at the edges.
. "$TOP/test/interop/interop.inc"
need_tool jq
# Debian's own python has Debian's scipy; another may stand before it.
for python in python3 /usr/bin/python3 ''; do
	[ -z "$python" ] || ! "$python" -c 'import scipy.stats' 2>"$tap_dir/no" || break
done
[ -n "$python" ] || skip_all "python3-scipy is not installed"

# A line of a comparison's first metric: n gained lost difference lower upper p.
line() {
	jq -r '.comparisons[0].suites[0].metrics[0] |
		[.pairs, .wrong_to_right, .right_to_wrong, .difference, .lower, .upper, .p] | map(tostring) | join(" ")' \
		"$tap_dir/out"
}

# Counts at the edges: n pairs, `gained` mended, `lost` broken, the rest right.
git_repo edges
cat >edges/gate.yaml <<'END'
version: 1
targets: {t: {provider: recorded, answer: "{{old}}"}}
suites:
  s: {target: t, cases: cases.jsonl, metrics: {m: {scorer: equals, value: "yes"}}}
END
while read -r n gained lost; do
	awk -v n="$n" -v b="$gained" -v c="$lost" 'BEGIN { for (i = 1; i <= n; i++)
		printf "{\"id\":\"c%d\",\"question\":\"q\",\"old\":\"%s\",\"new\":\"%s\"}\n",
			i, (i <= b ? "no" : "yes"), (i > b && i <= b + c ? "no" : "yes") }' >edges/cases.jsonl
	sed -i 's/{{[a-z]*}}/{{old}}/' edges/gate.yaml && git_commit edges old
	exits 0 "$n $gained $lost: old" "$GATE" run -C edges --measure
	sed -i 's/{{[a-z]*}}/{{new}}/' edges/gate.yaml && git_commit edges new
	exits 0 "new" "$GATE" run -C edges --measure
	exits 0 "compared" "$GATE" compare -C edges HEAD~1 HEAD --format json
	line >>got
	is "$(tail -n 1 got | cut -d' ' -f1-3)" "$n $gained $lost" "n, gained and lost are what they were made to be"
done <<'END'
1 1 0
1 0 1
5 0 0
5 5 0
40 4 1
59 0 3
120 31 12
500 3 3
2000 0 1
END

if [ -e "$SHARED/data/gsm8k/example_model_solutions.jsonl" ]; then
	. "$TOP/test/cli/compare/gsm8k.inc"
	gsm8k_runs repo
	while read -r old new; do
		exits 0 "$old and $new" "$GATE" compare -C repo "$old" "$new" --format json
		line >>got
	done < <(gsm8k_pairs)
	is "$(grep -c '^1319 ' got)" 6 "six pairs of 1,319 answers"
else
	skip "data/gsm8k is not beside the project"
fi
run "$python" "$TOP/test/interop/paired.py" got
is "$rc" 0 "scipy agrees within 1e-9 ($out)"
done_testing
