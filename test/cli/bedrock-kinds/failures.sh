# Bedrock's kinds fail: errors, exceptions inside a stream, cut and malformed answers are unscored, never an
# answer; what may have acted is not asked twice; a draft and what would be ignored are refused.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/bedrock-kinds.sh"

declare -A lines=(
	[retrieve]='kind: retrieve
retrieval: {knowledge_base: KB12345678}'
	[generate]='kind: retrieve-and-generate
model: {id: amazon.nova-lite-v1:0}
retrieval: {knowledge_base: KB12345678}'
	[flow]='kind: flow
flow: {id: FLOW123456, alias: PROD}'
	[agent]='kind: agent
agent: {id: AGENT12345, alias: LIVE123456}'
	[agentcore]='kind: agentcore
runtime: {arn: "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/a-1", answer: $.result}'
	[guardrail]='kind: guardrail
guardrail: {id: gr1, version: 4}'
)
kinds='retrieve generate flow agent agentcore guardrail'
facts='{"path":"/foundation-models/"}'
# fault NAME RULE N: two cases of kind NAME, of which the first gets RULE.
fault() {
	script "{\"rules\":[$facts,$2,{\"answer\":\"{{user}}\"}]}"
	kind 2 "${lines[$1]}" 'right.mean >= 0.1'
	run_gate
}

for k in $kinds; do
	fault "$k" '{"contains":"say 1.","status":400}'
	ends 3 "$k: a refused request decides nothing"
	accounts 2 1 1
	has "$(outcome q1)" '"cause":"request-refused"' "$k: ... and is unscored"
	fault "$k" '{"contains":"say 1.","status":429,"times":1,"headers":{"Retry-After":"0"}}'
	accounts 2 2 0
	fault "$k" '{"status":403}'
	ends 3 "$k: wrong credentials"
	has "$(outcome q1)" '"cause":"auth"' "$k: ... are named"
	fault "$k" '{"contains":"say 1.","fault":"cut"}'
	accounts 2 1 1
	like "$(outcome q1)" '"cause":"(cut|network)"' "$k: an answer that was cut is none"
	fault "$k" '{"contains":"say 1.","body":"{\"unexpected\": [1","type":"application/json"}'
	accounts 2 1 1
	has "$(outcome q1)" '"cause":"malformed"' "$k: a body that is no answer"
done
for k in generate flow agent; do
	fault "$k" '{"contains":"say 1.","fault":"error-in-stream","exception":"throttlingException","after":0,"times":1}'
	accounts 2 2 0
	fault "$k" '{"contains":"say 1.","fault":"error-in-stream","exception":"validationException"}'
	accounts 2 1 1
	has "$(outcome q1)" 'the test server stopped here' "$k: an exception inside a stream of status 200"
	fault "$k" '{"contains":"say 1.","fault":"malformed"}'
	accounts 2 1 1
done
fault flow '{"contains":"say 1.","fault":"error-in-stream","exception":"throttlingException"}'
accounts 2 1 1
has "$(outcome q1)" '"cause":"rate-limited"' "flow: once it has begun it is not begun again"
like "$(outcome q1)" '"attempts":1' "flow: one attempt"
for k in flow agent; do
	fault "$k" '{"contains":"say 1.","fault":"no-done"}'
	accounts 2 1 1
	has "$(outcome q1)" '"cause":"cut"' "$k: a stream without its end"
done
fault flow '{"contains":"say 1.","finish":"asks","answer":"Which city?"}'
has "$(outcome q1)" '"answer":"Which city?","finish":"other","finish_raw":"INPUT_REQUIRED"' "flow: it asks back"
fault agent '{"contains":"say 1.","tool_calls":[1]}'
has "$(outcome q1)" '"finish":"tool-calls","finish_raw":"returnControl","tool_calls":[{"id":"i1","name":"orders/cancel","arguments":{}}]' \
	"agent: control is returned"
fault agentcore '{"contains":"say 1.","stream":true,"fault":"error-in-stream"}'
accounts 2 1 1
has "$(outcome q1)" 'the agent failed: ValueError: boom' "agentcore: an error inside a stream"
fault agentcore '{"contains":"say 1.","status":424,"exception":"RuntimeClientError"}'
like "$(outcome q1)" '"attempts":1' "agentcore: what its code does is not tried again"
fault generate '{"contains":"say 1.","finish":"blocked","answer":"No."}'
accounts 2 2 0
has "$(outcome q1)" '"finish":"blocked"' "generate: a guardrail that intervened is an answer"

# refused EXPECTED LINES: gate check ends with 2 and these words.
refused() {
	target "$2"
	gate check -C proj
	ends 2 "refused: $1"
	has "$err" "$1" "... in its words"
}
refused "'TSTALIASID' is the working draft" 'kind: flow
flow: {id: F, alias: TSTALIASID}'
refused "'TSTALIASID' is the working draft" 'kind: agent
agent: {id: F, alias: TSTALIASID}'
refused "'DRAFT' is the working draft" 'kind: guardrail
guardrail: {id: F, version: DRAFT}'
refused "has no 'params' and would ignore it" 'kind: flow
flow: {id: F, alias: A}
params: {temperature: 0}'
refused "has no 'seed' and would ignore it" 'kind: retrieve-and-generate
model: {id: m}
retrieval: {knowledge_base: K}
params: {seed: 1}'
refused "needs either" 'kind: guardrail'
refused "has no kind 'agents'" 'kind: agents'
refused "has no 'stream' and would ignore it" 'kind: retrieve
retrieval: {knowledge_base: K}
stream: true'
echo 'be kind' >proj/system.txt
target 'kind: flow
flow: {id: F, alias: A}'
sed -i 's/prompt: prompt.txt/prompt: {system: system.txt, user: prompt.txt}/' proj/gate.yaml
git_commit proj system
gate check -C proj
ends 2 "a system message that nothing would read"
has "$err" "takes one user message, and the prompt has more" "... in its words"
done_testing
