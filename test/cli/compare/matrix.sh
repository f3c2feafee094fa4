# gate compare --matrix: every combination of prompts, models and parameters, from one committed file.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# m2 answers every case, m1 only with prompt b, and both answer wrongly to case 4.
cat >script.json <<'END'
{"rules": [
  {"contains": "say 4.", "answer": "four"},
  {"contains": "\"m2\"", "answer": "{{user}}"},
  {"contains": "loud", "answer": "{{user}}"},
  {"answer": "no"}
]}
END
server_start script.json
project 6 'right.mean >= 0.5'
mkdir proj/prompts
printf '{{question}}' >proj/prompts/a.md
printf 'Be loud.' >proj/prompts/s.md
sed -i 's/prompt: prompt.txt/prompt: prompts\/a.md/' proj/gate.yaml
# matrix LINE…: the file, committed.
matrix() {
	printf '%s\n' 'version: 1' 'target: bot' "$@" >proj/matrix.yaml
	git_commit proj matrix
}
m() { run "$GATE" compare -C proj --matrix matrix.yaml "$@"; }
matrix 'prompts: [prompts/a.md, {system: prompts/s.md, user: prompts/a.md}]' 'models: [m1, {id: m2, region: x}]' \
	'params: [{temperature: 0.5}]'
seen_mark
m -o c.json -o c.md
ends 0 "2 × 2 × 1"
is "$(since)" 24 "each is called once a case"
has "$err" "matrix.yaml: 4 combinations of target 'bot': 24 calls" "what it takes is said first"
has "$err" "2/4  prompts/a.md · m2 in x · params 1" "and which is under way"
q() { jq -r "$1" proj/c.json; }
is "$(q '[.records[].name] | join("; ")')" \
	"prompts/a.md · m1 · params 1; prompts/a.md · m2 in x · params 1; prompts/s.md + prompts/a.md · m1 · params 1; prompts/s.md + prompts/a.md · m2 in x · params 1" \
	"each has its name"
is "$(q '[.records[].candidate_id] | unique | length')" 4 "and is a candidate of its own"
is "$(q '[.comparisons[] | .suites[0] | [.pairs, .metrics[0].wrong_to_right, .metrics[0].right_to_wrong]] | tojson')" \
	"[[6,5,0],[6,5,0],[6,5,0]]" "each is set against the first"
