# A record that is cut, edited, huge, binary, a link or no file at all: refused in one line, never a
# crash, a wait or a report of it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

cases() { awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"id\":\"q%d\",\"question\":\"say %d.\",\"answer\":\"say %d.\"}\n", i, i, i }' >proj/cases.jsonl; }
project 60
cat >proj/gate.yaml <<'END'
version: 1
targets:
  bot: {provider: recorded, answer: "{{answer}}"}
suites:
  main:
    target: bot
    cases: cases.jsonl
    metrics: {right: {scorer: equals, expected: "{{question}}"}}
END
git_commit proj
run_gate
is "$rc" 0 "a run to damage" || tap_show
whole=$(echo proj/.gate/runs/*)

afresh() { rm -rf r; cp -r "$whole" r; }
# refused CODE DESC [SAYS]: by report in every shape, and by --decide and show.
refused() {
	local code=$1 desc=$2 format
	for format in "--format console" "--format json" "--format junit" "--format markdown" --decide; do
		# shellcheck disable=SC2086
		run timeout 120 "$GATE" report r $format
		if [ "$rc" != "$code" ] || [ "$(grep -c . "$tap_dir/err")" != 1 ] || [ -n "$out" ] ||
			! grep -q "^error: .*${3:-}" "$tap_dir/err"; then
			fail "$desc: $format"; diag "wanted exit $code in one line"; tap_show; return 1
		fi
	done
	run timeout 120 "$GATE" show r/q1
	[ "$rc" != 0 ] && pass "$desc" || fail "$desc: show"
}
afresh; gate report r; is "$rc" 0 "the whole record"
afresh; head -c 300 "$whole/record.json" >r/record.json; refused 4 "a head that is cut" record.json
afresh; : >r/record.json; refused 4 "an empty head"
afresh; rm r/record.json; refused 2 "no head"
afresh; head -c 100000 /dev/urandom >r/record.json; refused 4 "a binary head"
afresh; printf '[%.0s' {1..50000} >r/record.json; refused 4 "a head nested for ever"
afresh; truncate -s 3G r/record.json; refused 2 "a huge head" larger
afresh; sed -i '1,/"version": *[0-9]*/s/"version": *[0-9]*/"version": 99/' r/record.json; refused 2 "a head of another version"
afresh; rm r/record.json; ln -s /etc/hostname r/record.json; refused 4 "a head that is a link elsewhere"
afresh; rm r/record.json; mkfifo r/record.json; refused 4 "a head that is a pipe" "plain file"
afresh; head -c 3000 "$whole/outcomes.jsonl" >r/outcomes.jsonl; refused 4 "outcomes that are cut"
afresh; sed -i 3d r/outcomes.jsonl; refused 4 "a line less"
afresh; tail -n 1 "$whole/outcomes.jsonl" >>r/outcomes.jsonl; refused 4 "a line more"
afresh; sed -i '2{h;d};3{G}' r/outcomes.jsonl; refused 4 "two lines swapped"
afresh; sed -i '5s/"value":1/"value":0/' r/outcomes.jsonl; refused 4 "a score edited"
afresh; : >r/outcomes.jsonl; refused 4 "no lines"
afresh; rm r/outcomes.jsonl; refused 4 "no outcomes" outcomes.jsonl
afresh; head -c 100000 /dev/urandom >r/outcomes.jsonl; refused 4 "binary outcomes"
afresh; rm r/outcomes.jsonl; mkdir r/outcomes.jsonl; refused 4 "outcomes that are a folder" "plain file"
afresh; rm r/outcomes.jsonl; mkfifo r/outcomes.jsonl; refused 4 "outcomes that are a pipe" "plain file"
afresh; rm r/outcomes.jsonl; ln -s /dev/zero r/outcomes.jsonl; refused 4 "outcomes without end"
if [ "$(id -u)" = 0 ]; then skip "root may read everything"; else
	afresh; chmod 0 r/outcomes.jsonl; refused 4 "outcomes that may not be read"
	afresh; chmod 0 r/record.json; refused 2 "a head that may not be read"
fi

# Another run's lines under this head: the same shape, another digest.
sed -i '1s/"say 1\."}/"no"}/' proj/cases.jsonl
git_commit proj
run_gate
other=$(ls -td proj/.gate/runs/* | head -1)
[ "$other" != "$whole" ] || other=$(ls -td proj/.gate/runs/* | tail -1)
afresh; cp "$other/outcomes.jsonl" r/; refused 4 "the lines of another run"

# A head edited in its favour is shown by report, and found out by --decide.
afresh; sed -i 's/"verdict": *"pass"/"verdict": "fail"/' r/record.json
gate report r --decide
is "$rc" 4 "an edited verdict does not survive --decide"
done_testing
