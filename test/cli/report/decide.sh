# F16: `gate report --decide` takes the verdict again from the outcomes and finds edited records.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/report/project.inc"
make_project p && cd p || exit 1
need_tool python3

exits 0 "a run that passes" "$GATE" run
exits 0 "decided again, it passes" "$GATE" report last --decide
has "$err" "the same" "and says that nothing differs"
mv .gate/runs/* ../pass

make_worse .
exits 1 "a run that fails" "$GATE" run
exits 1 "decided again, it fails" "$GATE" report last --decide
exits 0 "a plain report of it is no failure" "$GATE" report last
mv .gate/runs/* ../fail

sed -i 's/0.90/0.9999/' gate.policy.yaml && git_commit . unreachable
exits 3 "a run that could not pass" "$GATE" run
exits 3 "decided again, it is undecided" "$GATE" report last --decide
mv .gate/runs/* ../refused

exits 3 "a part of the stage" "$GATE" run --policy-ref HEAD~2 --filter 'case-00*' --spend-anyway
exits 3 "decided again, it decides nothing" "$GATE" report last --decide
mv .gate/runs/* ../part

exits 0 "a measurement" "$GATE" run --measure
exits 0 "decided again, it stays one" "$GATE" report last --decide
cd .. || exit 1

# edit NAME CODE: a copy of the record NAME in ./edited, its head changed by Python code on h.
edit() {
	rm -rf edited && cp -R "$1" edited
	python3 - "$2" <<-'P'
	import json, sys
	h = json.load(open("edited/record.json"))
	exec(sys.argv[1])
	json.dump(h, open("edited/record.json", "w"), indent=2)
	P
}
caught() {
	edit "$2" "$3"
	exits 4 "$1" "$GATE" report edited --decide
	[ $# -lt 4 ] || has "$err" "$4" "$1: says what"
}
edit pass 'pass'
exits 0 "written anew with nothing changed, it holds" "$GATE" report edited --decide
caught "a failing verdict made green" fail 'h["verdict"] = "pass"; h["exit_code"] = 0' 'verdict: the record says pass'
caught "a failing finding made green" fail 'h["findings"][0]["verdict"] = "pass"; h["verdict"] = "pass"; h["exit_code"] = 0' "'correct.mean': verdict"
caught "an exit code" fail 'h["exit_code"] = 0' exit_code
caught "a bound in its last digit" pass 'h["findings"][0]["lower"] += 2e-16' "'correct.mean': lower"
caught "a note that was not there" pass 'h["findings"][0]["note"] = "trust me"' "'correct.mean': note"
caught "a threshold taken away" fail 'del h["findings"][0]; h["verdict"] = "pass"; h["exit_code"] = 0' thresholds
caught "a threshold of the policy taken away" fail 'del h["policy"]["stage"]["thresholds"][0]'
caught "a lower bar" fail 'h["policy"]["stage"]["thresholds"][0] = "correct.mean >= 0.5"' "'correct.mean'"
caught "a confidence" pass 'h["policy"]["confidence"] = 0.6'
caught "samples counted twice" pass 'h["suites"][0]["scored"] = 200' "suite 'answers'"
caught "fewer planned than played" pass 'h["suites"][0]["planned"] = 10'
caught "a part made whole" part 'h["filtered"] = False; h["verdict"] = "pass"; h["exit_code"] = 0'
caught "a refused run made green" refused 'h["verdict"] = "pass"; h["exit_code"] = 0; del h["stopped"]'
caught "a refused run made green, its stop kept" refused 'h["verdict"] = "pass"; h["exit_code"] = 0'
caught "a failed stage made a measurement" fail 'h["measure"] = True; h["verdict"] = "n/a"; h["exit_code"] = 0'
caught "hostile text in an edit" fail 'h["findings"][0]["note"] = "\x1b[2J::error::x"' 'u001b'

rm -rf edited && cp -R fail edited
sed -i '3d' edited/outcomes.jsonl
exits 4 "an outcome taken away" "$GATE" report edited
rm -rf edited && cp -R fail edited
sed -i '1s/"value":0/"value":1/' edited/outcomes.jsonl
exits 4 "an outcome changed" "$GATE" report edited
rm edited/outcomes.jsonl
exits 4 "no outcomes" "$GATE" report edited
rm -rf edited && cp -R fail edited
head -c 900 fail/record.json >edited/record.json
exits 4 "a head cut off" "$GATE" report edited
done_testing
