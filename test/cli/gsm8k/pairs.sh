# Four real systems against each other, every ordered pair: what `>= baseline - 0.02` and `not-below baseline`
# decide is what Tango's interval and an exact McNemar test of the counts imply, the latter taken here by hand.
. "$TOP/test/cli/tap.sh"
need_tool git jq
data=data/gsm8k/example_model_solutions.jsonl
need_shared "$data"

mkdir repo
cp "$SHARED/$data" repo/gsm8k.jsonl
cat >repo/gate.policy.yaml <<'END'
version: 1
stages:
  pre: {suites: [s], thresholds: ["correct.mean >= baseline - 0.02", correct.mean not-below baseline]}
END
side() { # SYSTEM
	cat >repo/gate.yaml <<-END
	version: 1
	targets:
	  bot: {provider: recorded, answer: "{{case['$1'].solution}}"}
	suites:
	  s: {target: bot, cases: gsm8k.jsonl, metrics: {correct: {scorer: numeric, expected: "{{ground_truth}}"}}}
	END
	git_commit repo "$1"
}
git_repo repo
systems="6b_finetuning 6b_verification 175b_finetuning 175b_verification"
for s in $systems; do
	side "$s"
	git -C repo tag "$s"
done
# counts OLD NEW: pairs gained lost, from what the publishers marked.
counts() {
	jq -r --arg a "$1" --arg b "$2" '[.[$a].is_correct, .[$b].is_correct] | map(if . then 1 else 0 end) | join(" ")' \
		repo/gsm8k.jsonl | awk '{ n++; g += !$1 && $2; l += $1 && !$2 } END { print n, g, l }'
}
# dropped GAINED LOST: "yes" when P(Bin(g + l, 1/2) >= l) <= 0.05.
dropped() {
	awk -v g="$1" -v l="$2" 'BEGIN { n = g + l; for (i = 1; i <= n; i++) s[i] = s[i - 1] + log(i)
		for (k = l; k <= n; k++) p += exp(s[n] - s[k] - s[n - k] - n * log(2)); print p <= 0.05 ? "yes" : "no" }'
}
tried=0
for old in $systems; do
	for new in $systems; do
		[ "$old" != "$new" ] || continue
		run "$GATE" run -C repo --commit "$new" --baseline "$old" --store "../$old-$new"
		record=$(echo "$old-$new"/runs/*/record.json)
		is "$(jq -r '.findings[0].paired | [.pairs, .gained, .lost] | map(tostring) | join(" ")' "$record")" \
			"$(counts "$old" "$new")" "$old → $new: the pairs that the publishers marked"
		read -r _ gained lost < <(counts "$old" "$new")
		want=$(jq -r '.findings[0].paired | if .shown_lower >= -0.02 then "pass" elif .shown_upper < -0.02 then "fail"
			else "undecided" end' "$record")
		is "$(jq -r '.findings[0].verdict' "$record")" "$want" "… at most 0.02 worse: $want"
		want=$([ "$(dropped "$gained" "$lost")" = yes ] && echo fail || echo pass)
		is "$(jq -r '.findings[1].verdict' "$record")" "$want" "… not below: $want"
		tried=$((tried + 1))
	done
done
is "$tried" 12 "twelve pairs"
done_testing
