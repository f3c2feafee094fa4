# `gate plan --count-tokens`: the provider counts what the calls would read; nothing else of a plan uses the
# network, and what cannot be counted stays an estimate that says so.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/bedrock-kinds.sh"

model='model: {id: us.anthropic.claude-haiku-4-5-20251001-v1:0}
params: {max_tokens: 10}'
script '{}'
kind 7 "$model" 'right.mean >= 0.1'
seen_mark
run gate plan -C proj
like "$out" '≈ [0-9]+ tokens in' "without it: an estimate"
is "$(since)" 0 "... and no request"
run gate plan -C proj --count-tokens
is "$rc" 0 "with it"
has "$out" '294 tokens in (all counted)' "seven times what the server counts"
is "$(since)" 7 "one request for each case"
has "$(last_request)" 'POST /model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens' "the foundation model's id"
has "$(last_request)" '{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"say 7."}]}]}}}' "what the call would send"

kind 450 "$model" 'right.mean >= 0.1'
seen_mark
run gate plan -C proj --count-tokens
is "$(since)" 200 "of many cases a share"
has "$out" '≈ 18,900 tokens in (200 cases counted)' "... and the rest by its mean"

script '{"rules":[{"path":"/model/","status":400}]}'
kind 7 "$model" 'right.mean >= 0.1'
seen_mark
run gate plan -C proj --count-tokens
is "$rc" 0 "a model that is not counted for"
like "$out" '≈ [0-9]+ tokens in' "... is estimated"
has "$err" "suite 'main': its tokens are estimated, not counted: HTTP 400" "... which is told"
is "$(since)" 1 "... and asked once"

kind 7 'kind: flow
flow: {id: F, alias: A}' 'right.mean >= 0.1'
run gate plan -C proj --count-tokens
has "$err" "provider 'bedrock' flow has no counter" "a kind without a counter"
done_testing
