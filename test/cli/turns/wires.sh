# A conversation with tools on the wires of OpenAI, Anthropic and Bedrock: the same script, the same
# answer, tokens and trajectory, streamed or not.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
need_tool git jq

tool='[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":"{\"at\":[1,2]}"}},
	{"index":1,"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}}]'
rules="{\"rules\":[{\"contains\":\"Thank you\",\"answer\":\"You are welcome.\"},
	{\"contains\":\"lost parcel\",\"answer\":\"It is lost.\"},
	{\"contains\":\"Where\",\"tool_calls\":$tool,\"answer\":\"Let me look.\"}]}"
cases() {
	echo '{"id":"t","question":"Where is it?","expected":"You are welcome.","turns":["Thank you"],"tool_results":{"look":[{"when":{"at":[1,2.0]},"result":{"state":"lost parcel"}}],"now":"noon"}}' >proj/cases.jsonl
	echo '[{"name":"look","parameters":{"type":"object"}},{"name":"now","parameters":{"type":"object"}}]' >proj/tools.json
}
talks() { # NAME
	for stream in true false; do
		script "$rules"
		project 1
		sed -i 's/^    prompt: .*/&\n    tools: tools.json/' proj/gate.yaml
		git_commit proj tools
		run_gate --spend-anyway
		is "$(seen)" 3 "$1, stream $stream: three calls"
		outcome t >"$1.$stream"
		is "$(jq -c '[.answer, .scores.right.value, .provider_detail.conversation.ended]' "$1.$stream")" \
			'["You are welcome.",1,"complete"]' "$1, stream $stream: the answer"
		is "$(jq -c '[.trajectory[] | del(.times, .id)]' "$1.$stream")" \
			'[{"kind":"user","text":"Where is it?"},{"kind":"model","text":"Let me look.","finish":"tool-calls"},{"kind":"tool","name":"look","arguments":{"at":[1,2]},"result":{"state":"lost parcel"}},{"kind":"tool","name":"now","arguments":{},"result":"noon"},{"kind":"model","text":"It is lost.","finish":"stop"},{"kind":"user","text":"Thank you"},{"kind":"model","text":"You are welcome.","finish":"stop"}]' \
			"$1, stream $stream: the trajectory"
		request=$(last_request)
		server_stop
	done
	stream=true
}

bot_lines='provider: openai
base_url: URL/v1'
talks openai
has "$request" '{"role":"assistant","content":"Let me look.","tool_calls":[{"type":"function","id":"c1","function":{"name":"look","arguments":"{\"at\":[1,2]}"}}' \
	"openai: the calls are said again"
has "$request" '{"role":"tool","content":"{\"state\":\"lost parcel\"}","tool_call_id":"c1"},{"role":"tool","content":"noon","tool_call_id":"c2"}' \
	"openai: ... with their results"

bot_lines='provider: anthropic
base_url: URL
params: {max_tokens: 50}'
talks anthropic
has "$request" '{"type":"tool_use","id":"c1","name":"look","input":{"at":[1,2]}}' "anthropic: the calls are said again"
like "$request" '"role":"user","content":\[\{"type":"tool_result","tool_use_id":"c1"[^]]*"tool_use_id":"c2"' \
	"anthropic: ... with all results in one message"

. "$TOP/test/cli/bedrock/bedrock.inc"
talks bedrock
like "$request" '"toolUse":\{"toolUseId":"c1","name":"look","input":\{"at":\[1,2\]\}\}' "bedrock: the calls are said again"
like "$request" '"toolResult":\{"toolUseId":"c1"' "bedrock: ... with their results"
is "$(jq -c '[.trajectory, .tool_calls, .answer] | del(.. | .times?)' openai.true)" \
	"$(jq -c '[.trajectory, .tool_calls, .answer] | del(.. | .times?)' bedrock.false)" "the same on every wire"
done_testing
