# F15: twenty cases cannot prove 0.95, however good they are: said before a call is made.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 20 'right.mean >= 0.95'
run_gate
ends 3 "F15 twenty cases against 0.95"
is "$(since)" 0 "F15 no call was made"
has "$out$err" "0.861" "F15 the best bound that twenty can reach"
has "$out$err" "59" "F15 the cases that would be needed"
has "$out$err" "decide: observed" "F15 the third way out"
has "$out" "no call was made" "F15 it says so"
accounts 20 0 20
for cmd in check plan; do
	gate $cmd -C proj
	has "$out$err" "0.861" "F15 $cmd says it too"
	has "$out$err" "59" "F15 $cmd: how many cases"
	[ $cmd = plan ] || ends 3 "F15 $cmd"
done
run_gate --spend-anyway
ends 3 "F15 --spend-anyway"
is "$(since)" 20 "F15 --spend-anyway calls"
accounts 20 20 0
has "$out" "20/20" "F15 what was observed is shown"

# A warning row stops nobody.
project 20 'right.mean >= 0.5'
sed -i "s/thresholds: .*/thresholds: ['right.mean >= 0.5', {expect: 'right.mean >= 0.95', severity: warn}]/" \
	proj/gate.policy.yaml
git_commit proj
run_gate --fresh
ends 0 "F15 the unreachable row only warns"
has "$out$err" "0.861" "F15 ... and is said"

# As observed, twenty are enough; fifty-nine prove it.
project 20 'right.mean >= 0.95'
sed -i "s/thresholds: .*/thresholds: [{expect: 'right.mean >= 0.95', decide: observed}]/" proj/gate.policy.yaml
git_commit proj
run_gate
ends 0 "F15 decide: observed"
project 59 'right.mean >= 0.95'
run_gate
ends 0 "F15 fifty-nine cases"
project 58 'right.mean >= 0.95'
run_gate
ends 3 "F15 fifty-eight cases"
done_testing
