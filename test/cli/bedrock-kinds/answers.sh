# Bedrock's kinds answer: what each is sent, what its answer is, and what of it is recorded.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/bedrock-kinds.sh"

say='{"answer":"{{user}}"}'
signed() {
	like "$(last_request)" "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]+/eu-west-1/$1/aws4_request" "$2: signed for $1"
}

script "{\"rules\":[$say]}"
kind 4 'kind: retrieve
retrieval: {knowledge_base: KB12345678, results: 3, search: semantic}' 'right.mean >= 0.3'
run_gate
ends 0 "retrieve"
accounts 4 4 0
has "$(outcome q1)" '"contexts":[{"text":"say 1.","source":"s3://docs/1.txt","score":0.9,"id":"d1"}]' "retrieve: passages are recorded"
has "$(last_request)" '/knowledgebases/KB12345678/retrieve' "retrieve: its path"
has "$(last_request)" '"numberOfResults":3,"overrideSearchType":"SEMANTIC"' "retrieve: its settings"
signed bedrock retrieve
hasnt "$(outcome q1)" '"ttft"' "retrieve: one piece has no first token"
kind 4 'kind: retrieve
retrieval: kb.yaml' 'right.mean >= 0.3'
echo '{knowledge_base: KBFROMFILE, results: 2}' >proj/kb.yaml
git_commit proj file
run_gate
ends 0 "retrieve: settings from a file"
has "$(last_request)" '/knowledgebases/KBFROMFILE/' "retrieve: the file's"
like "$(record)" '"role": ?"retrieval"' "retrieve: the file is an artifact of the run"

for stream in true false; do
	kind 4 "kind: retrieve-and-generate
stream: $stream
model: {id: amazon.nova-lite-v1:0}
params: {temperature: 0, max_tokens: 50}
retrieval: {knowledge_base: KB12345678}" 'right.mean >= 0.3'
	run_gate
	ends 0 "retrieve-and-generate, stream $stream"
	has "$(outcome q2)" '"contexts":[{"text":"say 2.","source":"s3://docs/1.txt"}]' "stream $stream: what it rests on"
	has "$(outcome q2)" '"citations":[{"start":0,"end":2,"contexts":[0]}]' "stream $stream: and which part"
	has "$(outcome q2)" '"tokens_in":{"unscored":true' "stream $stream: no tokens are made up"
done

kind 4 'kind: flow
flow: {id: FLOW123456, alias: PROD}' 'right.mean >= 0.3'
run_gate
ends 0 "flow"
has "$(outcome q1)" '"trajectory":[{"kind":"node","name":"Prompt_1","arguments":{"q":"say 1."}}]' "flow: its steps"
has "$(outcome q1)" '"provider_detail":{"flow":"FLOW123456","alias":"PROD","execution":"exec-1"}' "flow: alias and execution"
has "$(outcome q1)" '"finish":"stop","finish_raw":"SUCCESS"' "flow: its end"
has "$(outcome q1)" '"ttft"' "flow: streams"

kind 4 'kind: agent
agent: {id: AGENT12345, alias: LIVE123456}' 'right.mean >= 0.3'
run_gate
ends 0 "agent"
has "$(outcome q1)" '"trajectory":[{"kind":"tool","name":"orders/find","arguments":{"id":7}}]' "agent: its steps"
has "$(outcome q1)" '"usage":{"in":30,"out":4}' "agent: its models' tokens"
has "$(outcome q1)" '"provider_detail":{"agent":"AGENT12345","alias":"LIVE123456","version":"7"}' "agent: the version behind the alias"
like "$(last_request)" '/sessions/gate-[0-9]{8}T[0-9]{6}-[0-9a-f]{6}-[0-9a-f]{64}/text' "agent: a session of its own"
is "$(grep -ho '/sessions/[^/]*' <(timeout 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$server_port; printf 'GET /_stats HTTP/1.1\r\nConnection: close\r\n\r\n' >&3; cat <&3") | sort -u | wc -l)" 4 "agent: no two samples share one"

for stream in true false; do
	script "{\"rules\":[{\"answer\":\"{{user}}\",\"stream\":$stream}]}"
	kind 4 'kind: agentcore
runtime: {arn: "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/a-1", answer: result}
body: {mode: test, prompt: "{{question}}"}' 'right.mean >= 0.3'
	sed -i '/prompt: prompt.txt/d' proj/gate.yaml
	git_commit proj body
	run_gate
	ends 0 "agentcore, stream $stream"
	has "$(last_request)" '"mode":"test"' "agentcore, stream $stream: its payload"
	like "$(last_request)" 'Runtime-Session-Id: gate-[0-9]{8}T[0-9]{6}-[0-9a-f]{6}-[0-9a-f]{64}' "agentcore, stream $stream: a session of its own"
	has "$(outcome q1)" '"qualifier":"DEFAULT"' "agentcore, stream $stream: the qualifier is recorded"
	signed bedrock-agentcore "agentcore, stream $stream"
done

script "{\"rules\":[{\"contains\":\"say 1.\",\"finish\":\"blocked\",\"answer\":\"I cannot\"},$say]}"
kind 4 'kind: guardrail
guardrail: {id: gr1, version: 4}' 'blocked.rate >= 0.01'
run_gate
ends 0 "guardrail"
has "$(outcome q1)" '"finish":"blocked","finish_raw":"GUARDRAIL_INTERVENED"' "guardrail: blocked is an answer"
has "$(outcome q1)" '"answer":"I cannot"' "guardrail: what it says instead"
has "$(outcome q1)" '{"policy":"content","name":"hate","action":"blocked","confidence":"high"}' "guardrail: which policy"
has "$(outcome q2)" '"answer":"say 2."' "guardrail: what it lets through is the text"
nofile() { grep -rqF -- "$1" proj/.gate && fail "$2" || pass "$2"; }
nofile the-word-that-matched "guardrail: what matched is in no file"

kind 4 'kind: guardrail
checks: {content_filter: [HATE, VIOLENCE]}' 'hate.mean >= 0.1'
sed -i 's/right: .*/hate: {scorer: json-path, path: $.content_filter.HATE}/' proj/gate.yaml
git_commit proj checks
run_gate
ends 0 "checks"
has "$(outcome q1)" '"answer":"{\"content_filter\":{\"HATE\":0.75,\"VIOLENCE\":0}}"' "checks: numbers, as canonical JSON"
has "$(outcome q1)" '"units":{"contentFilter":{"textUnits":1}}' "checks: units"

grep -rqF canary-secret-kinds proj/.gate && fail "no file holds the secret" || pass "no file holds the secret"
done_testing
