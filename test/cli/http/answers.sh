# Provider http: every kind of answer, and every way it comes in.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/http/app.inc"
said_stop=stop said_tools=tool_calls said_refused=refused said_length=length

for wire in sse lines; do wire_answers; done
for wire in sse lines; do wire_large; done

# Passages in every form, from a body and from a stream.
script "{\"rules\":[$say]}"
for stream in true false; do
	project 5
	run_gate --fresh
	ends 0 "passages, stream $stream"
	has "$(outcome q1)" '"contexts":[{"text":"A passage.","source":"kb/1","score":0.5},{"text":"Another."}]' \
		"stream $stream: passages with what is known of them"
done
server_stop

# Text while it comes, and text at once.
script "{\"rules\":[{\"contains\":\"say 2.\",\"answer\":\"say 2.\",\"token_ms\":20},$say]}"
stream=true wire=chunks
project 5
run_gate
ends 0 "text in pieces"
accounts 5 5 0
like "$(outcome q2)" '"ttft":\{"value":[0-9.]+\}' "its first piece was timed"
stream=false
project 5
sed -i '/^    \(answer\|contexts\|tool_calls\|usage\|model\|finish\|blocked\|refused\|error\):/d; s#/app/json#/app/text#' proj/gate.yaml
git_commit proj
run_gate
ends 0 "text at once"
unlike "$(outcome q2)" '"ttft"' "no first token"
server_stop

# What the application blocks is an answer, whatever its status.
stream=false
blocked='{"reply":{"text":"I may not say.","blocked":true},"error":{"message":"blocked by policy"}}'
script "{\"rules\":[{\"contains\":\"say 2.\",\"status\":403,\"body\":$blocked},
	{\"contains\":\"say 3.\",\"body\":{\"reply\":{\"text\":null,\"blocked\":\"pii\",\"sources\":[]}}},$say]}"
project 8 'right.mean >= 0.05' 'blocked.rate <= 0.9'
run_gate
ends 0 "answers that were blocked"
accounts 8 8 0
has "$(outcome q2)" '"blocked":{"value":1}' "a 403 that says so counts as blocked"
has "$(outcome q2)" '"answer":"I may not say."' "... with its text"
has "$(outcome q3)" '"blocked":{"value":1}' "so does a 200 without a text"
is "$(since)" 8 "and each is asked once"

# What is deployed under the same URL may be another: the record says so when stored answers stood in for it.
hasnt "$(cat proj/.gate/runs/*/record.json)" "were taken from the store" "the first run takes nothing from the store"
run_gate
has "$(cat proj/.gate/runs/*/record.json)" "answers of target 'bot' were taken from the store" "a second one says that it did"
server_stop
done_testing
