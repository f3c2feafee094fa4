# A candidate never sees what it is judged by, whatever key of a metric reads it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# shown DESC METRIC PROMPT WORDS: refused at the prompt's place.  allowed DESC METRIC PROMPT: not.
try() {
	project 2 'right.mean >= 0.1'
	sed -i "s/      right: .*/      right: $1/" proj/gate.yaml
	printf '%s' "$2" >proj/prompt.txt
	for i in 1 2; do
		printf '{"id":"%s","question":"q %s","expected":"x","reference":"r","references":["r"],"context":"c","output":"o","trace":[],"assert":[{"type":"contains","value":"x"}]}\n' $i $i
	done >proj/cases.jsonl
	git_commit proj "$1"
	gate check -C proj
}
shown() {
	try "$2" "$3"
	is "$rc" 2 "$1: exit 2"
	like "$err" "^prompt.txt:1:[0-9]+: error: the prompt of target 'bot' reads $4.*\[answer-shown\]" "$1: located"
}
allowed() {
	try "$2" "$3"
	hasnt "$err" "[answer-shown]" "$1"
}
contains='{scorer: contains, value: "{{expected}}"}'
fixed='{scorer: contains, value: x}'
shown "the expected answer, compared under another key" "$contains" '{{question}} {{expected}}' "'expected'"
shown "... by a filter" "$contains" "{{question}} {{ expected | upper }}" "'expected'"
shown "... in a condition" "$contains" "{{question}}{% if expected == 'x' %}x{% endif %}" "'expected'"
shown "the expected answer that no metric reads" "$fixed" '{{question}} {{expected}}' "'expected', which by its name holds an answer"
for v in assert output trace; do
	shown "the case's $v" "$fixed" "{{question}} {{$v}}" "'$v', which by its name"
done
shown "a reference that a metric reads" '{scorer: contains, value: "{{reference}}"}' '{{question}} {{reference}}' \
	"'reference', which metric 'right'"
shown "... inside of a list" '{scorer: contains-any, value: ["a", "{{references[0]}}"]}' '{{question}} {{references}}' \
	"'references', which metric 'right'"
allowed "a reference that no metric reads is a document" "$contains" '{{question}} {{reference}}'
allowed "a context that a metric reads, too" '{scorer: contains, value: "{{context}}"}' '{{question}} {{context}}'
allowed "a name of the template's own" "$contains" '{% set expected = question %}{{expected}}'

# Recorded answers read what the case brings, and not what is expected.
recorded() {
	project 2 'right.mean >= 0.1'
	printf 'version: 1\ntargets:\n  bot: {provider: recorded, answer: "%s"}\nsuites:\n  main:\n    target: bot\n    cases: cases.jsonl\n    metrics:\n      right: {scorer: contains, value: "{{expected}}"}\n' "$1" >proj/gate.yaml
	echo '{"id":"a","expected":"x","output":"o"}' >proj/cases.jsonl
	git_commit proj recorded
	gate check -C proj
}
recorded '{{output}}!'
hasnt "$err" "[answer-shown]" "an answer made of the case's output"
recorded '{{expected}}'
is "$rc" 2 "an answer that is the expected one: exit 2"
has "$err" "the answer of target 'bot' reads 'expected'" "... is told"
done_testing
