# Quarantine: counted, shown with owner, reason and end, in no denominator; it ends by itself, and a
# change cannot put its own failures there.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"contains":"say 3.","answer":"no"},{"contains":"say 4.","answer":"no"}]}' >script.json
server_start script.json
# ward LINES MEMBERS: quarantine in these lines of the dataset.
ward() { sed -i "$1s/}\$/,\"quarantine\":{$2}}/" proj/cases.jsonl; }
# in_days N: a date.
in_days() { date -u -d "$1 days" +%F; }

project 20 'right.count >= 18'
run_gate
ends 0 "two of twenty wrong"
ward 3 '"until":"2999-01-31","owner":"ann","reason":"the rule changes"'
ward 4 '"until":"2999-01-31","owner":"ann","reason":"the rule changes"'
git_commit proj ward
policy 'right.count == 18' 'right.mean >= 0.8'
git_commit proj bar
run_gate
ends 0 "the two are outside"
accounts 20 18 0 2
is "$(since)" 20 "a quarantined case is called like any other"
like "$out" 'right\.mean +18/18 ' "and in no denominator"
has "$out" "note: suite 'main': 2 cases are in quarantine until 2999-01-31 (ann: the rule changes) and do not count: q3, q4" "the console says whose, until when and why"
hasnt "$out" "q3: expected" "their failures are not the run's"
ok "reports" "$GATE" report -C proj last -o r.md -o r.xml -o r.json
has "$(cat proj/r.md)" "2 cases are in quarantine until 2999-01-31 (ann: the rule changes) and do not count: q3, q4" "so does markdown"
has "$(cat proj/r.xml)" 'message="quarantined until 2999-01-31 (ann: the rule changes)"' "junit skips them with it"
is "$(grep -c '<skipped' proj/r.xml)" 2 "these two alone"
has "$(cat proj/r.json)" '"status":"quarantined","at":{"file":"cases.jsonl","line":3},"quarantine":{"until":"2999-01-31","owner":"ann","reason":"the rule changes"}' "json has it with the sample"
exits 0 "the case" "$GATE" show -C proj last/q3 --color never
has "$out" "main/q3  quarantined until 2999-01-31 (ann: the rule changes)" "is shown with it"
has "$out" "expected 'say 3.'" "and with its score"
exits 0 "decided again" "$GATE" report -C proj --decide last
exits 0 "gate check" "$GATE" check -C proj
has "$err" "2 cases are in quarantine until" "tells of it"
hasnt "$err" "[quarantine]" "and warns of nothing: it ends late and has an owner"

# --- half of a suite ---
ward '11,19' '"until":"2999-01-31","owner":"bob"'
git_commit proj more
policy 'right.mean >= 0.5' && git_commit proj bar
run_gate
has "$out" "9 cases are in quarantine until 2999-01-31 (bob) and do not count: q11, q12, q13, q14, q15 and 4 more" "many are counted, the first are named"
has "$out" "note: suite 'main': more than half of it is in quarantine: its verdict rests on 9 of 20 cases" "more than half is told"
accounts 20 9 0 11

# --- what check warns of ---
project 20 'right.count >= 16'
ward 3 "\"until\":\"$(in_days 5)\",\"owner\":\"ann\""
ward 5 "\"until\":\"$(in_days 30)\",\"owner\":\"ann\""
ward 6 "\"until\":\"$(in_days 30)\",\"reason\":\"flaky\""
ward 4 '"until":"2020-01-31","owner":"ann","reason":"old"'
git_commit proj wards
exits 0 "gate check" "$GATE" check -C proj
like "$err" "cases.jsonl:3[:0-9]*: .*case 'q3': its quarantine ends on $(in_days 5), in 5 days" "warns of what ends soon"
like "$err" "cases.jsonl:4[:0-9]*: .*case 'q4': its quarantine ended on 2020-01-31: it counts again" "of what has ended"
like "$err" "cases.jsonl:6[:0-9]*: .*case 'q6' is in quarantine, and nobody owns it" "of what nobody owns"
hasnt "$err" "case 'q5'" "and of nothing else"
run_gate
ends 0 "the run"
accounts 20 17 0 3
like "$out" "4\): expected 'say 4\.'|q4: expected 'say 4\.'" "what has ended counts, and fails"
has "$out" "(no owner: flaky)" "that nobody owns it is told"
for bad in '"until":"soon","owner":"a"' '"owner":"a","reason":"b"' '"until":"2026-13-40","owner":"a"' '"until":20270131' '"until":"2999-01-31","Owner":"a"'; do
	project 5 'right.mean >= 0.1'
	ward 2 "$bad"
	git_commit proj bad
	run_gate
	ends 2 "quarantine {$bad}: refused, never skipped"
	like "$err" "cases.jsonl:2" "$bad: with its place"
done

# --- owner and reason are foreign text ---
project 5 'right.count >= 1'
ward 2 '"until":"2999-01-31","owner":"\\u001b[2Jann","reason":"<b>\\n::error::x"'
git_commit proj hostile
run_gate
ends 0 "a hostile reason"
accounts 5 4 0 1
ok "reports" "$GATE" report -C proj last -o r.md -o r.xml
exits 0 "the case" "$GATE" show -C proj last/q2 --color never
unlike "$out$(cat proj/r.md proj/r.xml)" $'\033' "nothing steers the terminal"
unlike "$out$(cat proj/r.md proj/r.xml)" $'(^|\n)[[:space:]]*::' "no line is a CI command"
hasnt "$(cat proj/r.xml)" "<b>" "no markup comes alive"

# --- a change cannot quarantine its own failures ---
project 20 'right.count >= 19'
git -C proj branch -q protected
ward '3,4' '"until":"2999-01-31","owner":"me","reason":"please"'
git_commit proj mine
run_gate --policy-ref protected
ends 1 "a change that quarantines what it breaks"
accounts 20 20 0 0
has "$out$err" "the change edits 'cases.jsonl': judged by the version at protected" "is judged without it, and told so"
hasnt "$out" "in quarantine" "the quarantine is not in force"
done_testing
