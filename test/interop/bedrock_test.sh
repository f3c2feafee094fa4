# The bedrock provider before AWS's own packages: ids, keys, clocks, what Bedrock says and what goes wrong.
. "$TOP/test/interop/bedrock.inc"

# --- ids, profiles, ARNs; what the url says, the signature says ---------------------------------

bedrock '{}'
for model in anthropic.claude-3-haiku-20240307-v1:0 us.anthropic.claude-haiku-4-5-20251001-v1:0 amazon.nova-lite-v1 \
	"$arn:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0" \
	"$arn:application-inference-profile/a1b2c3d4e5f6" "$arn:provisioned-model/abcdefghijkl" \
	"$arn:imported-model/a1b2c3d4e5f6" "$arn:default-prompt-router/anthropic.claude:1" \
	"$arn:prompt/PROMPT1234:3" odd-id_1.x+y@z/w:0; do
	for stream in true false; do
		with "$model" $stream 3 'right.mean >= 0.2'
		run_gate --spend-anyway
		case $rc in
		0)
			accounts 3 3 0
			signed 3 "$model, stream $stream"
			is "$(log '[.[] | .id] | unique | join(" ")')" "$model" "$model: as it was written"
			is "$(log '.[0].op')" "$([ $stream = true ] && echo converse-stream || echo converse)" \
				"stream $stream: the operation"
			is "$(each 'map(.scores.right.value) | add')" 3 "$model: the answers"
			;;
		*) fail "$model, stream $stream"; tap_show ;;
		esac
	done
done
is "$(log '.[0].names')" "content-type;host;x-amz-date" "what is signed"
clean "a lasting key"

# --- keys --------------------------------------------------------------------------------------

with m:0 true 3 'right.mean >= 0.2'
export AWS_ACCESS_KEY_ID=ASIAINTEROP0000000 AWS_SESSION_TOKEN=$token
run_gate --spend-anyway
ends 0 "a session token"
signed 3 "a session token"
is "$(log '.[0].names')" "content-type;host;x-amz-date;x-amz-security-token" "a session token: it is signed"
clean "a session token"

# refused DESC WHY TEXT: five calls, each asked once, then the run stops.
refused() {
	with m:0 "${stream:-true}" 20
	run_gate -j 1 --fresh
	ends 3 "$1"
	accounts 20 0 20
	is "$(log 'map(.why) | unique | join(" ")')" "$2" "$1: why"
	is "$(log length)" 5 "$1: each of the first five is asked once"
	has "$out" "$3" "$1: named"
	clean "$1"
}
AWS_SESSION_TOKEN=canary-other-token-dddd refused "a wrong token" UnrecognizedClientException "security token"
unset AWS_SESSION_TOKEN
refused "a missing token" UnrecognizedClientException "security token"
export AWS_ACCESS_KEY_ID=$id
for stream in true false; do
	AWS_SECRET_ACCESS_KEY=canary+wrong/eeeeeeeeeeeeeeeeeeeeeeeeeeee refused "a wrong secret, stream $stream" \
		InvalidSignatureException "signature"
done
AWS_ACCESS_KEY_ID=AKIDUNKNOWN0000000 refused "an unknown key" UnrecognizedClientException "security token"
with m:0 true 3 'right.mean >= 0.2'
(unset AWS_SECRET_ACCESS_KEY; run_gate; echo "$rc" >rc; printf '%s' "$out$err" >said)
is "$(cat rc)" 3 "half a key: exit 3"
has "$(cat said)" AWS_SECRET_ACCESS_KEY "half a key: the variable is named"
is "$(log length)" 0 "half a key: nothing was sent"

with m:0 true 3 'right.mean >= 0.2'
export AWS_BEARER_TOKEN_BEDROCK=$bearer
run_gate --spend-anyway
unset AWS_BEARER_TOKEN_BEDROCK
ends 0 "a bearer key"
is "$(log 'map([.why, .names]) | unique | tojson')" "[[null,null]]" "a bearer key goes before a signature"
clean "a bearer key"

