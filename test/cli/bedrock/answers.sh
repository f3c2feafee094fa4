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
done_testing
