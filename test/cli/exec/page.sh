# The configuration that the provider's page shows is taken as it stands, and works.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/exec/exec.inc"
page=$TOP/docs/providers/exec.md

# What it says is the page's own JSON.
json=$(awk '/^```json/ { f = 1; next } /^```/ { f = 0 } f' "$page")
program "[ \"\$1 \$2\" = '--tone kind' ] && [ \"\$BOT_TOKEN\" = tok-5555555 ] && cat <<'END'
$json
END"
git_repo proj
page_fence gate.yaml "$page" | sed "s#/opt/bot/answer#$prog#" >proj/gate.yaml
page_fence gate.policy.yaml "$page" | sed "s#/opt/bot/answer#$prog#; s#/opt/bot#$PWD#" >proj/gate.policy.yaml
echo '{"id":"q1","question":"When?","tone":"kind","expected":"Tomorrow"}' >proj/cases.jsonl
git_commit proj page
BOT_TOKEN=tok-5555555 run_gate --policy-ref main --spend-anyway
ends 3 "one case is too little to decide"
accounts 1 1 0
one=$(grep -h '"case":"q1"' proj/.gate/runs/*/outcomes.jsonl)
has "$one" '"answer":"Tomorrow."' "the answer"
has "$one" '"contexts":[{"text":"Parcels take a day.","source":"faq.md"}]' "passages"
has "$one" '"usage":{"in":120,"out":9}' "usage"
done_testing
