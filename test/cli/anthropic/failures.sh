# Provider anthropic: calls that fail are counted, named, and never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: anthropic
base_url: URL
params: {max_tokens: 50}'

wire_retries
wire_f1
wire_f2
wire_f14

# An overload before the first word is tried again, one in the middle is not.
stream=true
overloaded='event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n'
script "{\"rules\":[{\"contains\":\"say 2.\",\"times\":1,\"type\":\"text/event-stream\",\"body\":\"$overloaded\"},
	{\"contains\":\"say 3.\",\"fault\":\"error-in-stream\"},$say]}"
project 10 'right.mean >= 0.01' 'unscored.count == 0'
run_gate
accounts 10 9 1
is "$(since)" 11 "overloaded before the first word: asked again; in the middle: not"
like "$out" 'q3: [^
]*overloaded_error' "the one in the middle is named"
server_stop
done_testing
