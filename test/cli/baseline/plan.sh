# How many cases a comparison takes, before and after a run has shown how often answers change; k of n repeats.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

cat >script.json <<'END'
{"rules": [
  {"contains": "old say 10", "answer": "no idea"}, {"contains": "old ", "answer": "right"},
  {"contains": "new say 20", "answer": "no idea"}, {"contains": "new ", "answer": "right"}
]}
END
server_start script.json
# long: the long form is a mapping, not the text that `policy` makes of it.
long() { sed -i "s/'{/{/g; s/}'/}/g" proj/gate.policy.yaml && git_commit proj long; }
project 200 'right.mean >= 0.5' 'right.mean >= baseline - 0.02' 'right.mean not-below baseline' 'right.mean >= baseline'
sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl
for word in old new; do
	printf '%s {{question}}' "$word" >proj/prompt.txt
	git_commit proj "$word"
done
run "$GATE" plan -C proj
has "$out" "cases needed: 149 when no answer changes" "the least"
has "$out" "to pass 4 times of 5 when 10 % do (assumed)" "with power, as assumed"
has "$out" "4 times of 5 from a true 0." "what a bar takes"
has "$err" "[no-margin]" "a bare baseline"
has "$err" "baseline - 0.015" "the margin that 200 cases show"
run_gate -j 8 --verbose
has "$out" "from the margin 4 times of 5" "what the row could have seen"
is "$(jq -r '[.findings[] | has("detects")] | join(" ")' "$(ls -td proj/.gate/runs/*/ | head -1)record.json")" \
	"true true true true" "in the record"
run "$GATE" plan -C proj
has "$out" "(as in the run before)" "with power, as the run showed it"
hasnt "$out" "(assumed)" "no longer assumed"

project 100 'right.mean >= baseline - 0.02' 'right.mean >= 0.5'
git_commit proj one
run "$GATE" check -C proj
ends 0 "a warning"
has "$err" "[narrow-margin]" "too few cases for the margin"
has "$err" "it takes 149" "how many it takes"
has "$err" "narrowest margin they show is 0.030" "what these show"
project 4 'right.mean not-below baseline' '{expect: right.mean >= 0.1, decide: observed}'
long
sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl
for word in old new; do
	printf '%s {{question}}' "$word" >proj/prompt.txt
	git_commit proj "$word"
done
mark=$(seen)
run_gate
ends 3 "four pairs show nothing"
is "$(($(seen) - mark))" 0 "nobody pays to learn that"
has "$out" "unreachable: 4 pairs of answers prove nothing" "it says so"

# k of n: 2 of 3 repeats.
project 40 '{expect: right.pass >= 0.8, require: 2 of 3}'
long
sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl
printf 'new {{question}}' >proj/prompt.txt
git_commit proj one
run_gate
ends 2 "repeats that do not fit"
has "$err" "'require: 2 of 3' needs 3 repeats of each case, suite 'main' has 1" "which are needed"
sed -i 's/^\( *\)cases: cases.jsonl/&\n\1repeats: 3/' proj/gate.yaml
git_commit proj three
run_gate
ends 0 "39 of 40 cases pass"
has "$out" "right.pass 2 of 3" "the row says what it asks"
has "$out" "39/40" "cases are counted"
run "$GATE" report --decide "$(ls -td proj/.gate/runs/*/ | head -1)"
ends 0 "decided again"
for bad in '4 of 3' '0 of 3' 'two of three' '2'; do
	policy "{expect: right.pass >= 0.8, require: $bad}"
	long
	run "$GATE" check -C proj
	ends 2 "'$bad' is refused"
	has "$err" "require" "by its name"
done
policy '{expect: right.mean >= 0.8, require: 2 of 3}'
long
run "$GATE" check -C proj
ends 2 "and so is another aggregate"
has "$err" "'require' is for the aggregate 'pass', not for 'mean'" "which is named"
done_testing
