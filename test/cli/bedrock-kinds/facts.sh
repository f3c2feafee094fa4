# What is asked about a Bedrock model before the first call: recorded, a note where it cannot be learnt, and
# what the policy's model_lifecycle makes of it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/bedrock-kinds.sh"

say='{"answer":"{{user}}"}'
model='model: {id: us.amazon.nova-lite-v1:0}'
legacy='{"path":"/foundation-models/","body":{"modelDetails":{"modelId":"amazon.nova-lite-v1:0","modelLifecycle":{"status":"LEGACY","endOfLifeTime":"2020-01-01T00:00:00Z"}}}}'
# lifecycle WORDS: into the stage.
lifecycle() {
	sed -i "s/^    thresholds/    model_lifecycle: {$1}\n&/" proj/gate.policy.yaml
	git_commit proj lifecycle
	rm -rf proj/.gate
	seen_mark
}

script "{\"rules\":[$say]}"
kind 3 "$model" 'right.mean >= 0.1'
run_gate
ends 0 "an active model"
accounts 3 3 0
like "$(record)" '"profile": ?\{"id": ?"us.m","type": ?"system-defined","models": ?\["amazon.nova-lite-v1:0"\]\}' "the models behind a profile are recorded"
like "$(record)" '"model": ?\{"id": ?"m","status": ?"active"\}' "its life is recorded"
like "$(record)" '"calls": 3' "facts are no calls"
hasnt "$out$err" "legacy" "nothing is said of it"

for status in 403 500; do
	script "{\"rules\":[{\"path\":\"/inference-profiles/\",\"status\":$status},{\"path\":\"/foundation-models/\",\"status\":$status},$say]}"
	kind 3 "$model" 'right.mean >= 0.1'
	run_gate
	ends 0 "$status: a fact that is refused stops nothing"
	accounts 3 3 0
	like "$(record)" "its profile is not known, as bedrock:GetInferenceProfile was not answered: HTTP $status" "$status: a note names the permission"
done
kind 3 'model: {id: amazon.nova-lite-v1:0}' 'right.mean >= 0.1'
lifecycle 'severity: block'
run_gate
ends 0 "what is not known does not block"

script "{\"rules\":[$legacy,$say]}"
kind 3 "$model" 'right.mean >= 0.1'
run_gate
ends 0 "a legacy model warns"
has "$out$err" "the model 'amazon.nova-lite-v1:0' of target 'bot' is a legacy one, its end of life was 2020-01-01" "... in words"
lifecycle 'severity: block'
run_gate
ends 3 "a legacy model blocks where the policy says so"
has "$out" "no call was made" "... before any call"
accounts 3 0 3
is "$(since)" 2 "two questions and no call"
gate report -C proj --decide last
is "$rc" 3 "its record decides the same again"
has "$out" "which the stage's 'model_lifecycle' blocks" "... for the same reason"
run_gate
ends 3 "again"

end=$(date -u -d '+20 days' +%Y-%m-%d)
script "{\"rules\":[{\"path\":\"/foundation-models/\",\"body\":{\"modelDetails\":{\"modelId\":\"m1\",\"modelLifecycle\":{\"status\":\"ACTIVE\",\"endOfLifeTime\":\"${end}T00:00:00Z\"}}}},$say]}"
kind 3 "$model" 'right.mean >= 0.1'
lifecycle 'days: 10'
run_gate
ends 0 "an end of life that is far enough"
hasnt "$out$err" "end of life" "... is not told"
lifecycle 'severity: block, days: 30'
target "$model"
run_gate
ends 2 "'model_lifecycle' twice is refused"
kind 3 "$model" 'right.mean >= 0.1'
lifecycle 'severity: block, days: 30'
run_gate
ends 3 "an end of life that is near"
like "$out" "'m1' of target 'bot' is active, its end of life is $end" "... in words"

prompt='model: {id: "arn:aws:bedrock:eu-west-1:123456789012:prompt/PROMPT1234:3"}'
script "{\"rules\":[$say]}"
kind 2 "$prompt" 'right.mean >= 0.1'
rm proj/prompt.txt
sed -i '/prompt: prompt.txt/d' proj/gate.yaml
echo '{{question}}' >proj/q.txt
sed -i 's/^    provider: bedrock/&\n    prompt: q.txt/' proj/gate.yaml
git_commit proj prompt
run_gate
like "$(record)" '"prompt": ?\{"id": ?"PROMPT1234","version": ?"3","model": ?"amazon.nova-lite-v1:0","updated": ?"2026-01-01T00:00:00.000Z","sha256": ?"[0-9a-f]{64}"' \
	"a prompt's version and digest are recorded"
hasnt "$(record)" 'Answer {{question}}' "... and not its text"
script "{\"rules\":[{\"path\":\"/prompts/\",\"body\":{\"id\":\"P\",\"version\":\"DRAFT\",\"variants\":[]}},$say]}"
policy 'right.mean >= 0.1'
git_commit proj policy
seen_mark
rm -rf proj/.gate
run_gate
ends 2 "a prompt that is a draft after all"
has "$err" "the prompt is a working draft" "... in words"
is "$(since)" 1 "... and nothing is called"

# An interruption while facts are asked for ends the run, with no call.
script "{\"rules\":[{\"path\":\"/foundation-models/\",\"fault\":\"hang\"},{\"path\":\"/inference-profiles/\"},$say]}"
kind 3 "$model" 'right.mean >= 0.1'
seen_mark
before=$(seen)
"$GATE" run -C proj >out.txt 2>&1 &
pid=$!
seen_waits $((before + 2))
kill -INT "$pid"
wait "$pid"
is "$?" 3 "interrupted while facts are asked for"
has "$(cat out.txt)" "stopped: interrupted" "... which is the cause"
like "$(record)" '"calls": 0' "... and no call was made"

# A control plane that does not answer is waited for once.
kind 3 "$model" 'right.mean >= 0.1'
begin=$SECONDS
run_gate
ends 0 "a control plane that hangs"
ok "... is given up in time" test $((SECONDS - begin)) -lt 9
like "$(record)" "its model is not known, as bedrock:GetFoundationModel was not answered" "... with a note"

# A judge that is no model, and a key that this service does not take.
script "{\"rules\":[$say]}"
kind 2 'kind: retrieve
retrieval: {knowledge_base: K}' 'right.mean >= 0.1'
printf '      nice: {scorer: judge, with: bot, rubric: "Is it polite?"}\n' >>proj/gate.yaml
git_commit proj judge
gate check -C proj
ends 2 "a judge that is no model"
has "$err" "target 'bot' (bedrock retrieve) is no model and cannot judge" "... in words"
kind 2 'kind: retrieve
retrieval: {knowledge_base: K}' 'right.mean >= 0.1'
run env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_BEARER_TOKEN_BEDROCK=canary-bearer-kinds "$GATE" run -C proj
ends 3 "Bedrock's API key alone"
like "$(outcome q1)" '"cause":"(denied|auth)"' "... is not what a knowledge base takes"
grep -rqF canary-bearer-kinds proj/.gate && fail "... and goes nowhere" || pass "... and goes nowhere"
hasnt "$(last_request)" canary-bearer-kinds "... not to the server"

# Plan and check ask nothing.
seen_mark
gate plan -C proj
gate check -C proj
is "$(since)" 0 "plan and check stay offline"
done_testing