# --- the address as it is written ---------------------------------------------------------------

with m:0 true 3 'right.mean >= 0.2'
AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://LocalHost:$server_port run_gate --spend-anyway
ends 0 "a host in capitals"
signed 3 "a host in capitals"
with m:0 true 3 'right.mean >= 0.2'
sed -i '/hosts:/d; /^trust:/d' proj/gate.policy.yaml
git_commit proj 'no hosts'
run_gate --spend-anyway
ends 2 "an endpoint that the policy does not name"
is "$(log length)" 0 "an endpoint that the policy does not name: nothing was sent"
has "$err" "trust.hosts" "an endpoint that the policy does not name: said"
server_stop "$spawn_pid"

# HTTP/2, where the host is :authority and names are in lower case.
certificate here DNS:localhost,IP:127.0.0.1
bedrock '{}' 0 here.key here.pem
with "$arn:prompt/PROMPT1234:3" true 3 'right.mean >= 0.2'
SSL_CERT_FILE=$PWD/ca.pem run_gate --spend-anyway
ends 0 "HTTP/2 over TLS"
signed 3 "HTTP/2 over TLS"
is "$(log 'map(.v) | unique | join(" ")')" 2.0 "HTTP/2 it was"
server_stop "$spawn_pid"

# Who repeats a credential is not quoted.
export AWS_ACCESS_KEY_ID=ASIAINTEROP0000000 AWS_SESSION_TOKEN=$token
bedrock '{"say 1.": {"echo": "error"}, "say 2.": {"echo": "answer"}}'
for stream in true false; do
	with m:0 $stream 3 'right.mean >= 0.2'
	run_gate --spend-anyway -v
	ends 3 "credentials said back, stream $stream"
	has "$out$(each 'map(.answer)')" "[redacted]" "credentials said back: seen"
	clean "credentials said back, stream $stream"
done
export AWS_ACCESS_KEY_ID=$id
unset AWS_SESSION_TOKEN
server_stop "$spawn_pid"

# --- clocks -------------------------------------------------------------------------------------

for offset in 3600 -3600; do
	bedrock '{}' $offset
	with m:0 true 6 'right.mean >= 0.2'
	run_gate -j 1 --spend-anyway
	ends 0 "AWS's clock $offset s off"
	accounts 6 6 0
	is "$(log 'map(.why // "ok") | join(" ")')" "InvalidSignatureException ok ok ok ok ok ok" \
		"AWS's clock $offset s off: corrected once, for all"
	server_stop "$spawn_pid"
done

bedrock '{}' 3600
with m:0 true 40 'right.mean >= 0.01'
run_gate -j 8 --spend-anyway
ends 0 "AWS's clock off, eight at once"
accounts 40 40 0
is "$(log '(map(select(.why)) | length) as $bad | [$bad <= 8, length - $bad] | @csv')" "true,40" \
	"AWS's clock off, eight at once: none is refused twice"
server_stop "$spawn_pid"

# --- what Bedrock says --------------------------------------------------------------------------

long=$(printf 'é世😀 %.0s' {1..2000})
bedrock "$(jq -n --arg long "$long" '{
	"say 1.": {text: "say 1.", pieces: 1},
	"say 2.": {text: "say 2.\n\"q\" … 日本語 😀", pieces: 1, usage: {inputTokens: 31, outputTokens: 7, totalTokens: 38,
		cacheReadInputTokens: 5, cacheWriteInputTokens: 2}},
	"say 3.": {text: "let me see", tool: [{name: "lookup", input: {order: "A-6", n: 2}}, {name: "close", input: {}}]},
	"say 4.": {text: "say", stop: "max_tokens"},
	"say 5.": {text: "no.", stop: "guardrail_intervened", trace: {actionReason: "Guardrail blocked."}},
	"say 6.": {text: "say 6.", reasoning: "thinking aloud"},
	"say 7.": {text: $long, stop: "stop_sequence"}}')"
