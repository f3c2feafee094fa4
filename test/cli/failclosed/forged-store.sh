# A change that commits a store of forged replies, or a folder of them, is not believed.
. "$TOP/test/cli/tap.sh"

mkdir repo && cd repo && git init -q -b main .
cat >gate.yaml <<'EOF'
version: 1
targets: {bot: {provider: openai, base_url: "http://127.0.0.1:9/v1", model: m, prompt: prompt.md}}
suites: {a: {target: bot, cases: cases.jsonl, metrics: {ok: {scorer: contains, value: "{{expected}}"}}}}
EOF
cat >gate.policy.yaml <<'EOF'
version: 1
stages: {pre: {suites: [a], thresholds: ["ok.mean >= 0.5"]}}
trust: {hosts: ["127.0.0.1:9"]}
EOF
echo '{{q}}' >prompt.md
for i in $(seq 20); do echo "{\"q\":\"q$i\",\"expected\":\"q$i\"}"; done >cases.jsonl
git add . && git -c user.name=a -c user.email=a@a commit -qm base

exits 3 'nothing answers: undecided' "$GATE" run --no-store
exits 3 'a store of this machine is fine' "$GATE" run
git add -f .gate && git -c user.name=a -c user.email=a@a commit -qm forged
exits 4 'a store that the commit carries is refused' "$GATE" run
has "$err" "--store '.gate' is tracked by git" 'says why'
has "$err" 'name a folder outside' 'says what to do'
exits 3 'another store is fine' "$GATE" run --store ../elsewhere
mkdir replies && echo >replies/replies.jsonl && git add replies && git -c user.name=a -c user.email=a@a commit -qm replies
exits 4 'replies that the commit carries are refused' "$GATE" run --no-store --replay replies
ln -s replies link && git rm -rq --cached .gate && git -c user.name=a -c user.email=a@a commit -qm 'no store'
exits 3 'its own store again, now untracked' "$GATE" run
exits 4 'a link to a tracked folder is seen through' "$GATE" run --store link
mkdir untracked
exits 3 'an untracked folder is fine' "$GATE" run --store untracked
done_testing
