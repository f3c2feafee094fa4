# F3 – F8, F12: mistakes in files and words.  Exit 2 with the place, and no request was made.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 30
git -C proj tag good

# refused DESC PART… -- [ARG…]: what lies in proj is committed, `gate run` exits 2 without a request,
# stderr holds every PART; `gate check` says the same.
refused() {
	local desc=$1 parts=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do parts+=("$1"); shift; done
	shift
	git_commit proj "$desc"
	run_gate "$@"
	ends 2 "$desc"
	for part in "${parts[@]}"; do has "$err" "$part" "$desc: says $part"; done
	is "$(since)" 0 "$desc: no request was made"
	gate check -C proj "$@"
	is "$rc" 2 "$desc: check exits 2 too"
	git -C proj checkout -q -f good && git -C proj clean -qfd
}

# F3
echo '[]' >proj/cases.json
sed -i 's/cases.jsonl/cases.json/' proj/gate.yaml
refused "F3 an empty list" 'cases.json' 'no case' --
: >proj/cases.jsonl
refused "F3 an empty file" 'cases.jsonl' 'no case' --
echo 'id,question,expected' >proj/cases.csv
sed -i 's/cases.jsonl/cases.csv/' proj/gate.yaml
refused "F3 a CSV that is only a header" 'cases.csv' 'no case' --
sed -i 's/cases.jsonl/golden\/*.jsonl/' proj/gate.yaml
refused "F3 a glob that matches nothing" 'gate.yaml:16:12' 'golden/*.jsonl' 'no file matches' --
sed -i 's/cases: cases.jsonl/cases: []/' proj/gate.yaml
refused "F3 an empty list in gate.yaml" 'gate.yaml:16:12' --
sed -i 's/cases.jsonl/nowhere.jsonl/' proj/gate.yaml
refused "F3 a dataset that is not there" 'gate.yaml:16:12' 'nowhere.jsonl' --
mkdir proj/empty && : >proj/empty/.keep
sed -i 's/cases.jsonl/empty/' proj/gate.yaml
refused "F3 a folder without a dataset" 'gate.yaml:16:12' --

# F4
refused "F4 a filter that matches no case" '--filter matches no case' 'a glob on case ids' -- --filter 'zzz*'
refused "F4 a filter on a value that no case has" '--filter matches no case' -- --filter question=other
refused "F4 --only without such a suite" "--only names no suite of stage 'pre'" -- --only nosuch
refused "F4 a stage that the policy lacks" 'prod' 'pre' -- --stage prod

# F5
config
sed -i '/metrics:/,$d' proj/gate.yaml
refused "F5 a suite without a scorer" 'gate.yaml' 'main' --
config
sed -i -e '/right:/d' -e 's/metrics:/metrics: {}/' proj/gate.yaml
refused "F5 a suite with an empty list of metrics" 'gate.yaml' 'main' --
config
sed -i '/metrics:/,$d' proj/gate.yaml
policy 'latency.p95 <= 10s'
refused "F5 a suite without a scorer under a built-in threshold" 'main' 'scores nothing' 'metrics:' --
policy
sed -i '/thresholds/d' proj/gate.policy.yaml
refused "F5 a stage with neither threshold nor needs" 'gate.policy.yaml:' "'pre'" 'no blocking threshold' --
policy
sed -i "s/thresholds: .*/thresholds: [{expect: 'right.mean >= 0.5', severity: warn}]/" proj/gate.policy.yaml
refused "F5 a stage whose thresholds only warn" 'gate.policy.yaml:' 'block' --
printf 'version: 1\nstages: {}\n' >proj/gate.policy.yaml
refused "F5 a policy without a stage" 'gate.policy.yaml:2:' --
policy 'rigth.mean >= 0.5'
refused "F5 a threshold on a metric that no suite has" 'gate.policy.yaml:5:' "rigth" "did you mean" --
policy 'right.mean{category=refunds} >= 0.5'
refused "F5 a threshold on an empty slice" 'gate.policy.yaml:5:' 'category' --

