# The configuration that the provider's page shows is taken as it stands, and works.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
page=$TOP/docs/providers/http.md

answer='{"id":"a","model":"m","reply":{"text":"It comes tomorrow.","sources":["A day."],"tools":[],"finish":"stop"},"usage":{"input":7,"output":3}}'
script "{\"rules\":[{\"body\":$answer}]}"
git_repo proj
page_fence gate.yaml "$page" | sed "s#https://support.example.com#$server_url#" >proj/gate.yaml
page_fence gate.policy.yaml "$page" | sed "s#support.example.com#\"127.0.0.1:$server_port\"#" >proj/gate.policy.yaml
sed -n 's/.*a case such as `\({.*}\)`.*/\1/p' "$page" >proj/cases.jsonl
git_commit proj page
is "$(wc -l <proj/cases.jsonl)" 1 "the page has its case"
export SUPPORT_KEY=sk-page-9876543210
run_gate --spend-anyway
ends 3 "one case is too little to decide"
accounts 1 1 0
has "$out" "correct.mean" "and is scored"
request=$(last_request)
like "$request" 'POST /v1/chat/web HTTP' "the URL"
like "$request" 'X-Tenant: acme' "the header"
like "$request" "X-Api-Key: $SUPPORT_KEY" "the key"
has "$request" '{"question":"Where is my parcel?","options":{"language":"en","top_k":4}}' "the body"
has "$(outcome q1)" '"usage":{"in":7,"out":3' "the usage"
has "$(outcome q1)" '"model":"m"' "the model"
hasnt "$(cat proj/.gate/runs/*/*)$out$err" "$SUPPORT_KEY" "the key is nowhere"
server_stop
done_testing
