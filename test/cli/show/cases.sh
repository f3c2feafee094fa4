# `gate log` lists runs, `gate show` shows one and its cases; foreign text steers nothing.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/report/project.inc"
make_project p && cd p || exit 1

exits 2 "no store yet" "$GATE" log
has "$err" "gate run" "says what makes one"
exits 0 "a run" "$GATE" run
exits 0 "the log" "$GATE" log
like "$out" "main +pre +pass +correct.mean 97/100" "a line with branch, stage, verdict and metrics"
make_worse .
exits 1 "a second run" "$GATE" run
exits 0 "the log" "$GATE" log
is "$(wc -l <"$tap_dir/out")" 2 "has two lines"
like "$(head -n 1 "$tap_dir/out")" " fail " "newest first"
exits 0 "-n 1" "$GATE" log -n 1
is "$(wc -l <"$tap_dir/out")" 1 "has one line"
exits 0 "as JSON" "$GATE" log --format json
cp "$tap_dir/out" ../log.json
if command -v python3 >/dev/null; then
	ok "it is JSON" python3 -c 'import json,sys; x=json.load(open(sys.argv[1])); assert [r["verdict"] for r in x]==["fail","pass"] and x[0]["findings"][0]["observed"]=="39/100"' ../log.json
else
	skip "python3 is not installed"
fi
exits 2 "an unknown format" "$GATE" log --format xml
exits 2 "an operand" "$GATE" log last

exits 0 "the last run" "$GATE" show last
has "$out" "FAIL  pre is blocked: correct.mean" "with its verdict"
exits 0 "a case" "$GATE" show last/case-040
has "$out" "│ Q: what is 40+1?" "its input"
has "$out" "prompt  prompts/q.md  $(git rev-parse HEAD:prompts/q.md)" "the prompt it was put into"
has "$out" "expected '41'" "its reason"
has "$out" "cases.jsonl:41" "its place"
unlike "$out" $'\033' "nothing steers the terminal"
unlike "$out" $'(^|\n)[[:space:]]*::' "no line is a CI command"
exits 0 "a case of a suite" "$GATE" show last/answers/case-001
exits 0 "a case of a path" "$GATE" show "$(echo .gate/runs/* | cut -d' ' -f1)" case-001
exits 0 "a case as JSON" "$GATE" show last/case-001 --format json
like "$out" '^\{"seq":1,"suite":"answers","case":"case-001"' "is its line of outcomes.jsonl"
exits 2 "a slip" "$GATE" show last/cse-040
has "$err" "did you mean 'case-040'" "is suggested"
exits 0 "no operand is the last run" "$GATE" show
exits 2 "three operands" "$GATE" show a b c
done_testing
