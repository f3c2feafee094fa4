# Early stop beside a baseline: pairs are settled by looks, or nothing is.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

record() { jq -r "$1" "$(ls -td proj/.gate/runs/*/ | head -1)record.json"; }
again() { # the record decides itself
	run "$GATE" report --decide "$(ls -td proj/.gate/runs/*/ | head -1)"
	is "$rc" "$(record .exit_code)" "$1: the record decides itself again"
}
# sides N THRESHOLD…: HEAD~1 asks "old …", HEAD asks "new …".
sides() {
	project "$@"
	sed -i 's/^    suites:/    stop: early\n&/' proj/gate.policy.yaml
	sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl
	printf 'old {{question}}' >proj/prompt.txt
	git_commit proj old
	printf 'new {{question}}' >proj/prompt.txt
	git_commit proj new
}
echo '{"rules":[{"contains":"old say 1","answer":"no"},{"contains":"new say 2","answer":"no"},{"answer":"right"}]}' >script.json
server_start script.json

sides 300 'right.mean >= 0.3' 'right.mean >= baseline - 0.6'
run_gate -j 4
ends 0 "a margin far away"
ok "calls are saved ($(seen) of 600)" test "$(seen)" -lt 400
is "$(record '[.suites[] | .scored + .unscored + .quarantined + .surplus] | join(" ")')" "300 300" "both sides are accounted"
is "$(record '.suites[0].surplus')" "$(record '.suites[1].surplus')" "and stopped together"
again "a margin"
jq -S 'del(.times, .suites[].times, .suites[].usd, .suites[].judge_usd, .spend)' \
	"$(ls -td proj/.gate/runs/*/ | head -1)record.json" >one.json
rm -rf proj/.gate
run_gate -j 64
is "$(jq -S 'del(.times, .suites[].times, .suites[].usd, .suites[].judge_usd, .spend)' \
	"$(ls -td proj/.gate/runs/*/ | head -1)record.json")" "$(cat one.json)" "-j 64 decides at the same look"

# A drop is proven by a look; "not below" is kept only when no completion could prove one.
sides 300 'right.mean >= 0.1' 'right.mean not-below baseline'
run_gate -j 4 --fresh
is "$(record '.findings[1].method' | grep -c martingale)" 0 "no regression is no early pass"
again "not below"
server_stop
echo '{"rules":[{"contains":"new say","answer":"no"},{"answer":"right"}]}' >script.json
server_start script.json
sides 300 'right.mean not-below baseline'
run_gate -j 4
ends 1 "every case lost"
ok "is seen early ($(seen) of 600)" test "$(seen)" -lt 200
again "a drop"
server_stop
done_testing