for stream in true false; do
	how="stream $stream:"
	with m:0 $stream 7 'right.mean >= 0.01'
	run_gate --spend-anyway
	ends 0 "what Bedrock says, $how"
	accounts 7 7 0
	signed 7 "$how"
	is "$(each 'map(.scores.right.value) | @csv')" "1,0,0,0,0,1,0" "$how what was said, was scored"
	is "$(each '.[1].answer')" $'say 2.\n"q" … 日本語 😀' "$how text outside ASCII"
	is "$(each '.[6].answer')" "$long" "$how a long text"
	is "$(each '.[1].usage | [.in, .out, .cache_read, .cache_write] | @csv')" "38,7,5,2" "$how usage, what was cached in it"
	is "$(each 'map(.finish) | @csv')" '"stop","stop","tool-calls","length","blocked","stop","stop"' "$how finish"
	is "$(each '.[2].tool_calls | map(.name + (.arguments | tojson)) | join(" ")')" \
		'lookup{"order":"A-6","n":2} close{}' "$how tool calls"
	is "$(each 'map(.times | has("ttft")) | unique | @csv')" "$stream" "$how ttft only where it streams"
	hasnt "$(each 'map(.answer)')" thinking "$how reasoning is not the answer"
done
server_stop "$spawn_pid"

# InvokeModel: Claude's own form, in the same frames.
claude=anthropic.claude-3-haiku-20240307-v1:0
bedrock "$(jq -n --arg long "$long" '{
	"say 2.": {text: "say 2.\n\"q\" … 日本語 😀", usage: {inputTokens: 31, outputTokens: 7}},
	"say 3.": {text: "let me see", tool: [{name: "lookup", input: {order: "A-6", n: 2}}]},
	"say 4.": {text: "say", stop: "max_tokens"},
	"say 5.": {text: "say 5.", reasoning: "thinking aloud"},
	"say 6.": {text: $long}}')"
for stream in true false; do
	how="InvokeModel, stream $stream:"
	api=invoke with $claude $stream 6 'right.mean >= 0.01'
	run_gate --spend-anyway
	ends 0 "$how"
	accounts 6 6 0
	signed 6 "$how"
	is "$(log '[.[].op] | unique | join(" ")')" \
		"$([ $stream = true ] && echo invoke-with-response-stream || echo invoke)" "$how the operation"
	is "$(each 'map(.scores.right.value) | @csv')" "1,0,0,0,1,0" "$how what was said, was scored"
	is "$(each '.[1].answer')" $'say 2.\n"q" … 日本語 😀' "$how text outside ASCII"
	is "$(each '.[5].answer')" "$long" "$how a long text"
	is "$(each '.[1].usage | [.in, .out] | @csv')" "31,7" "$how usage"
	is "$(each 'map(.finish) | @csv')" '"stop","stop","tool-calls","length","stop","stop"' "$how finish"
	is "$(each '.[2].tool_calls | map(.name + (.arguments | tojson)) | join(" ")')" \
		'lookup{"order":"A-6","n":2}' "$how tool calls"
	hasnt "$(each 'map(.answer)')" thinking "$how reasoning is not the answer"
done
server_stop "$spawn_pid"

# An answer of 10 MB.
bedrock '{"say 1.": {"text": "0123456789", "times": 1000000, "pieces": 10000}}'
for api in '' invoke; do
	for stream in true false; do
		with $claude $stream 1 'right.mean >= 0.01'
		run_gate --spend-anyway
		accounts 1 1 0
		is "$(each '.[0].answer | length')" 10000000 "10 MB, stream $stream ${api:-converse}"
	done
done
unset api
server_stop "$spawn_pid"

