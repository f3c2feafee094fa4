# The wires that are not chat completions before aimock: plain, streamed, tool calls, errors, and its
# chaos.  Every part asserts the exit code, the accounting and the scores.
. "$TOP/test/interop/interop.inc"
need_module @copilotkit/aimock
need_tool jq curl

export AWS_EC2_METADATA_DISABLED=true AWS_ACCESS_KEY_ID=AKIDINTEROP0000000 \
	AWS_SECRET_ACCESS_KEY=canary+secret/aaaaaaaaaaaaaaaaaaaaaaaaaa

# wire_project WIRE STREAM N [THRESHOLD…]: the project, its target on that wire.
wire_project() {
	local wire=$1 stream=$2 n=$3 target
	shift 3
	case $wire in
	anthropic) target="provider: anthropic, base_url: '$server_url', model: {id: m1}" ;;
	invoke) target="provider: bedrock, api: invoke, model: {id: 'anthropic.claude-m-v1:0', region: us-east-1}" ;;
	bedrock) target="provider: bedrock, model: {id: 'us.anthropic.m-v1:0', region: us-east-1}" ;;
	responses) target="provider: openai, api: responses, base_url: '$server_url/v1', model: {id: m1}" ;;
	esac
	project "$n" "$@"
	cat >proj/gate.yaml <<-END
	version: 1
	targets:
	  bot: {$target, prompt: prompt.txt, params: {max_tokens: 200}, stream: $stream}
	suites:
	  main:
	    target: bot
	    cases: cases.jsonl
	    metrics:
	      right: {scorer: equals, expected: "{{expected}}"}
	END
	[[ $wire != @(bedrock|invoke) ]] || sed -i '/credentials:/d' proj/gate.policy.yaml
	export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=$server_url
	git_commit proj wire
}
# journal JQ: what aimock saw.
journal() { get "$server_url/__aimock/journal" | jq -r "$1"; }
no_secret() {
	hasnt "$out$err$(cat "$(record)"/*)" canary "$1: nothing secret in what was said and recorded"
}

# aimock puts InvokeModel's events into its frames as they are; AWS sends them in base64, as `bytes`.
streams_of() { if [ "$1" = invoke ]; then echo false; else echo true false; fi; }

# shape WIRE BLOCKED FINISHES: six answers, from one body and from a stream.
shape() {
	local wire=$1 blocked=$2 finishes=$3 stream how
	jq -n --arg blocked "$blocked" '{fixtures: [
		{match: {userMessage: "say 1."}, response: {content: "say 1."}},
		{match: {userMessage: "say 2."}, response: {content: "say 2.",
			usage: {input_tokens: 31, output_tokens: 7, total_tokens: 38}}},
		{match: {userMessage: "say 3."}, response: {content: "say 3.\n\"quoted\" … 日本語 😀"}},
		{match: {userMessage: "say 4."}, response: {content: "say", finishReason: "length"}},
		{match: {userMessage: "say 5."}, response: {content: "", finishReason: $blocked}},
		{match: {userMessage: "say 6."}, response: {toolCalls: [
			{name: "lookup", arguments: "{\"order\":\"A-6\",\"n\":2}"}, {name: "close", arguments: "{}"}]}},
		{match: {userMessage: "say 7."}, response: {content: "say 7.", reasoning: "thinking"}}]}' >shape.json
	aimock shape.json --journal-max 0 --chunk-size 3
	for stream in $(streams_of "$wire"); do
		how="$wire, stream $stream:"
		wire_project "$wire" "$stream" 7 'right.mean >= 0.05'
		run_gate --spend-anyway
		ends 0 "$how"
		accounts 7 7 0
		is "$(each 'map(.scores.right.value) | @csv')" "1,1,0,0,0,0,1" "$how what was said, was scored"
		is "$(each '.[2].answer')" $'say 3.\n"quoted" … 日本語 😀' "$how text outside ASCII, exactly"
		is "$(each 'map(.finish) | @csv')" "$finishes" "$how finish reasons"
		is "$(each '.[1].usage | [.in, .out] | @csv')" "31,7" "$how usage"
		is "$(each '.[5].tool_calls | map(.name + (.arguments | tojson)) | join(" ")')" \
			'lookup{"order":"A-6","n":2} close{}' "$how tool calls with their arguments"
		is "$(each 'map(.times | has("ttft")) | unique | @csv')" "$stream" "$how ttft only where it streams"
		hasnt "$(each 'map(.answer)')" thinking "$how reasoning is not the answer"
		no_secret "$how"
	done
	server_stop "$spawn_pid"
}

