# Provider openai with `api: responses`: what is sent, every kind of answer, and what fails.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: openai
api: responses
base_url: URL/v1
params: {max_tokens: 50, temperature: 0}'
said_stop=completed said_tools=completed said_length=max_output_tokens

wire_answers
wire_large

script "{\"rules\":[$say]}"
project 5
run_gate -j 1
request=$(last_request)
like "$request" 'POST /v1/responses HTTP' "the path"
has "$request" "Authorization: Bearer $BOT_KEY" "the key"
has "$request" '{"model":"m1","input":[{"role":"user","content":"say 5."}],"temperature":0,"max_output_tokens":50,"store":false,"stream":true}' "the body"
server_stop

blocked='{"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}'
script "{\"rules\":[{\"contains\":\"say 2.\",\"status\":400,\"body\":$blocked},{\"contains\":\"say 3.\",\"finish\":\"content_filter\",\"answer\":\"say\"},$say]}"
project 8 'right.mean >= 0.05'
run_gate
ends 0 "answers that were blocked"
accounts 8 8 0
has "$(outcome q2)" '"blocked":{"value":1}' "a content filter's 400 is an answer"
has "$(outcome q3)" '"blocked":{"value":1}' "and so is a response that it left incomplete"
server_stop

script "{\"rules\":[$say]}"
bot_lines='provider: openai
api: responses
base_url: URL/v1
params: {seed: 1}'
project 5
run_gate
ends 2 "a parameter that the API does not know"
like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: .*'seed', which the Responses API does not know" "it is named with its place"
is "$(since)" 0 "and nothing was called"
server_stop
done_testing
