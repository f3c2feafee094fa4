# A judge is an instrument: its labelled answers are judged in each run, and decide what its word is worth.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# labels GOOD BAD: so many answers that people called good ("FINE n") and bad ("WRONG n").
labels() {
	awk -v g="$1" -v b="$2" 'BEGIN {
		for (i = 1; i <= g; i++) printf "{\"id\":\"g%d\",\"question\":\"tell %d.\",\"output\":\"FINE %d\",\"label\":\"good\"}\n", i, i, i
		for (i = 1; i <= b; i++) printf "{\"id\":\"b%d\",\"question\":\"tell %d.\",\"output\":\"WRONG %d\",\"label\":\"bad\"}\n", i, i, i }' \
		>proj/labels.jsonl
}
yes='"{\"pass\":true,\"score\":1,\"reason\":\"fine\"}"'
no='"{\"pass\":false,\"score\":0,\"reason\":\"wrong\"}"'
bot='{"contains":"say","answer":"FINE {{user}}"},{"answer":"FINE {{user}}"}'
# judge RULES: the server, with these rules for the judge.
judge() {
	[ -z "${server_port:-}" ] || server_stop
	printf '{"rules":[%s,%s]}' "$1" "$bot" >script.json
	server_start script.json
}
honest="{\"path\":\"/judge\",\"contains\":\"FINE\",\"answer\":$yes},{\"path\":\"/judge\",\"answer\":$no}"
always_yes="{\"path\":\"/judge\",\"answer\":$yes}"
# set_up N GOOD BAD THRESHOLD…: N cases, the labels, a policy with a minimum.
minimum='judge: {min_good: 0.8, min_bad: 0.8, min_agreement: 0.6}'
set_up() {
	local n=$1 good=$2 bad=$3
	shift 3
	project "$n" "$@"
	config 'good: {scorer: judge, rubric: "Is it fine?", with: judge, calibration: labels.jsonl}'
	labels "$good" "$bad"
	printf '%s\n' "$minimum" >>proj/gate.policy.yaml
	git_commit proj set-up
}
verdict() { grep -o '"verdict": *"[a-z]*"' proj/r.json | tail -1; }

# --- an honest judge ---
judge "$honest"
set_up 60 40 40 'good.mean >= 0.85'
run_gate -o r.json
ends 0 "an honest judge"
like "$out" "main/good@calibration +80/80" "the labelled answers have a line of their own"
accounts 60 60 0
like "$out" "calibration: planned 80 = scored 80 \+ unscored 0" "... and an account of their own"
is "$(since)" 200 "the target 60, the judge 60 and 80"
has "$(tr -d ' \n' <proj/r.json)" '"judge":{"good":40,"bad":40,"disputed":0,"unscored":0,"sensitivity":{"estimate":1.0,' "the record says how good it is"
has "$(tr -d ' \n' <proj/r.json)" '"method":"judge-corrected"' "the row was decided on the corrected share"
has "$(tr -d '\n' <proj/r.json)" 'sensitivity 1.000 (lower bound 0.903)' "... and the row says so"
run "$GATE" report -C proj --decide last
ends 0 "decided again from the record"
has "$(cat proj/.gate/runs/*/outcomes.jsonl)" '"label":{"value":1}' "labels are outcomes"
run_gate
ends 0 "again"
is "$(since)" 0 "the judge's replies are reused"
hasnt "$out" "WRONG" "labelled answers are no failures of the candidate"
run "$GATE" plan -C proj --fresh
like "$out" "main/good@calibration .*80 of judges" "the plan tells the judge's calls"

# The labels never reach the judge, whatever the prompt asks for.
printf '{{question}} {{label | default("hidden")}} {{labels | default("hidden")}}' >proj/prompt.txt
git_commit proj curious
run_gate --fresh
isnt "$(grep -c hidden proj/.gate/runs/*/outcomes.jsonl | tail -1)" 0 "a prompt that asks for the label"
hasnt "$(cat proj/.gate/runs/*/outcomes.jsonl)" 'tell 1. good' "... does not get it"

# --- always yes: nothing gets through ---
judge "$always_yes"
i=0
for threshold in 'good.mean >= 0.5' 'good.mean > 0.01' 'good.rate >= 0.99' 'good.pass >= 0.8' 'good.min >= 1' \
	'good.count >= 1' 'good.sum >= 10' 'good.max >= 1' 'good.rate <= 0.99' 'main/good.mean >= 0.5'; do
	for minimum in 'judge: {min_bad: 0.5}' 'judge: {min_good: 0.01}'; do
		set_up 30 20 20 "$threshold"
		run_gate
		ends 3 "always yes, $threshold, ${minimum#judge: }"
	done
done
like "$out$err" "specificity 0.000 \(lower bound 0.000\)" "why is said"
minimum='judge: {min_good: 0.8, min_bad: 0.8, min_agreement: 0.6}'