model=m:0
# fault STREAMS NAME PLAN-OF-SAY-4 SCORED CALLS TEXT
fault() {
	local streams=$1 name=$2 plan=$3 scored=$4 calls=$5 text=$6 stream
	for stream in $streams; do
		bedrock "{\"say 4.\": $plan}" || return
		with "$model" "$stream" 4 'right.mean >= 0.25'
		run_gate --spend-anyway
		ends "$([ "$scored" = 4 ] && echo 0 || echo 3)" "$name, stream $stream"
		accounts 4 "$scored" $((4 - scored))
		is "$(each 'map(.scores.right.value // 0) | add')" "$scored" "$name, stream $stream: scores"
		signed $((3 + calls)) "$name, stream $stream"
		[ -z "$text" ] || has "$out" "$text" "$name, stream $stream: said"
		server_stop "$spawn_pid"
	done
}
fault "true false" "a JSON 400" '{"http": [400, "ValidationException", "no such thing"]}' 3 1 "no such thing"
fault "true false" "a JSON 403" '{"http": [403, "AccessDeniedException", "not for you"]}' 3 1 "not for you"
fault "true false" "a JSON 404" '{"http": [404, "ResourceNotFoundException", "no model"]}' 3 1 "no model"
fault "true false" "429, then an answer" '[{"http": [429, "ThrottlingException", "slow down"]}, {}]' 4 2 ""
fault "true false" "429 for ever" '{"http": [429, "ThrottlingException", "slow down"]}' 3 4 "slow down"
fault "true false" "a model not ready, then an answer" '[{"http": [429, "ModelNotReadyException", "wait"]}, {}]' 4 2 ""
fault "true false" "503, then an answer" '[{"http": [503, "ServiceUnavailableException", "wait"]}, {}]' 4 2 ""
fault true "throttled in a 200, before any text" \
	'[{"after": 0, "exception": ["throttlingException", "slow down"]}, {}]' 4 2 ""
fault true "throttled in a 200, after some text" \
	'{"after": 3, "exception": ["throttlingException", "slow down"]}' 3 1 "slow down"
fault true "a model's error in a stream" '{"after": 3, "exception": ["modelStreamErrorException", "broke"]}' 3 1 broke
fault true "a validation exception in a stream" '{"after": 0, "exception": ["validationException", "bad"]}' 3 1 bad
fault true "an exception after the last event" '{"after": 99, "exception": ["internalServerException", "late"]}' 3 1 late
fault true "an unmodelled error" '{"after": 3, "error": ["InternalError", "odd"]}' 3 1 odd
fault true "a stream that ends before its stop" '{"after": 3}' 3 1 cut
fault true "a stream of nothing" '{"after": 0}' 3 1 "q4: "
fault true "a frame cut short" '{"cut": 30}' 3 1 cut
fault true "a damaged first length" '{"damage": 2}' 3 1 malformed
fault true "a damaged payload" '{"damage": 150}' 3 1 malformed
fault true "a damaged last checksum" '{"damage": -1}' 3 1 malformed
export api=invoke
model=$claude
fault "true false" "InvokeModel: a JSON 400" '{"http": [400, "ValidationException", "no such thing"]}' 3 1 "no such thing"
fault "true false" "InvokeModel: 429, then an answer" '[{"http": [429, "ThrottlingException", "slow down"]}, {}]' 4 2 ""
fault true "InvokeModel: a model's error in its stream" \
	'{"after": 4, "exception": ["modelStreamErrorException", "broke"]}' 3 1 broke
fault true "InvokeModel: a stream that ends before its stop" '{"after": 4}' 3 1 cut
fault true "InvokeModel: a damaged payload" '{"damage": 150}' 3 1 malformed
unset api
model=m:0
fault false "a body cut short" '{"cut": 9}' 3 1 "q4: "
fault false "no JSON" '{"garbage": "<html>"}' 3 1 malformed
fault false "JSON of another kind" '{"garbage": "{\"choices\": []}"}' 3 1 malformed
done_testing