# fault WIRE STREAMS NAME RESPONSE-AND-OPTIONS SCORED CALLS TEXT: three usual answers and one fault.
usual=$(for i in 1 2 3; do
	printf '{"match": {"userMessage": "say %d."}, "response": {"content": "say %d."}},' $i $i; done)
fault() {
	local wire=$1 streams=$2 name=$3 more=$4 scored=$5 calls=$6 text=$7 stream how
	echo "{\"fixtures\": [$usual $more]}" >fault.json
	for stream in $streams; do
		[[ " $(streams_of "$wire") " = *" $stream "* ]] || continue
		aimock fault.json --journal-max 0 || return
		how="$wire, stream $stream: $name"
		wire_project "$wire" "$stream" 4 'right.mean >= 0.25'
		run_gate --spend-anyway
		ends "$([ "$scored" = 4 ] && echo 0 || echo 3)" "$how"
		accounts 4 "$scored" $((4 - scored))
		is "$(each 'map(.scores.right.value // 0) | add')" "$scored" "$how: scores"
		[ -z "$text" ] || has "$out" "$text" "$how: said"
		[ "$calls" = any ] || is "$(journal '[.[] | select(.body.messages[-1].content | tostring | contains("say 4."))] | length')" \
			"$calls" "$how: calls"
		server_stop "$spawn_pid"
	done
}
faults() {
	local wire=$1 four='"match": {"userMessage": "say 4."}' answer='"response": {"content": "say 4."}'
	# aimock gives Bedrock's errors Anthropic's form, which Bedrock never has.
	local said="overloaded for now"
	[[ $wire != @(bedrock|invoke) ]] || said="HTTP 400"
	local error='"response": {"error": {"message": "overloaded for now", "type": "server_error"}'
	fault "$wire" "true false" "500 for ever" "{$four, $error, \"status\": 500}}" 3 4 "HTTP 500"
	fault "$wire" "true false" "a JSON 400" "{$four, $error, \"status\": 400}}" 3 1 "$said"
	fault "$wire" "true false" "chaos: malformed" "{$four, $answer, \"chaos\": {\"malformedRate\": 1}}" 3 1 \
		malformed
	fault "$wire" "true false" "chaos: drop" "{$four, $answer, \"chaos\": {\"dropRate\": 1}}" 3 4 "HTTP 500"
	# libcurl by itself asks once more when a connection that it kept is dead.
	fault "$wire" "true false" "chaos: disconnect" "{$four, $answer, \"chaos\": {\"disconnectRate\": 1}}" 3 any "q4: "
	fault "$wire" "true" "cut after its second piece" "{$four, \"chunkSize\": 3, \"latency\": 5,
		\"truncateAfterChunks\": 4, \"response\": {\"content\": \"say 4. and much more than this\"}}" 3 1 "q4: cut"
	fault "$wire" "true false" "429, then an answer" "{\"match\": {\"userMessage\": \"say 4.\",
		\"sequenceIndex\": 0}, $error, \"status\": 429, \"retryAfter\": 1}}, {$four, $answer}" 4 2 ""
}

shape anthropic refusal '"stop","stop","stop","length","refused","tool-calls","stop"'
faults anthropic
shape bedrock guardrail_intervened '"stop","stop","stop","length","blocked","tool-calls","stop"'
faults bedrock
shape invoke refusal '"stop","stop","stop","length","refused","tool-calls","stop"'
faults invoke
done_testing
