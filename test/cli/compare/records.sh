# Records and commits side by side: what is counted, what is said before the numbers, what is refused.
. "$TOP/test/cli/tap.sh"
need_tool git jq

# Two answers a case: 40 cases, the first 30 right in `old`; `new` mends four and breaks one.
mkdir p
cat >p/gate.yaml <<'END'
version: 1
targets:
  bot: {provider: recorded, answer: "{{old}}"}
suites:
  answers:
    target: bot
    cases: cases.jsonl
    metrics:
      correct: {scorer: equals, value: "{{expected}}"}
      close: {scorer: levenshtein, value: "{{expected}}", graded: true}
END
for ((i = 0; i < 40; i++)); do
	old=yes new=yes
	[ "$i" -lt 30 ] || old=no
	[ "$i" -lt 34 ] || new=no
	[ "$i" != 7 ] || new='::error::no|`x`\u001b[31m'
	printf '{"id":"case-%02d","question":"q%d","expected":"yes","old":"%s","new":"%s"}\n' "$i" "$i" "$old" "$new"
done >p/cases.jsonl
git_repo p && git_commit p old && cd p || exit 1
git tag old
exits 0 "the old one" "$GATE" run --measure
sed -i 's/{{old}}/{{new}}/' gate.yaml && git_commit . new && git tag new
exits 0 "the new one" "$GATE" run --measure

exits 0 "two commits" "$GATE" compare old new -o ../c.json -o ../c.md -o ../c.txt
has "$out" "answers  40 pairs" "are paired"
like "$out" 'correct +0\.750 +0\.825 +\+0\.075 ' "with both values and the difference"
like "$out" '−1 \+4' "and the flips"
like "$out" '− case-07 +expected' "the one that broke, with its reason"
like "$out" '\+ case-30 +was: expected' "one that was mended, with what was wrong"
unlike "$out" $'\033' "nothing steers the terminal"
unlike "$out" $'(^|\n)[[:space:]]*::' "no line is a CI command"
q() { jq -r "$1" ../c.json; }
m() { q ".comparisons[0].suites[0].metrics[] | select(.metric == \"$1\") | $2"; }
is "$(m correct '[.pairs, .old.mean, .new.mean, .right_to_wrong, .wrong_to_right] | map(tostring) | join(" ")')" \
	"40 0.75 0.825 1 4" "the JSON has the counts"
# 2 (C(5,0) + C(5,1)) / 32
is "$(m correct .p)" 0.375 "exact McNemar"
is "$(m correct .method)" tango "Tango's interval"
is "$(m correct '.lower < 0.075 and .upper > 0.075')" true "around the difference"
is "$(m correct '[.flips[].case] | join(" ")')" "case-07 case-30 case-31 case-32 case-33" "the flips, worse ones first"
is "$(q '.comparisons[0] | [.same_candidate, .suites[0].same_suite] | map(tostring) | join(" ")')" \
	"false true" "another candidate, the same suite"
is "$(q '.pareto[0].points | map(.frontier | tostring) | join(" ")')" "false true" "the worse one is off the frontier"
has "$(cat ../c.md)" '| **A** |' "a comment in Markdown"
cp "$tap_dir/out" ../screen
exits 0 "again" "$GATE" compare old new
ok "the file is the screen" cmp ../screen ../c.txt
exits 0 "by --format" "$GATE" compare old new --format json
cp "$tap_dir/out" ../screen
ok "the same JSON" cmp ../screen ../c.json

# Names.
first=$(grep -l "$(git rev-parse old)" .gate/runs/*/record.json)
first=${first%/record.json}
exits 0 "a folder and a run id" "$GATE" compare "$first" "${first##*/}"
has "$out" "same candidate: what differs is chance" "is one run with itself"
exits 0 "last" "$GATE" compare old last
has "$out" "correct" "is a record"
exits 0 "from elsewhere" "$GATE" compare -C .. --store p/.gate --repo p old new
exits 2 "from elsewhere without the repository" "$GATE" compare -C .. --store p/.gate old new
has "$err" "no record 'old'" "says what is missing"
mkdir old
exits 0 "a folder without a record does not stand before a commit" "$GATE" compare old new
rmdir old
git tag "${first##*/}"
exits 0 "a run id that is also a tag" "$GATE" compare "${first##*/}" new
has "$out" "A  $(git rev-parse --short=7 old)" "is the run"
git_commit . other
exits 2 "a commit without a run" "$GATE" compare old HEAD
has "$err" "gate run --measure --commit HEAD" "says what makes one"
exits 2 "neither" "$GATE" compare old nowhere
has "$err" "no record 'nowhere'" "is said"
exits 2 "nothing" "$GATE" compare
exits 2 "one record without a baseline" "$GATE" compare last
has "$err" "no answers of a baseline" "is said"
exits 2 "an unknown format" "$GATE" compare old new --format jsn
has "$err" "did you mean 'json'" "is suggested"
exits 2 "an extension" "$GATE" compare old new -o x.xml
exits 2 "an output that cannot be written" "$GATE" compare old new -o /nowhere/x.json
exits 2 "an unknown metric" "$GATE" compare old new --metric corect
has "$err" "did you mean 'correct'" "is suggested"
exits 0 "a metric of one suite" "$GATE" compare old new --metric answers/close
has "$out" "pareto  answers/close" "is the frontier's quality"
exits 0 "no flips" "$GATE" compare old new --flips 0
hasnt "$out" "case-07" "are listed"
exits 0 "one flip" "$GATE" compare old new --flips 1
has "$out" "3 more; --flips lists them" "the rest is counted"
exits 2 "too many records" "$GATE" compare $(for i in {1..21}; do echo last; done)
exits 0 "twenty" "$GATE" compare --format json $(for i in {1..20}; do echo last; done)
is "$(jq -c '[(.comparisons | length), (.pareto[0].points | length)]' "$tap_dir/out")" "[19,20]" "19 with the first, 20 on the frontier"

# Another suite, cases that only one has, another cut.
sed -i '$d' cases.jsonl
printf '{"id":"case-99","question":"q","expected":"yes","old":"no","new":"yes"}\n' >>cases.jsonl
git_commit . cases
exits 0 "other cases" "$GATE" run --measure
exits 0 "compared" "$GATE" compare new HEAD
has "$out" "ANOTHER SUITE" "say so"
has "$out" "left out: 1 sample in A only, 1 in B only" "count who has no partner"
sed -i 's/"case-/"other-/' cases.jsonl && git_commit . ids
exits 0 "no case in common" "$GATE" run --measure
exits 0 "compared" "$GATE" compare new HEAD --format json
is "$(jq -r '.comparisons[0].suites[0] | [.paired, .metrics[0].method] | map(tostring) | join(" ")' "$tap_dir/out")" \
	"false score" "not paired"
sed -i 's/^  answers:/  replies:/' gate.yaml && git_commit . name
exits 0 "another name" "$GATE" run --measure
exits 2 "compared" "$GATE" compare new HEAD
has "$err" "no suite in common" "is refused"

# A record that was changed.
cp -r "$first" ../edited && sed -i 's/"value":0/"value":1/' ../edited/outcomes.jsonl
exits 4 "an edited record" "$GATE" compare ../edited new
done_testing
