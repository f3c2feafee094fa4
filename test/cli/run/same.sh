# The same record from the same commit, whatever the speed: twice, one call at a time, 64 at once.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# Answers right and wrong, a judge of two minds, calls that fail for good and calls that are retried.
cat >script.json <<'END'
{"rules": [
  {"path": "/judge", "contains": "say 7", "answer": "{\"pass\": false, \"score\": 0.2, \"reason\": \"no seven\"}"},
  {"path": "/judge", "contains": "say 9", "answer": "not even JSON"},
  {"path": "/judge", "answer": "{\"pass\": true, \"score\": 0.9, \"reason\": \"fine\"}", "latency_ms": 2},
  {"contains": "say 31.", "status": 400},
  {"contains": "say 150.", "fault": "cut"},
  {"contains": "say 2", "status": 503, "times": 1, "per_body": true, "headers": {"Retry-After": "0"}},
  {"contains": "say 13", "answer": "{{user}}", "latency_ms": 20},
  {"contains": "say 4", "answer": "four", "latency_ms": 5, "token_ms": 1},
  {"answer": "{{user}}"}
]}
END
server_start script.json
project 160 'right.mean >= 0.5' 'good.mean >= 0.5' 'graded.mean >= 0.5' 'brief.mean >= 0.5'
echo 'Is this an answer to the question?' >proj/rubric.md
sed -i 's/^    cases: .*/&\n    repeats: 2/' proj/gate.yaml
# The second suite asks the same of the same target: no call of it is made twice.
cat >>proj/gate.yaml <<'END'
      good: {scorer: judge, rubric: rubric.md, with: judge}
      graded: {scorer: judge, rubric: rubric.md, with: judge, scale: score}
  short:
    target: bot
    cases: few.jsonl
    metrics:
      brief: {scorer: word-count, max: 2}
END
sed -i 's/\[main\]/[main, short]/' proj/gate.policy.yaml
tail -n 40 proj/cases.jsonl >proj/few.jsonl
git_commit proj judged

one() { # NAME ARG…
	local name=$1
	shift
	run_gate --store "../$name" "$@"
	is "$rc" 0 "$name: a verdict" || tap_show
	jq -S 'del(.. | .times?)' "$name"/runs/*/record.json >"$name.record"
	jq -cS 'del(.. | .times?)' "$name"/runs/*/outcomes.jsonl >"$name.outcomes"
}
one first -j 8
is "$(wc -l <first.outcomes)" 360 "360 samples"
is "$(jq -r .seq first.outcomes | sha256sum)" "$(seq 0 359 | sha256sum)" "... in canonical order"
is "$(jq -s '[.[] | select(.status == "unscored")] | length' first.outcomes)" 27 "... some of them unscored"
isnt "$(jq -s '[.[] | select(.scores.good.value == 0)] | length' first.outcomes)" 0 "... some judged bad"
isnt "$(jq -s '[.[] | select(.scores.good.value == 1)] | length' first.outcomes)" 0 "... some judged good"
isnt "$(jq -s '[.[] | select(.scores.good | .value == null)] | length' first.outcomes)" 0 "... some not judged"

same() { # NAME WHAT
	ok "$2: a record" test -s "$1.record" -a -s "$1.outcomes"
	ok "$2: the same head" diff first.record "$1.record"
	ok "$2: the same outcomes" diff first.outcomes "$1.outcomes"
}
one second --fresh -j 8
same second "again"
seen_mark
one alone -j 1
calls=$(since)
same alone "-j 1"
one wide -j 64
is "$(since)" "$calls" "-j 64: as many calls as -j 1, the shared ones once"
same wide "-j 64"
run_gate --store ../wide --fresh -j 64
is "$(since)" "$calls" "--fresh: as many calls again"
run_gate --store ../wide -j 64
is "$(since)" 5 "then only what failed is called"
has "$out" "unscored 27" "... and what no judge could be read of stays as it was"
# Of the 360 calls five have no answer; of the others 40 asked the same.
gate plan -C proj --store ../wide
like "$out" "main +320 samples .160 cases × 2.  4 calls . 316 reused" "plan knows what is reused"
sed -i 's/"expected":"say 8."/"expected":"say eight."/' proj/cases.jsonl
git_commit proj 'another expectation'
run_gate --store ../wide
is "$(since)" 5 "a corrected expectation calls nothing again"
done_testing
