# F9 – F11: a judge that says nothing usable has judged nothing: unscored, never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# judged DESC VERDICT CAUSE: the judge answers every case with VERDICT (JSON text of a string).
judged() {
	local desc=$1 verdict=$2 cause=$3
	printf '{"rules":[{"path":"/judge","answer":%s},{"answer":"{{user}}"}]}' "$verdict" >script.json
	server_start script.json
	project 20 'good.mean >= 0.5'
	config 'good: {scorer: judge, rubric: "Is the answer polite?", with: judge}'
	git_commit proj
	run_gate
	ends 3 "$desc"
	accounts 20 0 20
	like "$out" "q1: judge[^
]*$cause" "$desc: the cause is named"
	like "$out" 'good\.mean +(–|0/0) ' "$desc: nothing is observed, not even a zero"
	server_stop
}
judged "F9 a score without pass" '"{\"score\":0}"' "'pass'|pass"
judged "F10 an empty object" '"{}"' "'pass'|pass"
judged "F11 pass with score 0" '"{\"pass\":true,\"score\":0,\"reason\":\"fine\"}"' 'contradict|score'
judged "F11 fail with score 1" '"{\"pass\":false,\"score\":1,\"reason\":\"fine\"}"' 'contradict|score'
judged "F11 prose" '"I think this passes."' '.'
judged "F11 pass as text" '"{\"pass\":\"true\",\"score\":1,\"reason\":\"fine\"}"' "pass"
judged "F11 two verdicts" \
	'"{\"pass\":true,\"score\":1,\"reason\":\"a\"} {\"pass\":false,\"score\":0,\"reason\":\"b\"}"' '.'
judged "F11 nothing" '""' '.'

# The judge's own failing call: unscored as well, and the target's answers were paid once.
echo '{"rules":[{"path":"/judge","status":403},{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 20 'right.mean >= 0.5' 'good.mean >= 0.5'
config 'good: {scorer: judge, rubric: "Is the answer polite?", with: judge}'
git_commit proj
run_gate
ends 3 "a judge without rights"
accounts 20 0 20
has "$out" "HTTP 403" "the cause is named"
has "$out" "target 'judge'" "whose calls they were"
server_stop

# A sound judge, so that the tests above fail for their own reason.
echo '{"rules":[{"path":"/judge","answer":"{\"pass\":true,\"score\":1,\"reason\":\"polite\"}"},{"answer":"{{user}}"}]}' \
	>script.json
server_start script.json
project 20 'good.mean >= 0.5'
config 'good: {scorer: judge, rubric: "Is the answer polite?", with: judge}'
git_commit proj
run_gate
ends 0 "a sound judge"
accounts 20 20 0
is "$(since)" 40 "... asked once for each answer"
done_testing
