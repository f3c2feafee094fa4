# What gate check says beyond what a run needs: twins, credentials and personal data, by place and
# masked; what is made up on purpose is let be; 100,000 rows take little.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

check() { gate check -C proj; }
project 40
check
is "$rc" 0 "a clean project"
is "$(grep -c warning "$tap_dir/err")" 0 "a clean project has no warning"

# The same content under another id; weight and cluster do not make another case of it.
cases 40
echo '{"id":"again","question":"say 7.","expected":"say 7.","weight":2,"cluster":"x"}' >>proj/cases.jsonl
git_commit proj
check
is "$rc" 0 "twins are a warning"
has "$err" "cases.jsonl:41:1: warning: case 'again' says the same as case 'q7' at cases.jsonl:7" "both places are named"
for i in 1 2 3 4 5 6 7 8; do echo "{\"id\":\"t$i\",\"question\":\"say $i.\",\"expected\":\"say $i.\"}"; done >>proj/cases.jsonl
git_commit proj
check
has "$err" "9 cases of suite 'main' say the same" "many twins are counted"
is "$(grep -c 'says the same' "$tap_dir/err")" 5 "and five of them named"
sed -i 's/^    cases: cases.jsonl/&\n    allow: [duplicates]/' proj/gate.yaml
git_commit proj
check
hasnt "$err" "repeated-cases" "allow: [duplicates] lets them be"

# Credentials: made by the test, so that no scanner of repositories stumbles over this file.
key=AKIA$(printf Q3EGRTVNB4YDM5ZX)
project 40
echo "{\"id\":\"leak\",\"question\":\"my key is $key\",\"expected\":\"no\"}" >>proj/cases.jsonl
git_commit proj
check
ends 2 "a key in a dataset"
has "$err" "cases.jsonl:41:1: error: a credential is committed: AWS access key in 'question'" "its place and kind"
hasnt "$err$out" "$key" "the key is not shown"
sed -i 's/^    cases: cases.jsonl/&\n    allow: [secrets]/' proj/gate.yaml
git_commit proj
check
is "$rc" 0 "allow: [secrets]"
hasnt "$err" secret "allow: [secrets] is silent"
project 40
printf 'Be kind.\nUse %s.\n{{question}}' "$key" >proj/prompt.txt
git_commit proj
check
ends 2 "a key in a prompt"
has "$err" "prompt.txt:2:5: error: a credential is committed" "to the column"
project 40
sed -i "s/temperature: 0/temperature: 0, user: $key/" proj/gate.yaml
git_commit proj
check
ends 2 "a key in gate.yaml"
like "$err" "gate.yaml:8:[0-9]+: error: a credential" "to the line"
printf 'ours is AKIAIOSFODNN7EXAMPLE\n{{question}}' >proj/prompt.txt
sed -i "s/, user: $key//" proj/gate.yaml
git_commit proj
check
is "$rc" 0 "a documented example is no secret"

# Personal data: one line a file and kind.
project 40
for i in 1 2 3; do
	echo "{\"id\":\"p$i\",\"question\":\"write to jo$i.lind@fastmail.com\",\"expected\":\"n$i\"}"
done >>proj/cases.jsonl
echo '{"id":"card","question":"pay with 5425 2334 3010 9903","expected":"c"}' >>proj/cases.jsonl
echo '{"id":"fine","question":"a@example.com, (212) 555-0142, 4242 4242 4242 4242, 10.1.2.3","expected":"f"}' >>proj/cases.jsonl
printf 'Escalate to anna.berg@fastmail.com\n{{question}}' >proj/prompt.txt
git_commit proj
check
is "$rc" 0 "personal data is a warning"
has "$err" "cases.jsonl:41:1: warning: email in 'question': 'jo1'*** (21 bytes), and 2 more in this file" "counted by file and kind"
has "$err" "cases.jsonl:44:1: warning: card in 'question'" "a card"
has "$err" "prompt.txt:1:13: warning: email" "in a prompt, to the column"
hasnt "$err" "fastmail" "masked"
hasnt "$err" "cases.jsonl:45" "reserved examples are not told"
sed -i 's/^    cases: cases.jsonl/&\n    allow: [pii]/' proj/gate.yaml
git_commit proj
check
hasnt "$err" "cases.jsonl" "allow: [pii] is for the suite's datasets"
has "$err" "prompt.txt:1:13" "and not for the prompt"
sed -i 's/allow: \[pii\]/allow: [pi]/' proj/gate.yaml
git_commit proj
check
ends 2 "an allowance that does not exist"

# Large.
project 40
cases 100000
git_commit proj
TIMEFORMAT='%U'
{ time check; } 2>used
took=$(tail -n 1 used)
is "$rc" 0 "100,000 cases"
case $GATE in
*/build/gate) ok "100,000 cases take a few seconds of a processor ($took s)" test "${took%.*}" -le 12 ;;
esac
done_testing
