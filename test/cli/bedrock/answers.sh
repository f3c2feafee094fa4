# Provider bedrock: what Converse is sent, and every kind of answer.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/bedrock/bedrock.inc"

wire_answers
no_secret "answers"
wire_large

# What goes out.
script "{\"rules\":[$say]}"
bot_lines="$bot_lines
guardrail: {id: gr-1, version: 4}
cache: {messages: 5m}"
project 5
run_gate -j 1
ends 0 "signed calls"
request=$(last_request)
like "$request" 'POST /model/m1/converse-stream HTTP' "the path"
like "$request" '[Aa]uthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]{8}/us-east-1/bedrock/aws4_request' "signed for bedrock"
like "$request" "[Xx]-[Aa]mz-[Ss]ecurity-[Tt]oken: $AWS_SESSION_TOKEN" "with the session token"
has "$request" '{"messages":[{"role":"user","content":[{"text":"say 5."},{"cachePoint":{"type":"default","ttl":"5m"}}]}],"inferenceConfig":{"maxTokens":50,"temperature":0},"guardrailConfig":{"guardrailIdentifier":"gr-1","guardrailVersion":"4","trace":"enabled"},"requestMetadata":{"gate-run":"' \
	"the body"
has "$request" "\"gate-commit\":\"$(git_oid proj)\"" "whose call it is"
has "$(outcome q5)" '"guardrail":{"action":"none"' "a guardrail that was silent is in the record"
no_secret "what goes out"

# An id with ':' and an inference profile's ARN are encoded once.
sed -i 's/{id: m1}/{id: "us.amazon.nova-pro-v1:0"}/' proj/gate.yaml
git_commit proj
run_gate
ends 0 "an id with a colon"
like "$(last_request)" 'POST /model/us\.amazon\.nova-pro-v1%3A0/converse-stream HTTP' "the colon is encoded"
sed -i 's/us.amazon.nova-pro-v1:0/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile\/abc123def456/' proj/gate.yaml
git_commit proj
run_gate
ends 0 "an ARN"
like "$(last_request)" 'POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123def456/' \
	"colons and slashes are encoded"
server_stop

# The key of Bedrock goes in place of a signature.
script "{\"rules\":[$say]}"
project 5
export AWS_BEARER_TOKEN_BEDROCK=bedrock-api-key-4242424242
run_gate
ends 0 "Bedrock's API key"
like "$(last_request)" '[Aa]uthorization: Bearer bedrock-api-key-4242424242' "it goes as a bearer"
hasnt "$(cat proj/.gate/runs/*/*)$out$err" "bedrock-api-key-4242424242" "it is nowhere"
unset AWS_BEARER_TOKEN_BEDROCK
server_stop

# What a guardrail or filter blocks is an answer; what it found is kept, what it matched is not.
trace='{"guardrail":{"actionReason":"Guardrail blocked.","inputAssessment":{"gr-1":{"wordPolicy":{"customWords":[{"match":"darnword","action":"BLOCKED"}],"managedWordLists":[]}}}}}'
script "{\"rules\":[{\"contains\":\"say 2.\",\"finish\":\"guardrail_intervened\",\"answer\":\"Sorry.\",\"extra\":{\"trace\":$trace}},
	{\"contains\":\"say 3.\",\"finish\":\"content_filtered\",\"answer\":\"\"},
	{\"contains\":\"say 4.\",\"extra\":{\"serviceTier\":{\"type\":\"flex\"},\"performanceConfig\":{\"latency\":\"standard\"},
		\"usage\":{\"inputTokens\":5,\"outputTokens\":6,\"totalTokens\":20,\"cacheReadInputTokens\":4,\"cacheWriteInputTokens\":5,
		\"cacheDetails\":[{\"ttl\":\"1h\",\"inputTokens\":3}]}}},$say]}"
for stream in true false; do
	project 8 'right.mean >= 0.05'
	run_gate
	ends 0 "blocked answers, stream $stream"
	accounts 8 8 0
	has "$(outcome q2)" '"blocked":{"value":1}' "a guardrail's word counts as blocked"
	has "$(outcome q2)" '"guardrail":{"action":"intervened","reason":"Guardrail blocked.","policies":[{"policy":"word","on":"input","action":"blocked"}]}' \
		"what it found"
	hasnt "$(cat proj/.gate/runs/*/*)$out$err" "darnword" "... and not what it matched"
	has "$(outcome q3)" '"blocked":{"value":1}' "so does a filter's"
	has "$(outcome q4)" '"usage":{"in":14,"out":6,"cache_read":4,"cache_write":5,"cache_write_1h":3}' "what the cache read and kept"
	has "$(outcome q4)" '"tier":"flex","speed":"standard"' "tier and speed as served"
done
stream=true
server_stop

# A conversation with tools: what the model asked for and what the case gave it go back as Converse wants them.
script "{\"rules\":[{\"contains\":\"toolResult\",\"answer\":\"Paris it is.\"},
	{\"reasoning\":\"hm\",\"tool_calls\":[{\"id\":\"t1\",\"name\":\"look\",\"arguments\":\"{\\\"at\\\":1}\"},
		{\"id\":\"t2\",\"name\":\"now\",\"arguments\":\"{}\"}],\"answer\":\"I look.\"}]}"
project 1 'right.mean >= 0.01'
echo '{"id":"talk","question":"where?","expected":"Paris it is.","tool_results":{"look":"Paris","now":"noon"}}' >proj/cases.jsonl
sed -i 's/^    prompt:/    tools: [{name: look, parameters: {type: object}}, {name: now}]\n&/' proj/gate.yaml
git_commit proj
run_gate
has "$(outcome talk)" '"answer":"Paris it is."' "a conversation with tools"
has "$(last_request)" '"messages":[{"role":"user","content":[{"text":"where?"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},{"text":"I look."},{"toolUse":{"toolUseId":"t1","name":"look","input":{"at":1}}},{"toolUse":{"toolUseId":"t2","name":"now","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"Paris"}]}},{"toolResult":{"toolUseId":"t2","content":[{"text":"noon"}]}},{"cachePoint":{"type":"default","ttl":"5m"}}]}]' \
	"both results are one turn"
server_stop

# A judge, with the schema of its verdict.
script '{"rules":[{"contains":"strict and impartial judge","answer":"{\"pass\":true,\"score\":1,\"reason\":\"so it is\"}"},'"$say]}"
project 6 'good.mean >= 0.5'
sed -i 's/^suites:/  judge: {provider: bedrock, model: us.amazon.nova-pro-v1:0, structured_output: native, stream: false}\n&/
	s/^      right: .*/      good: {scorer: judge, rubric: "It is good.", with: judge}/' proj/gate.yaml
git_commit proj
run_gate -j 1
ends 0 "a judge at Bedrock"
accounts 6 6 0
request=$(last_request)
like "$request" 'POST /model/us\.amazon\.nova-pro-v1%3A0/converse HTTP' "it is asked for its verdict"
has "$request" '"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",\"additionalProperties\":false' \
	"... with its schema"
hasnt "$request" 'maximum' "... without bounds"
server_stop
done_testing
