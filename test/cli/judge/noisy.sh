# A judge that errs, by known shares: four of five good answers and nine of ten bad ones are seen; and one that changes.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

yes='"{\"pass\":true,\"score\":1,\"reason\":\"fine\"}"'
no='"{\"pass\":false,\"score\":0,\"reason\":\"wrong\"}"'
noisy="{\"path\":\"/judge\",\"contains\":\"3.\",\"answer\":$no},{\"path\":\"/judge\",\"contains\":\"7.\",\"answer\":$no},
	{\"path\":\"/judge\",\"contains\":\"8!\",\"answer\":$yes}"
honest="{\"path\":\"/judge\",\"contains\":\"FINE\",\"answer\":$yes},{\"path\":\"/judge\",\"answer\":$no}"
# judge RULES BOT
judge() {
	[ -z "${server_port:-}" ] || server_stop
	printf '{"rules":[%s,%s]}' "$1" "$2" >script.json
	server_start script.json
}
# set_up N LABELS MINIMUM THRESHOLD…
set_up() {
	local n=$1 labels=$2 minimum=$3
	shift 3
	project "$n" "$@"
	config 'good: {scorer: judge, rubric: "Is it fine?", with: judge, calibration: labels.jsonl}'
	awk -v n="$labels" 'BEGIN { for (i = 1; i <= n; i++) {
		printf "{\"id\":\"g%d\",\"question\":\"tell %d.\",\"output\":\"FINE %d.\",\"label\":\"good\"}\n", i, i, i
		printf "{\"id\":\"b%d\",\"question\":\"tell %d.\",\"output\":\"WRONG %d!\",\"label\":\"bad\"}\n", i, i, i } }' >proj/labels.jsonl
	printf 'judge: %s\n' "$minimum" >>proj/gate.policy.yaml
	git_commit proj set-up
}
flat() { tr -d ' \n' <proj/r.json; }

# Every answer is good; the judge says so of four in five.
judge "$noisy,$honest" '{"answer":"FINE {{user}}"}'
set_up 300 100 '{min_good: 0.7, min_bad: 0.7, min_agreement: 0.6}' 'good.mean >= 0.75' 'good.mean >= 0.95'
run_gate -o r.json
ends 3 "a noisy judge: the low bar passes, the high one is open"
has "$(flat)" '"threshold":"good.mean>=0.75","label":"good.mean","at":{"file":"gate.policy.yaml","line":5,"col":19},"suite":"main","metric":"good","aggregate":"mean","slice":"","op":">=","bound":0.75,"needs":"0.75","unit":"","severity":"block","decide":"evidence","confidence":0.95,"verdict":"pass"' "0.75 is passed"
has "$(flat)" '"observed":"240/300"' "what was observed is the judge's word"
has "$(flat)" '"corrected":{"estimate":1.0' "the correction finds the truth"
like "$(flat)" '"upper":1(\.0)?,' "... and its bounds cover it"
has "$(cat proj/r.json)" "more labels, not more cases, would narrow it" "0.95 needs labels"

# Half of the answers are bad.
judge "$noisy,$honest" '{"contains":"1.","answer":"WRONG"},{"contains":"2.","answer":"WRONG"},{"contains":"4.","answer":"WRONG"},
	{"contains":"5.","answer":"WRONG"},{"contains":"6.","answer":"WRONG"},{"answer":"FINE {{user}}"}'
set_up 300 100 '{min_good: 0.7, min_bad: 0.7, min_agreement: 0.6}' 'good.mean >= 0.75'
run_gate -o r.json
ends 1 "half of the answers are bad"

set_up 300 100 '{min_good: 0.8}' 'good.mean >= 0.3'
run_gate -o r.json
ends 3 "four in five do not show that it is four in five"
has "$(cat proj/r.json)" "judge: sensitivity 0.800 (lower bound 0.70" "... the row says what was shown"
has "$(cat proj/r.json)" "is below min_good 0.8" "... and what was asked"

# --- the judge changes under the same name, between two runs ---
judge "{\"path\":\"/judge\",\"contains\":\"3.\",\"from\":19,\"answer\":$no},
	{\"path\":\"/judge\",\"contains\":\"7.\",\"from\":19,\"answer\":$no},$honest" '{"answer":"FINE {{user}}"}'
set_up 60 60 '{min_good: 0.5}' 'good.mean >= 0.75'
run_gate -o r.json
ends 0 "an honest judge"
hasnt "$out" "agreement with people" "there is nothing to compare it with"
run_gate
ends 0 "again"
has "$out" "judge of main/good: agreement with people 1.000 (120 labels), was 1.000 on " "what it was is told"
has "$out" "120 of its verdicts are of an earlier run, --fresh asks again" "... and that nobody was asked"
run_gate --fresh -o r.json
has "$out" "warning: judge of main/good: agreement with people 0.900 (120 labels), was 1.000 on " "another judge answers under its name"
has "$(tr '\n' ' ' <<<"$out" | tr -s ' ')" "the judge has CHANGED: 0 better, 12 worse" "... which is proven"
like "$(flat)" '"worse":12,"p":0\.000[0-9]+,"changed":true' "... in the record too"
sed -i 's/Is it fine/Is it really fine/' proj/gate.yaml
git_commit proj rubric
run_gate --fresh
hasnt "$out" "CHANGED" "another rubric is another instrument"
rm -rf proj/.gate/runs/*/outcomes.jsonl
run_gate --fresh
hasnt "$out" "CHANGED" "records that are gone tell nothing"
isnt "$rc" 4 "... and stop nothing"

# --- a part of the stage ---
run_gate --fresh --sample 5 --spend-anyway
like "$out" "main/good@calibration +120/120" "a part of the cases: a judge is measured on all of its labels"
accounts 5 5 0
run_gate --fresh --filter q3 --spend-anyway
accounts 1 1 0
ends 3 "... which decides nothing"
done_testing