# --- no verdict at all, broken verdicts ---
# lost RULE SCORED UNSCORED: the run is undecided, and so many labelled answers have no verdict.
lost() {
	judge "$1,$honest"
	set_up 30 25 25 'good.mean >= 0.3'
	run_gate -j 4
	ends 3 "labelled answers without a verdict: ${1#*,}"
	like "$out" "calibration: planned 50 = scored $2 \+ unscored $3" "... are counted"
	accounts 30 30 0
}
lost '{"path":"/judge","contains":"WRONG 1","status":400}' 39 11
lost '{"path":"/judge","contains":"tell ","answer":"fine!"}' 0 50

# --- what is not there ---
judge "$honest"
set_up 30 25 25 'good.mean >= 0.5'
sed -i 's/, calibration: labels.jsonl//' proj/gate.yaml
git_commit proj none
seen_mark
run_gate
ends 3 "a judge without labels, where the policy asks for them"
has "$out$err" "has no \`calibration\`" "... is told"
is "$(since)" 0 "... before any call"
sed -i '/^judge:/d' proj/gate.policy.yaml
git_commit proj unasked
run_gate -o r.json
ends 0 "where it does not ask, the judge's word is taken"
has "$(cat proj/r.json)" "the judge is not calibrated" "... and the row says what it is"

set_up 30 19 25 'good.mean >= 0.5'
run_gate
ends 2 "19 good labels"
has "$err" "has 19 good and 25 bad labels: at least 20 of each are needed" "... are too few"

# refused DESC LINE WORD: one line more among the labels is a located error.
refused() {
	set_up 30 25 25 'good.mean >= 0.5'
	printf '%s\n' "$2" >>proj/labels.jsonl
	git_commit proj row
	run_gate
	ends 2 "$1"
	like "$err" "$3|.*labels.jsonl:51.*$3" "$1: is told with its place"
}
refused "a label that is none" '{"question":"q","output":"x","label":"Good"}' "found 'Good'"
refused "half a label" '{"question":"q","output":"x","label":0.5}' "found number"
refused "no label" '{"question":"q","output":"x"}' "found nothing"
refused "a label that is an object" '{"question":"q","output":"x","label":{"good":1}}' "found object"
refused "no output" '{"question":"q","label":"good"}' "needs 'output'"
refused "two kinds of labels" '{"question":"q","output":"x","label":"good","labels":["good"]}' "found both"
refused "nobody's labels" '{"question":"q","output":"x","labels":[null]}' "found none"
refused "a weight" '{"question":"q","output":"x","label":"good","weight":50}' "has no 'weight'"
refused "a quarantine" '{"question":"q","output":"x","label":"bad","quarantine":{"until":"2099-01-01","owner":"o","reason":"r"}}' "has no 'quarantine'"
refused "a variable that the prompt needs is missing" '{"output":"x","label":"good"}' "question"

set_up 30 25 25 'good.mean >= 0.5'
for i in 1 2 3; do echo '{"question":"q","output":"FINE same","label":"good"}' >>proj/labels.jsonl; done
git_commit proj copies
run_gate
ends 2 "copies of one answer"
has "$err" "word for word" "... count once"

set_up 30 25 25 'right.mean >= 0.5'
sed -i 's/right: {scorer: equals,/right: {scorer: equals, calibration: labels.jsonl,/' proj/gate.yaml
git_commit proj computed
run_gate
ends 2 "labels for what is computed"
has "$err" "asks no judge" "... are refused"

# --- several people ---
set_up 30 0 0 'good.mean >= 0.5'
awk 'BEGIN { for (i = 1; i <= 60; i++) printf "{\"id\":\"p%d\",\"question\":\"tell %d.\",\"output\":\"%s %d\",\"labels\":[%s,%s,%s]}\n",
	i, i, i % 2 ? "FINE" : "WRONG", i, i % 2 ? "\"good\"" : "\"bad\"", i % 2 ? "true" : "0", i % 10 ? (i % 2 ? 1 : "null") : "\"good\"" }' >proj/labels.jsonl
git_commit proj people
run_gate -o r.json
like "$(tr -d ' \n' <proj/r.json)" '"alpha":0\.[0-9]+' "several people: their own agreement is shown"
has "$(cat proj/.gate/runs/*/outcomes.jsonl)" '"label.2":{"value":1}' "... each is kept"

# --- a change cannot bring its own labels ---
judge "$always_yes"
set_up 30 25 25 'good.mean >= 0.5'
git -C proj branch -q protected
labels 50 0
sed -i 's/"WRONG /"FINE /; s/"bad"/"good"/' proj/labels.jsonl
git_commit proj "labels that suit"
run_gate --policy-ref protected
ends 3 "a change that edits the labels"
has "$out" "the change edits 'labels.jsonl': judged by the version at protected" "... is judged by the protected ones"
sed -i '/^judge:/d' proj/gate.policy.yaml
git_commit proj "no minimum"
run_gate --policy-ref protected
ends 3 "a change that drops the minimum"
done_testing
