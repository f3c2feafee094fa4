# Mistakes of every kind in one commit: each is told once, with its place, all in one go.
. "$TOP/test/cli/tap.sh"

mkdir -p repo/prompts repo/golden && cd repo && git init -q -b main .
cat >gate.yaml <<'EOF'
version: 1
targets:
  support:
    provider: opnai
    prompt: {system: prompts/support.md, user: prompts/question.md}
    modle: gpt-x
suites:
  answers:
    target: suport
    cases: golden/answers.jsonl
    repeat: 3
    metrics:
      correct: {scorer: icontians, value: "{{expected}}"}
      good: {scorer: judge, rubrik: x.md}
      len: {scorer: regex, pattern: "([a-z"}
EOF
cat >gate.policy.yaml <<'EOF'
version: 1
confidence: 95
stages:
  pre-production:
    suites: [answers, othr]
    thresholds:
      - correct.men >= 0.90
      - correct.mean > = 0.9
EOF
echo 'You are {{name}' >prompts/support.md
printf '%s\n' '{"question":"a"}' '{"question": }' '{"id":"x"}' '{"id":"x"}' >golden/answers.jsonl
git add . && git -c user.name=a -c user.email=a@a commit -qm x

exits 2 'refused before anything is called' "$GATE" check
for place in gate.policy.yaml:2:13 gate.policy.yaml:5:23 gate.policy.yaml:7:17 gate.policy.yaml:8:24 gate.yaml:4:15 \
	gate.yaml:5:48 gate.yaml:6:5 gate.yaml:9:13 gate.yaml:11:5 gate.yaml:13:25 gate.yaml:13:46 gate.yaml:14:7 \
	gate.yaml:14:13 gate.yaml:14:29 gate.yaml:15:7 golden/answers.jsonl:2:14 golden/answers.jsonl:4:1 prompts/support.md:1:15; do
	has "$err" "$place: error: " "$place"
done
for word in openai question.md model support repeats icontains rubric "'([a-z'" "'mean'" 'with: TARGET'; do
	has "$err" "$word" "names $word"
done
is "$(grep -c 'error:' <<<"$err")" "$(grep 'error:' <<<"$err" | cut -d: -f1-3 | sort -u | wc -l)" 'one message a place'
done_testing
