# Provider bedrock: prompts of Prompt management, InvokeModel, and settings that are wrong.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/bedrock/bedrock.inc"
prompt_arn=arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ

# stored MODEL EXTRA…: gate.yaml with a target that brings its own prompt.
stored() {
	{
		printf 'version: 1\ntargets:\n  bot:\n    provider: bedrock\n    model: "%s"\n' "$1"
		shift
		[ $# = 0 ] || printf '    %s\n' "$@"
		printf 'suites:\n  main:\n    target: bot\n    cases: cases.jsonl\n    metrics:\n'
		printf '      right: {scorer: equals, expected: "{{expected}}"}\n'
	} >proj/gate.yaml
	git_commit proj
}

# A stored prompt is asked with the case's variables, and needs no file of one.
script '{"answers":{"\"text\":\"say 1.\"":"say 1.","\"text\":\"say 2.\"":"say 2.","\"text\":\"say 3.\"":"say 3."}}'
project 3 'right.mean >= 0.05'
stored "$prompt_arn:7" 'prompt_variables: {topic: "{{question}}", n: "{{ 1 + 1 }}"}'
run_gate -j 1
ends 0 "a prompt of Prompt management"
accounts 3 3 0
has "$out" "3/3" "each case was answered by its own variables"
request=$(last_request)
has "$request" '{"promptVariables":{"topic":{"text":"say 3."},"n":{"text":"2"}},"requestMetadata":' "the variables went out"
like "$request" 'POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aprompt%2FABCDEFGHIJ%3A7/converse-stream' "to the prompt's version"
seen_mark
run_gate
is "$(since)" 0 "asked again, the store answers"
sed -i 's/say 3\./say 4./' proj/cases.jsonl
git_commit proj
run_gate
is "$(since)" 1 "a case whose variable changed is asked anew"
server_stop

# mistake DESC TEXT: the project as it stands is refused, with its place, before anything is spent.
script "{\"rules\":[$say]}"
mistake() {
	run_gate
	ends 2 "$1"
	like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: .*$2" "$1: named with its place"
	is "$(since)" 0 "$1: nothing was called"
}
stored "$prompt_arn"
mistake "a prompt without a version" "DRAFT"
stored "$prompt_arn:DRAFT"
mistake "a prompt's draft" "DRAFT"
stored "$prompt_arn:7" 'params: {temperature: 0}'
mistake "params beside a stored prompt" "its own params"
stored "$prompt_arn:7" 'prompt_variables: {topic: "{{nosuch}}"}'
run_gate
ends 2 "a variable that no case has"
has "$err$out" "nosuch" "it is named"
stored m1 'prompt: prompt.txt' 'prompt_variables: {topic: x}'
mistake "variables without a stored prompt" "the model is none"
stored m1 'prompt: prompt.txt' 'params: {temprature: 0}'
mistake "a misspelt parameter" "did you mean 'temperature'"
stored m1 'prompt: prompt.txt' 'params: {top_k: 3}'
mistake "a parameter of the model's own" "additional_model_request_fields"
stored m1 'prompt: prompt.txt' 'guardrail: {id: g}'
mistake "a guardrail without a version" "version"
stored m1 'prompt: prompt.txt' 'guardrail: {id: g, verson: "1"}'
mistake "a misspelt member of a guardrail" "verson"
stored m1 'prompt: prompt.txt' 'cache: [tools]'
mistake "a cache of tools that are not there" "has none"
stored m1 'prompt: prompt.txt' 'base_url: http://127.0.0.1:9'
mistake "an endpoint in gate.yaml" "has no 'base_url'"
stored cohere.command-r-v1:0 'prompt: prompt.txt' 'api: invoke'
mistake "InvokeModel of a family that is not known" 'use .api: converse.'
stored m1 'prompt: prompt.txt' 'api: invok'
mistake "a misspelt api" "api"
stored m1 'prompt: prompt.txt' 'betas: [x]'
mistake "betas with Converse" "additional_model_request_fields"
(unset AWS_REGION
stored m1 'prompt: prompt.txt'
run_gate
[ "$rc" = 2 ] && [[ "$out$err" = *region* ]])
is $? 0 "no region anywhere"
stored m1 'prompt: prompt.txt' 'guardrail: {id: g, version: DRAFT}'
run "$GATE" check -C proj
has "$out$err" "[draft]" "a guardrail's draft is told"
server_stop

# InvokeModel, streamed and not.
script "{\"rules\":[{\"contains\":\"say 7.\",\"fault\":\"error-in-stream\"},{\"contains\":\"say 8.\",\"fault\":\"no-finish\"},$say]}"
project 6
stored us.anthropic.claude-haiku-4-5-20251001-v1:0 'prompt: prompt.txt' 'api: invoke' 'params: {max_tokens: 9, top_k: 3}'
run_gate -j 1
ends 0 "InvokeModel, streamed"
request=$(last_request)
like "$request" 'POST /model/us\.anthropic\.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream HTTP' "the path"
like "$request" '[Xx]-[Aa]mzn-[Bb]edrock-[Rr]equest-[Mm]etadata: \{"gate-run":"' "whose call it is"
has "$request" '"max_tokens":9,"top_k":3,"anthropic_version":"bedrock-2023-05-31"}' "Claude's own form"
has "$(outcome q6)" '"usage":{"in":10,"out":2' "its tokens"
like "$(outcome q6)" '"ttft":\{"value":[0-9.]+\}' "the first token was timed"
cases 10
git_commit proj
run_gate -j 1
ends 3 "InvokeModel: an exception in the stream, and one that ends half way"
accounts 10 8 2
like "$out" "q7: [^
]*modelStreamErrorException" "the exception is named"
stored us.anthropic.claude-haiku-4-5-20251001-v1:0 'prompt: prompt.txt' 'api: invoke' 'params: {max_tokens: 9}' 'stream: false'
run_gate -j 1
ends 0 "InvokeModel, not streamed"
accounts 10 10 0
like "$(last_request)" 'POST /model/us\.anthropic\.claude-haiku-4-5-20251001-v1%3A0/invoke HTTP' "the path"
server_stop
done_testing
