# Provider anthropic: what is sent, and every kind of answer.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: anthropic
base_url: URL
params: {max_tokens: 50, temperature: 0, stop: "#"}'
said_stop=end_turn said_tools=tool_use said_refused=refusal said_length=max_tokens

wire_answers
wire_large

# What goes out.
script "{\"rules\":[$say]}"
project 5
run_gate -j 1
request=$(last_request)
like "$request" 'POST /v1/messages HTTP' "the path"
like "$request" "[Xx]-[Aa]pi-[Kk]ey: $BOT_KEY" "the key goes as x-api-key"
unlike "$request" '[Aa]uthorization:' "... and not as a bearer"
like "$request" 'anthropic-version: 2023-06-01' "the version"
has "$request" '{"model":"m1","messages":[{"role":"user","content":"say 5."}],"max_tokens":50,"temperature":0,"stop_sequences":["#"],"stream":true}' "the body"
server_stop

# What the provider blocks is an answer, whatever its status.
blocked='{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}'
script "{\"rules\":[{\"contains\":\"say 2.\",\"status\":400,\"body\":$blocked},$say]}"
project 8 'right.mean >= 0.05'
run_gate
ends 0 "an answer that was blocked"
accounts 8 8 0
has "$(outcome q2)" '"blocked":{"value":1}' "it counts as blocked"
is "$(since)" 8 "and is asked once"
server_stop

# Mistakes are found before anything is spent.
script "{\"rules\":[$say]}"
mistake() {
	bot_lines=$1
	project 5
	run_gate
	ends 2 "$2"
	like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: .*$3" "$2: named with its place"
	is "$(since)" 0 "$2: nothing was called"
}
common='provider: anthropic
base_url: URL'
mistake "$common" "no max_tokens" "must have 'max_tokens'"
mistake "$common
params: {max_tokens: 5, seed: 1}" "a parameter that the API does not know" "'seed'"
mistake "$common
params: {max_tokens: 5}
cache: [tools]" "a cache of tools that are not there" "has none"
mistake "$common
params: {max_tokens: 5}
cache: [sistem]" "a misspelt place" "cache"
mistake "$common
params: {max_tokens: 5}
organization: x" "a setting of another provider" "has no 'organization'"
server_stop
done_testing
