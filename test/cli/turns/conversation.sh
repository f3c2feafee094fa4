# A case's conversation: scripted user turns, tool results, how it ends, and what is kept of it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# talk FILE: the lines of cases on stdin; tools lookup and refund.
talk() {
	rm -rf proj
	git_repo proj
	printf '{{question}}' >proj/prompt.txt
	cat >proj/cases.jsonl
	cat >proj/tools.json <<-'END'
	[{"name": "lookup", "parameters": {"type": "object", "properties": {"order": {"type": "string"}}}},
	 {"name": "refund", "parameters": {"type": "object"}}]
	END
	config
	sed -i 's/^    prompt: .*/&\n    tools: tools.json/' proj/gate.yaml
	policy "${1:-right.mean >= 0.1}"
	git_commit proj talk
}
outcomes() { cat proj/.gate/runs/*/outcomes.jsonl; }
call() { printf '{"index": 0, "id": "%s", "type": "function", "function": {"name": "%s", "arguments": "%s"}}' "$@"; }

cat >script.json <<END
{"rules": [
  {"contains": "say nothing", "status": 400},
  {"contains": "the money is on its way", "answer": "Done: it is on its way."},
  {"contains": "\"ok\\\\\"", "tool_calls": [$(call c2 refund '{\"order\": \"A1\"}')], "answer": ""},
  {"contains": "refund A1", "tool_calls": [$(call c1 lookup '{\"order\": \"A1\"}')], "answer": ""},
  {"contains": "for ever", "tool_calls": [$(call c9 lookup '{\"order\": \"ZZ\"}')], "answer": "again"},
  {"contains": "unknown tool", "tool_calls": [$(call c1 lookup '{\"order\": \"A1\"}'), $(call c7 'drop \\u001b[31mtable' '{ not json')], "answer": "I try."},
  {"answer": "You said: {{user}}"}
]}
END
server_start script.json

# --- three turns
talk <<'END'
{"id": "three", "question": "one", "expected": "You said: three for x", "for": "x", "turns": ["two", {"user": "three for {{for}}"}]}
END
run_gate --spend-anyway
is "$rc" 3 "one case is too little for a verdict"
is "$(seen)" 3 "three turns are three calls"
outcomes >three
is "$(jq -r .answer three)" "You said: three for x" "the answer is the last reply"
is "$(jq -r .scores.right.value three)" 1 "... and is scored"
is "$(jq -c '[.trajectory[] | .kind + ":" + .text]' three)" \
	'["user:one","model:You said: one","user:two","model:You said: two","user:three for x","model:You said: three for x"]' \
	"the trajectory has all of it in order"
is "$(jq -c .provider_detail.conversation three)" '{"calls":3,"ended":"complete"}' "it is complete"
is "$(jq -c .usage three)" '{"in":30,"out":11}' "tokens are those of all calls"
is "$(jq '[.trajectory[].times.latency_ms | values] | add * 1000 | round' three)" \
	"$(jq '.times.latency.value * 1000 | round' three)" "the latency is that of all calls"
is "$(jq '[.trajectory[].times.ttft_ms | values] | max' three)" "$(jq .times.ttft.value three)" \
	"the first token is the one waited for longest"
done_testing
