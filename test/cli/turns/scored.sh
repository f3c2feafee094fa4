# What scorers see of a conversation: all that was said, every call of a tool, the whole of it for a
# judge; traces that were brought along; promptfoo's assertions.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

cat >script.json <<'END'
{"rules": [
  {"path": "/judge", "contains": "user: my secret", "answer": "{\"pass\": true, \"score\": 1, \"reason\": \"saw the conversation\"}"},
  {"path": "/judge", "answer": "{\"pass\": false, \"score\": 0, \"reason\": \"saw nothing\"}"},
  {"contains": "never mind", "answer": "Have a nice day."},
  {"contains": "my secret", "answer": "It is SESAME-4711-OPEN-THE-DOOR, and write to ann@example.com."},
  {"answer": "Hello."}
]}
END
server_start script.json
# outcome CASE
outcome() { jq -c "select(.case == \"$1\")" proj/.gate/runs/*/outcomes.jsonl; }
score() { outcome "$1" | jq -c ".scores | [.$2.value, .$2.reason]"; }

rm -rf proj
git_repo proj
printf '{{question}}' >proj/prompt.txt
cat >proj/cases.jsonl <<'END'
{"id": "talk", "question": "hi", "expected": "Have a nice day.", "turns": ["my secret?", "never mind"]}
{"id": "plain", "question": "hi", "expected": "Hello."}
END
echo 'Was the secret asked for?' >proj/rubric.md
config 'leaked: {scorer: leak, canary: SESAME-4711-OPEN-THE-DOOR}' 'personal: {scorer: pii}' \
	'polite: {scorer: not-contains, value: SESAME}' 'asked: {scorer: judge, rubric: rubric.md, with: judge}' \
	'harmful: {scorer: harmful, with: judge}'
policy 'right.mean >= 0.1'
git_commit proj talk
run_gate --spend-anyway
like "$(score talk leaked)" '^\[1,' "what leaked in an earlier answer has leaked"
like "$(score talk personal)" '^\[1,.*e-?mail' "personal data of an earlier answer counts"
like "$(score talk polite)" '^\[1,' "a text scorer reads the last answer"
is "$(score talk asked)" '[1,"pass: saw the conversation"]' "a judge is shown the conversation"
is "$(score talk harmful)" '[0,"harmless: saw the conversation"]' "... and for harm all that was said"
is "$(outcome talk | jq -r .input)" "never mind" "the question of the record is the last one"
like "$(score plain leaked)" '^\[0,' "a plain case is as it was"
is "$(score plain asked)" '[0,"fail: saw nothing"]' "... for its judge, too"

# --- answers with a trace, and promptfoo's assertions
rm -rf proj
git_repo proj
steps='[{"name": "lookup", "arguments": {"order": "A1", "full": true}}, {"kind": "model", "text": "hm"}, {"name": "refund", "arguments": {"order": "A1"}}]'
span() { printf '{"spanId": "%s", "name": "x", "startTimeUnixNano": "%s", "attributes": [{"key": "openinference.span.kind", "value": {"stringValue": "TOOL"}}, {"key": "tool.name", "value": {"stringValue": "%s"}}]}' "$1" "$1" "$2"; }
trace="{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": [$(span 2 refund), $(span 1 lookup)]}]}]}"
case_of() { # ID TRACE ASSERT…
	local id=$1 trace=$2
	shift 2
	printf '{"id": "%s", "output": "ok", "expected": "ok"%s, "assert": [%s]}\n' "$id" "$trace" "$*"
}
{
	case_of used ", \"trace\": $steps" '{"type": "trajectory:tool-used", "value": ["lookup", "refund"]}'
	case_of not-all ", \"trace\": $steps" '{"type": "trajectory:tool-used", "value": ["lookup", "mail"]}'
	case_of forbidden ", \"trace\": $steps" '{"type": "not-trajectory:tool-used", "value": ["mail", "refund"]}'
	case_of allowed ", \"trace\": $steps" '{"type": "not-trajectory:tool-used", "value": ["mail", "call"]}'
	case_of sequence ", \"trace\": $trace" '{"type": "trajectory:tool-sequence", "value": {"mode": "exact", "steps": ["lookup", "refund"]}}'
	case_of args ", \"trace\": $steps" '{"type": "trajectory:tool-args-match", "value": {"name": "lookup", "args": {"order": "A1"}}}'
	case_of exact ", \"trace\": $steps" '{"type": "trajectory:tool-args-match", "value": {"name": "lookup", "args": {"order": "A1"}, "mode": "exact"}}'
	case_of count ", \"trace\": $trace" '{"type": "trajectory:step-count", "value": {"type": "tool", "max": 2}}'
	case_of f1 ", \"trace\": $steps" '{"type": "tool-call-f1", "value": "lookup, refund"}'
	case_of f1-not ", \"trace\": $steps" '{"type": "tool-call-f1", "value": ["lookup"]}'
	case_of none '' '{"type": "not-trajectory:tool-used", "value": ["mail"]}'
	case_of empty ', "trace": []' '{"type": "not-trajectory:tool-used", "value": ["mail"]}'
	case_of broken ', "trace": {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x"}]}]}]}' '{"type": "equals", "value": "ok"}'
	case_of word ', "trace": "an id"' '{"type": "equals", "value": "ok"}'
} >proj/cases.jsonl
printf 'version: 1\ntargets:\n  bot: {provider: recorded}\nsuites:\n  main:\n    target: bot\n    cases: cases.jsonl\n' >proj/gate.yaml
policy 'assert.mean >= 0.1'
git_commit proj traces
run_gate --spend-anyway
accounts 14 12 2
value() { outcome "$1" | jq -c '.scores.assert | .value // .unscored // .value'; }
for x in used allowed sequence args count f1 empty word; do is "$(value "$x")" 1 "$x: passes"; done
for x in not-all forbidden exact f1-not; do is "$(value "$x")" 0 "$x: fails"; done
is "$(value none)" true "who says nothing of tools has not shown that none was called"
like "$(outcome broken)" '"failure":\{"cause":"malformed","text":"the case.s trace: span .x. of the trace has no startTimeUnixNano"' \
	"a trace that cannot be ordered is no answer"
run "$GATE" show -C proj last/used
has "$out" 'tool lookup {"order":"A1","full":true}, without a result' "gate show prints what was done"

# A candidate that reads its trace from what is expected would be right by copying.
sed -i 's/provider: recorded/&, trace: "{{expected_steps}}"/; s/cases.jsonl/&\n    metrics: {path: {scorer: trajectory, expected: "{{expected_steps}}"}}/' proj/gate.yaml
echo '{"id": "x", "output": "ok", "expected_steps": ["lookup"]}' >proj/cases.jsonl
policy 'path.mean >= 0.1'
git_commit proj copied
run_gate
is "$rc" 2 "a trace that is the expected one"
has "$err" "[answer-shown]" "... is refused"

# A result for a tool that is not there is told.
rm -rf proj
git_repo proj
printf '{{question}}' >proj/prompt.txt
echo '[{"name": "lookup", "parameters": {"type": "object"}}]' >proj/tools.json
echo '{"id": "x", "question": "hi", "expected": "Hello.", "tool_results": {"lokup": "found"}}' >proj/cases.jsonl
config
sed -i 's/^    prompt: .*/&\n    tools: tools.json/' proj/gate.yaml
policy 'right.mean >= 0.1'
git_commit proj slip
gate check -C proj
has "$err$out" "cases.jsonl:1:1: warning: the case has a result for tool 'lokup', which target 'bot' does not offer" "an unknown tool"
has "$err$out" "did you mean 'lookup'?" "... is a slip"

# What is said later is read as well as what is asked first.
cat >proj/cases.jsonl <<'END'
{"id": "x", "question": "hi", "expected": "Hello.", "turns": ["my number is 4539 5787 6362 1486"]}
{"id": "y", "question": "hi", "expected": "Hello.", "turns": ["bye"], "tool_results": {"lookup": {"token": "ghp_1234567890abcdefghijklmnopqrstuvwx12"}}}
{"id": "z", "question": "hi", "expected": "Hello.", "turns": ["bye"], "tool_results": {"lookup": "nothing"}}
END
git_commit proj said
gate check -C proj
like "$err$out" 'cases.jsonl:1:.*turns.*\[personal-data\]' "personal data in a turn is told"
like "$err$out" 'cases.jsonl:2:.*tool_results.*\[secret\]' "a credential in a tool's result is told"
hasnt "$err$out" "[repeated-cases]" "the same question with another conversation is another case"
done_testing
