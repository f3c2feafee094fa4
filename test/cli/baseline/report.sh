# What people see of a comparison: the old value, the difference, the cases that flipped, in every report.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# The old prompt misses q1 and q10 … q19, the new one q2 and q20 … q29: 11 lost, 11 gained.
cat >script.json <<'END'
{"rules": [
  {"contains": "old say 1", "answer": "no idea"}, {"contains": "old ", "answer": "right"},
  {"contains": "new say 2", "answer": "no idea"}, {"contains": "new ", "answer": "right"}
]}
END
server_start script.json
prompt_is() { # WORD
	printf '%s {{question}}' "$1" >proj/prompt.txt
	git_commit proj "$1"
}
two_prompts() { # N THRESHOLD…
	project "$@"
	sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl
	prompt_is old
	prompt_is new
}
last() { ls -td proj/.gate/runs/*/ | head -1; }
row() { jq -r ".findings[$1]$2" "$(last)record.json"; }

two_prompts 90 'right.mean not-below baseline' 'right.mean >= baseline - 0.3' 'right.mean >= baseline - 0.02' \
	'right.mean >= baseline * 0.5'
run_gate -j 4 -o r.md -o r.xml
ends 3 "a margin that these flips leave open"
is "$(row 0 .verdict)" pass "no drop is proven"
is "$(row 0 .method)" mcnemar "by exact McNemar"
is "$(row 0 '.paired | [.pairs, .lost, .gained, .old_text, .new_text] | join(" ")')" "90 11 11 79/90 79/90" "pairs and flips"
is "$(row 0 '.paired.flips.lost | join(" ")')" "q2 q20 q21 q22 q23 q24 q25 q26 q27 q28 q29" "which were lost"
is "$(row 0 '.paired.flips.gained | join(" ")')" "q1 q10 q11 q12 q13 q14 q15 q16 q17 q18 q19" "which were gained"
is "$(row 1 ' | [.verdict, .method] | join(" ")')" "pass margin-exact" "a wide margin"
is "$(row 2 .verdict)" undecided "a narrow one"
is "$(row 3 ' | [.verdict, .method] | join(" ")')" "pass betting, contrast" "a share of the old value"
has "$out" "no drop shown; one of" "a pass that only means silence says so"
has "$out" "lost: q2, q20, q21, q22, q23 and 6 more" "five of the lost cases"
has "$out" "gained: q1, q10, q11, q12, q13 and 6 more" "and of the gained"
is "$(grep -c 'lost: q2' <<<"$out")" 1 "once, however many rows look at them"
has "$out" "new - 0.5 old +0." "a contrast is called one"
has "$out" "cases with flips as often as here would decide" "how many cases would decide"
has "$out" "planned 90 = scored 90 + unscored 0 + quarantined 0" "the stage's own accounts"
has "$out" "baseline: planned 90 = scored 90 + unscored 0 + quarantined 0" "the baseline's on a line of their own"
hasnt "$out" "× main@baseline" "what the old prompt got wrong is no failure of the change"
md=$(cat proj/r.md) xml=$(cat proj/r.xml)
has "$md" '79/90, was 79/90' "markdown: the old value"
has "$md" 'lost: `q2`, `q20`' "markdown: flips"
has "$md" "baseline: planned 90" "markdown: accounts"
hasnt "$md" '@baseline' "markdown: no failures of the baseline"
has "$xml" 'tests="95" failures="11"' "junit: 90 samples, 4 thresholds, the stage"
hasnt "$xml" '@baseline' "junit: the baseline's answers are no tests"
has "$xml" 'lost: q2, q20' "junit: flips"
run "$GATE" report --decide "$(last)"
ends 3 "decided again"
run "$GATE" show -C proj last/q2
has "$out" "new say 2" "show: the case is the candidate's"
hasnt "$out" "old say 2" "and not the baseline's"
run "$GATE" show -C proj last/main@baseline/q1
has "$out" "no idea" "show: the baseline's by its own name"

# The baseline's calls fail: its open answers are at their worst, and the cause is among the failures.
cat >script2.json <<'END'
{"rules": [{"contains": "old ", "status": 400, "body": "{\"error\": {\"message\": \"too old\"}}"},
  {"contains": "new ", "answer": "right"}]}
END
server_stop 2>/dev/null
server_start script2.json
two_prompts 30 'right.mean >= 0.5' 'right.mean >= baseline - 0.5' 'right.mean not-below baseline'
run_gate -j 1
ends 3 "without the baseline's answers"
is "$(jq -r '[.findings[].verdict] | join(" ")' "$(last)record.json")" "pass undecided undecided" "nothing is decided against it"
has "$out" "main@baseline" "whose calls failed"
done_testing