# F6
sed -i 's/    metrics:/    asserts:/' proj/gate.yaml
refused "F6 a misspelt key" 'gate.yaml:17:5' "asserts" --
sed -i 's/    metrics:/    metrcs:/' proj/gate.yaml
refused "F6 a misspelt key near another" 'gate.yaml:17:5' "did you mean 'metrics'" --
sed -i 's/thresholds:/treshholds:/' proj/gate.policy.yaml
refused "F6 a misspelt key in the policy" 'gate.policy.yaml:5:5' "did you mean 'thresholds'" --
sed -i 's/expected:/expect:/' proj/gate.yaml
refused "F6 a misspelt setting of a scorer" 'gate.yaml:18:31' "did you mean 'expected'" --
printf 'version: 1\n' >>proj/gate.yaml
refused "F6 a key given twice" 'gate.yaml:19:1' 'version' --
sed -i -e 's/provider: openai/provder: openai/' -e 's/metrics:/metrcs:/' -e 's/cases:/casse:/' proj/gate.yaml
refused "F6 several mistakes" 'gate.yaml:4:5' 'gate.yaml:10:5' 'gate.yaml:16:5' 'gate.yaml:17:5' --

# F7
sed -i 's/scorer: equals/scorer: equal/' proj/gate.yaml
refused "F7 a misspelt scorer" 'gate.yaml:18:23' "unknown scorer 'equal'" "did you mean 'equals'" --
echo '{"id":"x","question":"?","expected":"!","assert":[{"type":"icontain","value":"a"}]}' >>proj/cases.jsonl
refused "F7 a misspelt assertion in a case" 'cases.jsonl:31:' "icontain" "did you mean 'icontains'" --
sed -i '4s/openai/openia/' proj/gate.yaml
refused "F7 a misspelt provider" 'gate.yaml:4:15' "did you mean 'openai'" --

# F8
printf 'Answer.\n{{qestion}}' >proj/prompt.txt
refused "F8 an undefined variable in the prompt" 'prompt.txt:2:' "qestion" "did you mean 'question'" --
sed -i 's/{{expected}}/{{expcted}}/' proj/gate.yaml
refused "F8 an undefined variable in a metric" 'gate.yaml:18:' "expcted" "did you mean 'expected'" --
echo '{"id":"x","expected":"!"}' >>proj/cases.jsonl
refused "F8 a variable that only the last case lacks" "prompt.txt:1:" "question" "x" --
sed -i 's/say 30\."}/say 30.","assert":[{"type":"equals","value":"{{nope}}"}]}/' proj/cases.jsonl
refused "F8 an undefined variable in a case's assertion" 'cases.jsonl:30:' "nope" --
printf 'hello' >proj/prompt.txt
sed -i 's/prompt.txt/promt.txt/' proj/gate.yaml
refused "F8 a prompt that is not there" 'gate.yaml:6:13' 'promt.txt' --

# F12
refused "F12 an unknown flag" "unknown option '--concurrncy'" '`gate help run`' -- --concurrncy 4
gate run -C proj --stge pre
ends 2 "F12 a misspelt flag"
has "$err" "did you mean '--stage'" "F12 the flag that was meant"
gate run -C proj --timeout
ends 2 "F12 a flag without its value"
gate run -C proj --jobs many
ends 2 "F12 a count that is none"
gate run -C proj stray
ends 2 "F12 a stray word"
has "$err" "unexpected 'stray'" "F12 the word is named"
gate rnu
ends 2 "F12 an unknown command"
has "$err" "did you mean 'run'" "F12 the command that was meant"
gate
ends 2 "F12 no command at all"
gate run -C proj --exit-map fail=0
ends 2 "F12 no code may be mapped to zero"
is "$(since)" 0 "F12 no request was made"

# The same project without a mistake passes: the tests above saw their mistake alone.
run_gate
ends 0 "the project itself"
done_testing
