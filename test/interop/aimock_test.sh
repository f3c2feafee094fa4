# The openai provider against aimock: its wire, faults and clock are another's reading of the same
# documents.  Every part asserts the exit code, the accounting and the scores.
. "$TOP/test/interop/interop.inc"
need_module @copilotkit/aimock
need_tool jq curl

# Questions are "say N." of the project; each has its own reply.
cat >fixtures.json <<'END'
{"fixtures": [
{"match": {"userMessage": "say 1."}, "response": {"content": "say 1."}},
{"match": {"userMessage": "say 2."}, "response": {"content": "say 2.", "usage":
	{"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38}}},
{"match": {"userMessage": "say 3."}, "response": {"content": "say 3.\n\"quoted\" … 日本語 \ud83d\ude00"}},
{"match": {"userMessage": "say 4."}, "response": {"content": "say", "finishReason": "length"}},
{"match": {"userMessage": "say 5."}, "response": {"content": "", "finishReason": "content_filter"}},
{"match": {"userMessage": "say 6."}, "response":
	{"toolCalls": [{"name": "lookup", "arguments": "{\"order\":\"A-6\",\"n\":2}"},
		{"name": "close", "arguments": "{}"}]}},
{"match": {"userMessage": "say 7."}, "response": {"content": "say 7.", "reasoning": "thinking"}},
{"match": {"userMessage": "say 8."}, "response": {"content": "I'm sorry, but I can't help with that."}}
]}
END

# shape STREAM: the eight answers, read from one body or from a stream.
shape() {
	local stream=$1 how="stream $1:"
	aimock fixtures.json --journal-max 0
	project 8
	sed -i "s|^    model: {id: m1}|&\n    stream: $stream|" proj/gate.yaml
	cat >>proj/gate.yaml <<-END
	      declined: {scorer: refusal}
	END
	policy 'unscored.count == 0' 'tokens_in.max >= 31 tok' 'declined.rate >= 0.01' 'blocked.count == 1'
	git_commit proj shape
	run_gate --spend-anyway
	accounts 8 8 0
	is "$(each 'map(.scores.right.value) | @csv')" "1,1,0,0,0,0,1,0" "$how what was said, was scored"
	is "$(each '.[2].answer')" $'say 3.\n"quoted" … 日本語 😀' "$how text outside ASCII, exactly"
	is "$(each 'map(.finish) | unique | @csv')" '"blocked","length","stop","tool-calls"' \
		"$how finish reasons"
	is "$(each '.[1].usage | [.in, .out] | @csv')" "31,7" "$how usage"
	is "$(each '.[5].tool_calls | map(.name + (.arguments | tojson)) | join(" ")')" \
		'lookup{"order":"A-6","n":2} close{}' "$how tool calls with their arguments"
	is "$(each 'map(.scores.declined.value) | @csv')" "0,0,0,0,$(each '.[4].scores.declined.value'),0,0,1" \
		"$how a refusal is an answer, and seen"
	is "$(each 'map(.scores.blocked.value) | add')" 1 "$how the content filter's block is an answer"
	is "$(each 'map(.scores.truncated.value) | add')" 1 "$how the cut at the token limit is seen"
	is "$(each 'map(.times | has("ttft")) | unique | @csv')" "$stream" "$how ttft only where it streams"
	hasnt "$(each 'map(.answer)')" thinking "$how reasoning is not the answer"
	is "$(get "$server_url/__aimock/journal" | jq -r '[.[] | .body.stream // false] | unique | @csv')" \
		"$stream" "$how the wire carried what was asked for"
	server_stop "$spawn_pid"
}
shape true
shape false

# What the independent server saw of the request itself.
aimock fixtures.json
project 1
run_gate --spend-anyway
ends 3 "one case cannot show 0.5"
is "$(get "$server_url/__aimock/journal" | jq -r '.[-1] | [.method, .path, .headers["content-type"],
	(.headers | has("authorization")), .body.model, .body.messages[-1].role,
	.body.messages[-1].content, .body.temperature, .body.stream_options.include_usage] | @csv')" \
	'"POST","/v1/chat/completions","application/json",true,"m1","user","say 1.",0,true' \
	"the request as another's server reads it"
server_stop "$spawn_pid"

# A server that checks keys takes ours; a wrong one and none stop the run after five.
echo '{"fixtures": [{"match": {"userMessage": "say"}, "response": {"content": "say 1."}}]}' >any.json
AIMOCK_API_KEYS=$BOT_KEY aimock any.json
project 20 'right.mean >= 0.5'
run_gate
ends 1 "the right key: twenty answers, one of them right"
accounts 20 20 0
BOT_KEY=sk-wrong-5151515151 run_gate -j 1 --fresh
ends 3 "a wrong key"
accounts 20 0 20
has "$out" "HTTP 401" "a wrong key is named"
has "$out" "the first 5 calls" "a wrong key stops the run"
(unset BOT_KEY; run_gate -j 1 --fresh; echo "$rc" >rc; printf '%s' "$out$err" >said)
is "$(cat rc)" 3 "no key at all: exit 3"
has "$(cat said)" "BOT_KEY" "no key at all: the variable is named"
server_stop "$spawn_pid"

# fault NAME RESPONSE-AND-OPTIONS EXIT SCORED UNSCORED TEXT: three usual answers and one fault,
# streamed and not.
usual='{"match": {"userMessage": "say 1."}, "response": {"content": "say 1."}},
{"match": {"userMessage": "say 2."}, "response": {"content": "say 2."}},
{"match": {"userMessage": "say 3."}, "response": {"content": "say 3."}}'
fault() {
	local name=$1 more=$2 code=$3 scored=$4 unscored=$5 text=$6 stream
	echo "{\"fixtures\": [$usual, $more]}" >fault.json
	aimock fault.json --journal-max 0
	for stream in true false; do
		project 4 'right.mean >= 0.25'
		sed -i "s|^    model: {id: m1}|&\n    stream: $stream|" proj/gate.yaml
		git_commit proj stream
		[ -z "${only_stream:-}" ] || [ "$stream" = true ] || continue
		run_gate --spend-anyway
		ends "$code" "$name, stream $stream"
		accounts 4 "$scored" "$unscored"
		is "$(each 'map(.scores.right.value // 0) | add')" \
			"$([ "$scored" = 4 ] && echo 4 || echo 3)" "$name, stream $stream: scores"
		[ -z "$text" ] || has "$out" "$text" "$name, stream $stream: said"
		calls=$(get "$server_url/__aimock/journal" |
			jq '[.[] | select(.body.messages[-1].content == "say 4.")] | length')
	done
	server_stop "$spawn_pid"
}
four='"match": {"userMessage": "say 4."}'
error='"response": {"error": {"message": "overloaded for now", "type": "server_error"}'
fault "500 for ever" "{$four, $error, \"status\": 500}}" 3 3 1 "HTTP 500"
is "$calls" 8 "500 for ever: four attempts each time"
fault "a JSON 400 where a stream was due" "{$four, $error, \"status\": 400}}" 3 3 1 "overloaded for now"
is "$calls" 2 "a JSON 400: asked once each time"
fault "malformed JSON" "{$four, \"response\": {\"content\": \"x\"}, \"chaos\": {\"malformedRate\": 1}}" \
	3 3 1 malformed
fault "the connection is cut before the head" \
	"{$four, \"response\": {\"content\": \"x\"}, \"chaos\": {\"disconnectRate\": 1}}" 3 3 1 "q4: "
only_stream=1 fault "a stream cut after its second piece" "{$four, \"chunkSize\": 3, \"latency\": 5,
	\"truncateAfterChunks\": 2, \"response\": {\"content\": \"say 4. and much more than this\"}}" \
	3 3 1 "q4: cut"
is "$calls" 1 "a cut stream is not asked again"
once=', "sequenceIndex": 0}'
fault "429 with Retry-After, then an answer" "{\"match\": {\"userMessage\": \"say 4.\"$once, $error,
	\"status\": 429, \"retryAfter\": 2}}, {$four, \"response\": {\"content\": \"say 4.\"}}" 0 4 0 ""
is "$calls" 3 "429: asked again once, and never after an answer"

# The wait that Retry-After asks for was kept.
echo "{\"fixtures\": [{\"match\": {\"userMessage\": \"say 1.\"$once, $error, \"status\": 429,
	\"retryAfter\": 2}}, {\"match\": {\"userMessage\": \"say\"}, \"response\": {\"content\": \"say 1.\"}}]}" >429.json
aimock 429.json
project 1
run_gate --spend-anyway
is "$(each '.[0].times.attempts')" 2 "429: two attempts are recorded"
gap=$(get "$server_url/__aimock/journal" | jq '.[1].timestamp - .[0].timestamp')
ok "429: the second came after the two seconds it was told ($gap ms)" \
	test "$gap" -ge 1990 -a "$gap" -lt 4000
is "$(each '.[0].times.latency.value < 1500')" true "429: the wait is no part of the latency"
server_stop "$spawn_pid"

# Its clock and ours: what aimock was told to take, beside what gate measured.
physics() {
	local ttft=$1 tps=$2 text=$3
	jq -n --arg text "$text" --argjson ttft "$ttft" --argjson tps "$tps" '{fixtures: [{match:
		{userMessage: "say"}, chunkSize: 4, streamingProfile: {ttft: $ttft, tps: $tps},
		response: {content: $text}}]}' >clock.json
	aimock clock.json
	project 12 'ttft.p50 < 10s'
	run_gate -j 4 --spend-anyway
	accounts 12 12 0
	# The first event only opens the message (no token); the last ones only close it.
	each "(length / 2 | floor) as \$m | def mid(f): map(f) | sort | .[\$m] * 10 | round / 10;
		\"ttft \(mid(.times.ttft.value)) tpot \(mid(.times.tpot.value)) latency \(mid(.times.latency.value))\"" >measured
	read -r _ got_ttft _ got_tpot _ got_all <measured
	pieces=$(((${#text} + 3) / 4)) gap=$((1000 / tps))
	diag "aimock: ttft $ttft ms, $pieces pieces at $gap ms; gate measured $(cat measured) ms"
	ok "ttft is of the size that aimock was told ($got_ttft)" \
		awk "BEGIN { exit !($got_ttft >= $ttft && $got_ttft < 3 * ($ttft + $gap) + 300) }"
	ok "latency too ($got_all)" awk "BEGIN { w = $ttft + ($pieces + 1) * $gap
		exit !($got_all >= w * 0.9 && $got_all < 3 * w + 300) }"
	ok "time per token is positive and below the whole ($got_tpot)" \
		awk "BEGIN { exit !($got_tpot > 0 && $got_tpot < $got_all) }"
	server_stop "$spawn_pid"
}
physics 120 50 "one two three four five six seven"
physics 20 200 "one two three four five six seven"
done_testing
