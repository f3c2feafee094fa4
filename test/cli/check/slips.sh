# Slips that would cost an hour: a misspelt key that another message hides, a policy's key that
# nothing acts upon; and what a plan says of bars that can be reached.
. "$TOP/test/cli/tap.sh"
mkdir p && cd p && "$GATE" init >/dev/null && git_at init -q -b main . || exit 1

sed -i '0,/scorer:/s//scoer:/' gate.yaml
run "$GATE" check --worktree
is "$rc" 2 "a misspelt key of a metric"
like "$err" "gate.yaml:13:16: error: key 'scorer' is missing in 'correct'; 'scoer' is here: did you mean 'scorer'\?" \
	"the slip is named"
sed -i 's/scoer:/scorer:/' gate.yaml
echo 'judge: {agreement: 0.9}' >>gate.policy.yaml
run "$GATE" check --worktree
is "$rc" 2 "what no part of gate acts upon"
like "$err" "gate.policy.yaml:12:9: error: .*agreement" "is refused at its place"
sed -i '$d' gate.policy.yaml

run "$GATE" plan --worktree
is "$rc" 0 "a plan"
has "$out" "40 samples  19 of 40 cases suffice when every one is good" \
	"says how many cases suffice"
has "$out" "40 samples (40 cases × 1)  0 calls" "and what is called"
sed -i 's/^      - correct.mean.*/      - correct.mean >= 0.99\n      - correct.mean >= 0.98\n&/' gate.policy.yaml
run "$GATE" run --worktree --spend-anyway
is "$rc" 3 "several bars on one metric"
has "$out" "is blocked: correct.mean ≥ 0.99, correct.mean ≥ 0.98   exit 3" "are told apart at the end"
done_testing
