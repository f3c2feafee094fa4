# Anthropic's Messages before aimock.
. "$TOP/test/interop/wires.inc"
shape anthropic refusal '"stop","stop","stop","length","refused","tool-calls","stop"'
faults anthropic

# A server that checks keys takes ours, as x-api-key; a wrong one stops the run after five.
echo '{"fixtures": [{"match": {"userMessage": "say"}, "response": {"content": "say 1."}}]}' >any.json
AIMOCK_API_KEYS=$BOT_KEY aimock any.json
wire_project anthropic true 20 'right.mean >= 0.5'
run_gate
ends 1 "the right key: twenty answers, one of them right"
accounts 20 20 0
get -H "x-api-key: $BOT_KEY" "$server_url/__aimock/journal" >journal.json
is "$(jq -r '[.[].headers | [has("x-api-key"), has("authorization"), .["anthropic-version"]] | @csv] | unique[]' journal.json)" \
	'true,false,"2023-06-01"' "the key goes in one header, beside the version"
BOT_KEY=sk-wrong-5151515151 run_gate -j 1 --fresh
ends 3 "a wrong key"
accounts 20 0 20
has "$out" "the first 5 calls" "a wrong key stops the run"
hasnt "$out$err" sk-wrong "a wrong key is not shown"
server_stop "$spawn_pid"
done_testing