is "$(q '[.pareto[0].points[] | .quality * 6 | round] | tojson')" "[0,5,5,5]" "what each answered is its own"
like "$out" 'A  0\.000 .*prompts/a\.md · m1 · params 1' "a row has metric and name"
has "$(cat proj/c.md)" '| **D** | `prompts/s.md + prompts/a.md · m2 in x · params 1`' "a comment names them"
"$GATE" schema compare >compare.schema.json
is "$(jq -r '.properties.records.maxItems' compare.schema.json)" 64 "the schema has room for 64"
record=$(grep -l '"prompts/a.md · m1 · params 1"' proj/.gate/runs/*/record.json | head -n 1)
is "$(jq -c '[.combination.matrix, .combination.name, .measure, .filtered]' "$record")" \
	'["matrix.yaml","prompts/a.md · m1 · params 1",true,false]' "the record says what it is"
like "$(jq -r '.notes[0]' "$record")" "combination of a matrix: prompts/a.md · m1" "in a note, too"
exits 2 "no combination stands for its commit" "$GATE" compare -C proj HEAD last
has "$err" "no finished run of commit" "is said"

m
ends 0 "once more"
is "$(since)" 0 "nothing is called"
has "$err" "0 calls, 24 reused" "is said before"
m --fresh -j 3 --sample 2
ends 0 "--fresh, a sample"
is "$(since)" 8 "calls it again"
m --filter q1
ends 0 "--filter"
is "$(since)" 0 "a part of what is stored"

# The same call by the file and by gate.yaml is one: its answers are reused.
run_gate
ends 1 "the target itself"
is "$(since)" 6 "has other parameters"

# JSON, suites, the work tree, another commit, members that stay as they are.
printf '{"version":1,"target":"bot","suites":["main"],"models":[{"id":"m1"},"m2"]}' >proj/matrix.json
exits 2 "not committed" "$GATE" compare -C proj --matrix matrix.json
like "$err" "--matrix: .*matrix.json" "names the file"
is "$(since)" 0 "nothing is called"
exits 0 "--worktree" "$GATE" compare -C proj --matrix matrix.json --worktree
is "$(since)" 6 "m1 is the target itself, whose answers are there"
git_commit proj json
git -C proj tag json
git -C proj rm -q matrix.json && git_commit proj gone
exits 0 "--commit" "$GATE" compare -C proj --matrix matrix.json --commit json
is "$(since)" 0 "reads it there"

matrix 'models: [m1, m2]' 'params: [{temperature: 0.25, seed: 9}]'
m
ends 0 "two models"
seen_mark

# Suites and policy of a protected ref, the combinations of the commit.
git -C proj tag protected
matrix 'prompts: [prompts/a.md, prompts/s.md]'
sed -i 's/equals, expected/contains, value/' proj/gate.yaml && git_commit proj scorer
git -C proj config gate.policyRef protected
m -o p.json
ends 0 "a policy ref"
has "$err" "the change edits 'gate.yaml': judged by the version at protected" "judges them"
is "$(jq -c '[.records[].candidate_id] | unique | length' proj/p.json)" 2 "and they differ all the same"
git -C proj config --unset gate.policyRef
git -C proj checkout -q protected -- gate.yaml && git_commit proj back
seen_mark

# Mistakes: told once, at their place, before any call.
matrix 'prompts: [prompts/a.md, prompts/nil.md]' 'models: [m7, m8]'
m
ends 2 "a prompt that is not there"
is "$(grep -c 'error:' <<<"$err")" 1 "is one error"
has "$err" "matrix.yaml:3:25: error:" "at its place"
matrix 'models: [m7, m8]' 'params: [{temperature: 0}, {temperature: "{{bind.x}}"}]'
m
ends 2 "a binding that no stage gives"
has "$err" "matrix.yaml:4:45: error:" "is told where it stands"
matrix 'modles: [m1, m2]'
m
ends 2 "an unknown key"
like "$err" "matrix.yaml:3:1: error: .*modles.*did you mean 'models'" "is told with what was meant"
matrix 'models: [m1]'
m
ends 2 "one combination"
has "$err" "make 1 combination; a matrix has 2 to 64 of them" "is none"
matrix
m
ends 2 "no list"
matrix 'models: [m1, m1]'
m
ends 2 "a model twice"
matrix "models: [$(printf 'm%s, ' {1..13})]" 'params: [{seed: 1}, {seed: 2}, {seed: 3}, {seed: 4}, {seed: 5}]'
m
ends 2 "65 combinations"
has "$err" "make 65 combinations; a matrix has 2 to 64 of them" "are too many"
matrix 'suites: [mian]' 'models: [m1, m2]'
m
ends 2 "an unknown suite"
like "$err" "matrix.yaml:3:10: error: no suite 'mian' .*did you mean 'main'" "is told"
is "$(grep -c 'error:' <<<"$err")" 1 "once"
printf '%s\n' 'version: 1' 'target: bto' 'models: [m1, m2]' >proj/matrix.yaml && git_commit proj target
m
ends 2 "an unknown target"
like "$err" "matrix.yaml:2:9: error: .*'bto'.*did you mean 'bot'" "is told"
printf '%s\n' 'version: 1' 'target: judge' 'models: [m1, m2]' >proj/matrix.yaml && git_commit proj target
m
ends 2 "a target without a suite"
has "$err" "matrix.yaml:2:9: error: no suite evaluates target 'judge'" "is told"
matrix 'models: [m1, {id: m2, base_url: "http://127.0.0.2:9/v1"}]'
m
ends 2 "a host that the policy does not list"
exits 2 "a path out of the tree" "$GATE" compare -C proj --matrix ../matrix.yaml
exits 2 "records beside it" "$GATE" compare -C proj --matrix matrix.yaml last
exits 2 "--run beside it" "$GATE" compare -C proj --matrix matrix.yaml --run HEAD HEAD
exits 2 "--only" "$GATE" compare -C proj --matrix matrix.yaml --only main
exits 2 "--commit without it" "$GATE" compare -C proj last last --commit HEAD
exits 2 "--worktree without it" "$GATE" compare -C proj last last --worktree
is "$(since)" 0 "nothing was called"

# Names are anybody's text.
printf '%s\n' 'version: 1' 'target: bot' 'models: ["m2\n::error::no|`x`", "m2\u001b[31m<b>"]' >proj/matrix.yaml
git_commit proj hostile
m -o h.md -o h.json
ends 0 "hostile names"
unlike "$out$err" $'\033' "nothing steers the terminal"
unlike "$out$err$(cat proj/h.md)" $'(^|\n)[[:space:]]*::' "no line is a CI command"
is "$(jq '.records | length' proj/h.json)" 2 "two records"

# 64 is the most, and all of it stays a comparison.
matrix "models: [$(printf 'n%s, ' {1..32})]" 'params: [{seed: 1}, {seed: 2}]'
seen_mark
m --sample 1 -o w.json
ends 0 "64 combinations"
is "$(since)" 64 "are all called"
is "$(jq -r '[.records[25, 26, 63].label] | join(" ")' proj/w.json)" "Z AA BL" "and labelled"

# One ceiling for all of it together.
cat >>proj/gate.policy.yaml <<'END'
prices: {currency: USD, date: 2026-11-01, source: contract, rows: [{model: "*", request: 0.01}]}
END
matrix 'models: [p1, p2, p3]' 'params: [{seed: 5, max_tokens: 9}]'
m --budget-usd 0.09 -j 1 -o b.json
ends 3 "a ceiling that is reached"
has "$err" "estimated cost: \$0.18" "is less than what was said"
is "$(since)" 9 "and ends the calls of all"
is "$(jq -c '[.records[].spend_usd]' proj/b.json)" "[0.06,0.03,0]" "wherever it is reached"
exits 2 "no dollars" "$GATE" compare -C proj --matrix matrix.yaml --budget-usd 0
done_testing
