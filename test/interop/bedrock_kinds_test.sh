# The kinds of bedrock, and what is asked before a run, before AWS's own signatures: paths with ids and ARNs,
# queries, another service's name.
. "$TOP/test/interop/bedrock.inc"

# kind TARGET: a project of three cases whose target is that.
kind() {
	with m:0 true 3 'right.mean >= 0.2'
	sed -i "s|^  bot: .*|  bot: {provider: bedrock, $1}|" proj/gate.yaml
	git_commit proj kind
	: >"$seen_log"
}
urls() { log '[.[].url] | unique | join(" ")'; }

bedrock '{}'
unset AWS_ENDPOINT_URL_BEDROCK_RUNTIME
export AWS_ENDPOINT_URL=$server_url

# A prompt: its version, its model's profile, its model; each by a signed GET.
with "$arn:prompt/PROMPT1234:3" true 3 'right.mean >= 0.2'
run_gate --spend-anyway
ends 0 "what is asked before a run"
accounts 3 3 0
is "$(log 'map(select(.why)) | length')" 0 "what is asked before a run: every signature holds"
is "$(log '[.[].url | select(startswith("/model/") | not)] | join(" ")')" \
	"/prompts/PROMPT1234/?promptVersion=3 /foundation-models/anthropic.m-v1%3A0" "a prompt, then its model"
has "$out" "a legacy one" "a model near its end is said"
clean "what is asked before a run"
with us.anthropic.m-v1:0 true 3 'right.mean >= 0.2'
run_gate --spend-anyway
ends 0 "a profile's model"
is "$(log '[.[] | select(.url | startswith("/model/") | not) | [.url, .why] | join(" ")] | join(" ")')" \
	"/inference-profiles/us.anthropic.m-v1%3A0  /foundation-models/anthropic.m-v1%3A0 " "a profile, then its model"

kind 'kind: retrieve, region: us-east-1, prompt: prompt.txt, retrieval: {knowledge_base: KB12345678, results: 3}'
run_gate --spend-anyway
accounts 3 3 0
signed 3 "retrieve"
is "$(urls)" "/knowledgebases/KB12345678/retrieve" "retrieve: where it is asked"
is "$(each 'map(.contexts[0].text // .contexts[0]) | sort | join(" ")')" "say 1. say 2. say 3." "retrieve: the passages"

kind "kind: agentcore, region: us-east-1, runtime: {arn: '${arn/bedrock/bedrock-agentcore}:runtime/a-b', qualifier: 'P 1/x', answer: result}, body: {prompt: '{{question}}'}"
run_gate --spend-anyway
ends 0 "agentcore"
accounts 3 3 0
signed 3 "agentcore, signed as bedrock-agentcore, with a query"
is "$(each 'map(.scores.right.value) | add')" 3 "agentcore: the answers"
clean "agentcore"
done_testing
