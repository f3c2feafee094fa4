# Recorded answers of four real systems to GSM8K: what gate counts is what the publishers counted,
# answer by answer, and three bars around the truth are passed, left open and failed.
. "$TOP/test/cli/tap.sh"
need_tool git jq
data=data/gsm8k/example_model_solutions.jsonl
need_shared "$data"

mkdir repo
cp "$SHARED/$data" repo/gsm8k.jsonl
cat >repo/gate.yaml <<'END'
version: 1
targets:
  small: {provider: recorded, answer: "{{case['6b_finetuning'].solution}}"}
  small-verified: {provider: recorded, answer: "{{case['6b_verification'].solution}}"}
  large: {provider: recorded, answer: "{{case['175b_finetuning'].solution}}"}
  large-verified: {provider: recorded, answer: "{{case['175b_verification'].solution}}"}
suites:
  of_6b_finetuning: &suite
    target: small
    cases: gsm8k.jsonl
    metrics:
      correct: {scorer: numeric, expected: "{{ground_truth}}"}
  of_6b_verification: {<<: *suite, target: small-verified}
  of_175b_finetuning: {<<: *suite, target: large}
  of_175b_verification: {<<: *suite, target: large-verified}
END
cat >repo/gate.policy.yaml <<'END'
version: 1
stages:
  low: {suites: [of_175b_verification], thresholds: ["correct.mean >= 0.53"]}
  middle: {suites: [of_175b_verification], thresholds: ["correct.mean >= 0.56"]}
  high: {suites: [of_175b_verification], thresholds: ["correct.mean >= 0.60"]}
END
git_repo repo
git_commit repo start

# The four systems, every answer.
exits 0 "all four are measured" "$GATE" run -C repo --measure --store ../all
run_of() { echo "$1"/runs/*; }
all=$(run_of all)
by_suite() { jq -r --arg s "of_$1" 'select(.suite == $s) | .scores.correct.value' "$all/outcomes.jsonl"; }
published() { jq -r --arg s "$1" '.[$s].is_correct | if . then 1 else 0 end' repo/gsm8k.jsonl; }
for pair in 6b_finetuning=286 6b_verification=515 175b_finetuning=458 175b_verification=742; do
	system=${pair%=*}
	is "$(by_suite "$system" | awk '{ n += $1 } END { print n " of " NR }')" "${pair#*=} of 1319" \
		"$system: ${pair#*=} of 1,319"
	is "$(by_suite "$system" | sha256sum)" "$(published "$system" | sha256sum)" \
		"... and the same ones that the publishers marked"
done
is "$(jq '[.suites[] | .scored] | add' "$all/record.json")" 5276 "5,276 answers scored"
is "$(jq '[.suites[] | .unscored + .quarantined + .surplus] | add' "$all/record.json")" 0 "none left out"

# Three bars for one system.
bar() { # STAGE EXIT VERDICT
	exits "$2" "$1: exit $2" "$GATE" run -C repo --stage "$1" --store "../$1"
	is "$(jq -r '.findings[0].verdict' "$(run_of "$1")/record.json")" "$3" "$1: $3"
}
bar low 0 pass
bar middle 3 undecided
bar high 1 fail
is "$(jq -r '.findings[0] | [.lower, .upper | . * 10000 | round] | map(tostring) | join(" ")' \
	"$(run_of high)/record.json")" "5396 5853" "the bounds are 0.5396 and 0.5853"

# Peak memory while all four run, as the kernel counts it.
case $GATE in
*/build/gate)
	"$GATE" run -C repo --measure --no-store >/dev/null 2>&1 &
	peak=0
	while seen=$(awk '/^VmHWM/ { print $2 }' "/proc/$!/status" 2>/dev/null) && [ -n "$seen" ]; do
		peak=$seen
		sleep 0.01
	done
	wait $!
	is "$?" 0 "the same without a store"
	ok "under 64 MB (peak $peak kB)" test "$peak" -gt 0 -a "$peak" -lt 65536 ;;
*) skip "memory is judged with the shipped binary only" ;;
esac
done_testing
