# Provider openai, chat completions: what is sent, every kind of answer, and what fails.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: openai
base_url: URL/v1
params: {max_tokens: 50, temperature: 0}'
said_stop=stop said_tools=tool_calls said_length=length

wire_answers
wire_large
wire_retries

# Azure: both paths, the filter's 400, and the key under its own name.
blocked='{"error":{"message":"The response was filtered","type":null,"code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"violence":{"filtered":true,"severity":"high"}}}}}'
script "{\"rules\":[{\"contains\":\"say 2.\",\"status\":400,\"body\":$blocked},{\"contains\":\"say 3.\",\"finish\":\"content_filter\",\"answer\":\"\"},$say]}"
for form in deployments v1; do
	case $form in
	deployments) at='URL/openai/deployments/d1
api_version: "2024-10-21"' path='POST /openai/deployments/d1/chat/completions\?api-version=2024-10-21 HTTP' ;;
	v1) at=URL/openai/v1/ path='POST /openai/v1/chat/completions HTTP' ;;
	esac
	bot_lines="provider: openai
base_url: $at"
	project 8 'right.mean >= 0.05'
	sed -i 's/env: BOT_KEY/&, header: api-key/' proj/gate.policy.yaml
	git_commit proj azure
	run_gate -j 1
	ends 0 "azure $form: answers that were blocked"
	accounts 8 8 0
	has "$(outcome q2)" '"blocked":{"value":1}' "azure $form: a 400 of the filter is an answer"
	has "$(outcome q3)" '"blocked":{"value":1}' "azure $form: and so is finish_reason content_filter"
	like "$(last_request)" "$path" "azure $form: the path"
	has "$(last_request)" "api-key: $BOT_KEY" "azure $form: the key"
	is "$(since)" 8 "azure $form: nothing is asked twice"
done
server_stop
done_testing
