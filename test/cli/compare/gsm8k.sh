# Four real systems on the same 1,319 questions, each a commit: every pair's flips are those that the
# publishers' own marks give.  test/interop/paired_test.sh has the statistics beside scipy's.
. "$TOP/test/cli/tap.sh"
need_tool git jq
need_shared data/gsm8k/example_model_solutions.jsonl
. "$TOP/test/cli/compare/gsm8k.inc"
gsm8k_runs repo

# flips OLD NEW: "wrong→right right→wrong" by the publishers.
flips() {
	jq -rs --arg a "$1" --arg b "$2" 'map([.[$a].is_correct, .[$b].is_correct]) |
		[(map(select(.[1] and (.[0] | not))) | length), (map(select(.[0] and (.[1] | not))) | length)] |
		join(" ")' repo/gsm8k.jsonl
}
while read -r old new; do
	exits 0 "$old and $new" "$GATE" compare -C repo "$old" "$new" --format json
	is "$(jq -r '.comparisons[0].suites[0].metrics[0] | [.wrong_to_right, .right_to_wrong] | join(" ")' "$tap_dir/out")" \
		"$(flips "$old" "$new")" "... the flips are the publishers'"
done < <(gsm8k_pairs)
exits 0 "all four" "$GATE" compare -C repo $gsm8k_systems --flips 0
has "$out" "dominated by D" "the best one beats the others"
is "$(grep -c '1,319 pairs' "$tap_dir/out")" 3 "three comparisons with the first"
done_testing
