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
# call ID NAME ARGUMENTS [INDEX]
call() { printf '{"index": %s, "id": "%s", "type": "function", "function": {"name": "%s", "arguments": "%s"}}' "${4:-0}" "$1" "$2" "$3"; }

cat >script.json <<END
{"rules": [
  {"contains": "say nothing", "status": 400},
  {"contains": "the money is on its way", "answer": "Done: it is on its way."},
  {"contains": "\"ok\\\\\"", "tool_calls": [$(call c2 refund '{\"order\": \"A1\"}')], "answer": ""},
  {"contains": "refund A1", "tool_calls": [$(call c1 lookup '{\"order\": \"A1\"}')], "answer": ""},
  {"contains": "for ever", "tool_calls": [$(call c9 lookup '{\"order\": \"ZZ\"}')], "answer": "again"},
  {"contains": "unknown tool", "tool_calls": [$(call c1 lookup '{\"order\": \"A1\"}'), $(call c7 'drop \\u001b[31mtable' '{ not json' 1)], "answer": "I try."},
  {"answer": "You said: {{user}}", "latency_ms": 5}
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
is "$(jq '([.trajectory[].times.latency_ms | values] | add) - .times.latency.value | fabs < 0.01' three)" true \
	"the latency is that of all calls"
is "$(jq '[.trajectory[].times.ttft_ms | values] | max' three)" "$(jq .times.ttft.value three)" \
	"the first token is the one waited for longest"

# --- tools with results of the case, in the script and always
talk <<'END'
{"id": "tools", "question": "Please refund A1", "expected": "Done: it is on its way.",
 "turns": [{"tool": "refund", "result": {"status": "the money is on its way"}}],
 "tool_results": {"lookup": [{"when": {"order": "B2"}, "result": "another"}, {"when": {"order": "{{id}}"}, "result": "no"}, {"result": {"status": "ok"}}]}}
END
tr '\n' ' ' <proj/cases.jsonl >proj/one && mv proj/one proj/cases.jsonl && git_commit proj joined
sed -i 's/^    metrics:$/&\n      used: {scorer: trajectory, expected: [lookup, {name: refund, arguments: {order: A1}}], match: exact}\n      f1: {scorer: tool-call-f1, expected: [lookup, refund]}\n      none: {scorer: forbidden-tool, tools: ["drop*"]}\n      valid: {scorer: is-valid-openai-tools-call}/' proj/gate.yaml
git_commit proj metrics
seen_mark
run_gate --spend-anyway
is "$rc" 3 "a loop of tools is played"
is "$(since)" 3 "three calls of the model"
outcomes >tools
is "$(jq -r .answer tools)" "Done: it is on its way." "the answer follows the last result"
is "$(jq -c '[.trajectory[] | [.kind, .name, .result] | map(values)]' tools)" \
	'[["user"],["model"],["tool","lookup",{"status":"ok"}],["model"],["tool","refund",{"status":"the money is on its way"}],["model"]]' \
	"tools stand where they were called, with what they gave"
is "$(jq -c '[.tool_calls[].arguments]' tools)" '[{"order":"A1"},{"order":"A1"}]' "all calls are told, their arguments read"
is "$(jq -c '.scores | [.used.value, .f1.value, .none.value, .valid.value, .right.value]' tools)" '[1,1,0,1,1]' \
	"scorers see all of it"
is "$(jq -r .provider_detail.conversation.ended tools)" complete "it is complete"
run "$GATE" show -C proj last/tools
has "$out" 'tool lookup {"order":"A1"} gave {"status":"ok"}' "gate show prints the conversation"
has "$out" "conversation  complete" "... and how it ended"
seen_mark
run_gate --spend-anyway
is "$(since)" 0 "again: every call is in the store"
gate plan -C proj
like "$out" "3 calls . 3 reused|3 reused" "plan plays it from the store"

# --- every way to end otherwise, a failure in the middle, texts that want to steer
cat >cases.in <<'END'
{"id": "missing", "question": "an unknown tool", "expected": "I try.", "tool_results": {"lookup": "found"}, "turns": ["never said"]}
{"id": "loop", "question": "for ever", "expected": "again", "tool_results": {"lookup": "nothing"}}
{"id": "broken", "question": "one", "expected": "x", "turns": ["say nothing", "three"]}
{"id": "unused", "question": "hi", "expected": "You said: bye", "turns": [{"tool": "lookup", "result": 1}, "bye"]}
{"id": "plain", "question": "plain", "expected": "You said: plain"}
END
talk <cases.in
sed -i -e 's/^    cases: .*/&\n    max_steps: 4/' -e 's/^    metrics:$/&\n      loops: {scorer: loop}\n      steps: {scorer: step-count, max: 2}/' proj/gate.yaml
git_commit proj settings
seen_mark
run_gate --spend-anyway
outcomes >ends
pick() { jq -c "select(.case == \"$1\") | $2" ends; }
is "$(since)" $((1 + 5 + 2 + 2 + 1)) "no call too many"
accounts 5 4 1
is "$(pick missing '[.finish, .answer, .provider_detail.conversation.ended, .provider_detail.conversation.turns_not_played]')" \
	'["tool-calls","I try.","missing-result",1]' "a tool without a result ends it, and is the answer"
is "$(pick missing '[.trajectory[] | select(.kind == "tool") | has("result")]')" '[true,false]' "... its neighbour has its own"
is "$(pick loop '[.finish, .finish_raw, (.tool_calls | length), .provider_detail.conversation.ended]')" \
	'["other","max-steps",5,"max-steps"]' "tools for ever end at max_steps"
is "$(pick loop '[.scores.loops.value, .scores.steps.value]')" '[1,0]' "... and are judged"
is "$(pick broken '[.status, .failure.cause]')" '["unscored","request-refused"]' "a call that fails in the middle leaves it unscored"
like "$(pick broken .failure.text)" "^.call 2 of the conversation: " "... and says which"
is "$(pick unused '[.answer, .provider_detail.conversation.results_not_used]')" '["You said: bye",1]' "a result nobody asked for is passed over, and told"
is "$(pick plain 'has("trajectory")')" false "a plain case stays one call"
run "$GATE" show -C proj last/missing
unlike "$out" $'\033' "gate show: the name of a tool steers nothing"
has "$out" "without a result" "... and what got none says so"
run "$GATE" report proj/.gate/runs/* --format junit
unlike "$out" $'\033' "junit: nor there"
has "$out" "tool lookup" "... the conversation is in the failure"
if command -v xmllint >/dev/null; then
	cp "$tap_dir/out" junit.xml
	ok "... and it is XML" xmllint --noout junit.xml
else
	skip "xmllint is not installed"
fi

# --- the same record at any -j, resumed and replayed
talk < <(for i in {1..24}; do
	printf '{"id": "t%d", "question": "q%d", "expected": "You said: d%d", "turns": ["b%d", "c%d", "d%d"]}\n' "$i" "$i" "$i" "$i" "$i" "$i"
	# Five failures alike and no answer would end a resumed run.
	sed "s/\"id\": \"/&$i-/" cases.in | { [ "$i" -le 3 ] && cat || grep -v broken; }
done)
kept() { jq -cS 'del(.. | .times?)' "$1"/runs/*/outcomes.jsonl; }
seen_mark
run_gate --spend-anyway --store ../one -j 1 --record ../replies
calls=$(since)
run_gate --spend-anyway --store ../many -j 64
is "$(since)" "$calls" "-j 64 makes the calls of -j 1"
kept one >one.out
kept many >many.out
ok "... and the same outcomes" cmp one.out many.out
is "$(wc -l <one.out)" 123 "... of all samples"
run_gate --spend-anyway --store ../again --replay ../replies
is "$(since)" 0 "--replay calls nothing"
kept again >again.out
ok "... and gives the same outcomes, but for what was never answered" \
	diff <(jq -c 'select(.case | contains("broken") | not)' one.out) <(jq -c 'select(.case | contains("broken") | not)' again.out)

# Killed in the middle: what was answered is not asked again.
before=$(seen)
"$GATE" run -C proj --spend-anyway --store ../killed -j 2 >/dev/null 2>&1 &
victim=$!
tap_pids+=("$victim")
seen_waits $((before + 40))
kill -9 "$victim" 2>/dev/null
wait "$victim" 2>/dev/null
ok "killed before it had a record" test ! -e "$(echo killed/runs/*/record.json)"
run_gate --spend-anyway --store ../killed --resume -j 8
kept killed >killed.out
ok "killed and resumed: the same outcomes" cmp one.out killed.out

# --- mistakes are found before anything is spent
bad() { # CASE MESSAGE
	talk <<<"$1"
	seen_mark
	run_gate
	is "$rc $(since)" "2 0" "refused, and nothing called: $2"
	has "$err" "cases.jsonl:1:" "... with its place"
	has "$err" "$2" "... and what is wrong"
}
bad '{"question": "q", "expected": "e", "turns": ["{{nobody}}"]}' "undefined variable 'nobody'"
bad '{"question": "q", "expected": "e", "tool_results": {"t": {"a": "{{nobody}}"}}}' "in 'tool_results': undefined variable 'nobody'"
bad '{"question": "q", "expected": "e", "turns": [{"usr": "x"}]}' "did you mean 'user'?"
bad '{"question": "q", "expected": "e", "turns": [{"tool": "t"}]}' "has no 'result'"
bad '{"question": "q", "expected": "e", "turns": [""]}' "must be a text that is not empty"
bad '{"question": "q", "expected": "e", "turns": []}' "'turns' has 0 items"
bad '{"question": "q", "expected": "e", "turns": "x"}' "must be a list"
bad '{"question": "q", "expected": "e", "tool_results": {"t": {"result": 1}}}' "Write [{result: VALUE}]"
bad '{"question": "q", "expected": "e", "tool_results": {"t": [{"wen": {}, "result": 1}]}}' "did you mean 'when'?"
bad '{"question": "q", "expected": "e", "turns": ["a"], "conversationTurns": []}' "'conversationTurns' is not read"
talk <<<'{"question": "q {{turns}}", "expected": "e", "turns": ["a"]}'
printf '{{turns}}' >proj/prompt.txt
git_commit proj prompt
run_gate
is "$rc" 2 "no prompt sees what the user will say"
has "$err" "undefined variable 'turns'" "... it is no variable"
talk <<<'{"output": "o", "expected": "o", "turns": ["a"]}'
sed -i -e 's/provider: openai/provider: recorded/' -e '/base_url\|prompt:\|tools:\|model:\|params:/d' proj/gate.yaml
git_commit proj recorded
run_gate
is "$rc" 2 "a target that is not sent conversations"
has "$err" "[turns]" "... is refused"
done_testing
