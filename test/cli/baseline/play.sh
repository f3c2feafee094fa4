# The other side of the trial: which commit it is, how its calls are made, and what happens without one.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

# The old prompt says "old"; its answers are right but for those to 1x.  The new one misses 2x.
cat >script.json <<'END'
{"rules": [
  {"contains": "old say 1", "answer": "no idea", "latency_ms": 3},
  {"contains": "old ", "answer": "right", "latency_ms": 3},
  {"contains": "new say 2", "answer": "no idea", "latency_ms": 3},
  {"contains": "new ", "answer": "right", "latency_ms": 3}
]}
END
server_start script.json
commit_prompt() { # WORD MESSAGE
	printf '%s {{question}}' "$1" >proj/prompt.txt
	git_commit proj "$2"
}
right_cases() { sed -i 's/"expected":"[^"]*"/"expected":"right"/' proj/cases.jsonl; }
# project_two N THRESHOLD…: the prompt's old version at HEAD~1, the new one at HEAD.
project_two() {
	project "$@"
	right_cases
	commit_prompt old old
	commit_prompt new new
}
last() { ls -td proj/.gate/runs/*/ | head -1; }
record() { jq -r "$1" "$(last)record.json"; }

project_two 40 'right.mean >= 0.1' 'right.mean >= baseline - 0.9'
mark=$(seen)
run_gate -j 4
is "$(($(seen) - mark))" 80 "both sides are called"
has "$out" "main@baseline" "the baseline has a line of its own"
has "$out" "baseline $(git -C proj rev-parse HEAD~1 | cut -c1-7) (merge-base)" "its commit is named"
is "$(record '.suites | length')" 2 "the record has a twin"
is "$(record '.suites[1] | [.name, .role, .of, .target] | join(" ")')" "main@baseline baseline main bot@baseline" \
	"which says whose it is"
is "$(record '.suites[0].base')" twin "the suite says that it is compared"
is "$(record '[.suites[].scored] | join(" ")')" "40 40" "each side's samples are scored"
is "$(record '.baseline.named')" merge-base "what was asked for"
is "$(record '.baseline.commit')" "$(git -C proj rev-parse HEAD~1)" "its own policy: the commit before"
is "$(record '.outcomes')" 80 "outcomes of both"
is "$(record '.spend.calls')" 80 "both are spent"
is "$(record '[.subject.artifacts[] | select(.of == "bot@baseline")] | length')" 0 "the baseline's files are not the subject"
wrong() { jq -r "select(.suite == \"$1\" and .scores.right.value == 0) | .case" "$(last)outcomes.jsonl" | sort -V | tr '\n' ' '; }
is "$(wrong main@baseline)" "q1 q10 q11 q12 q13 q14 q15 q16 q17 q18 q19 " "the old prompt's wrong answers are in its samples"
is "$(wrong main)" "q2 q20 q21 q22 q23 q24 q25 q26 q27 q28 q29 " "and the new one's in its own"
cp "$(last)record.json" first.json
run "$GATE" report --decide "$(last)"
is "$rc" "$(record .exit_code)" "the record decides itself again"

# Again: every answer is in the store, for both.
mark=$(seen)
run_gate -j 64
is "$(($(seen) - mark))" 0 "no answered call is made again"
cp "$(last)record.json" second.json
same='del(.times, .suites[].times, .suites[].usd, .spend.usd, .spend.tokens)'
is "$(jq -S "$same" second.json)" "$(jq -S "$same" first.json)" "-j changes nothing"

# The same candidate.
git -C proj -c user.email=a@b -c user.name=n commit -q --allow-empty -m empty
mark=$(seen)
run_gate
is "$(record '.suites[0].base')" same-candidate "nothing of the target changed"
is "$(record '.suites | length')" 1 "no twin is played"
is "$(record '.findings[1].verdict')" pass "and the comparison holds"
has "$out" "same candidate" "it says why"
run_gate --baseline HEAD~2
is "$(record '.suites[0].base')" twin "a revision by name"
is "$(record '.baseline.commit')" "$(git -C proj rev-parse HEAD~2)" "… is the one"
printf 'new! {{question}}' >proj/prompt.txt
run_gate --worktree
is "$(record '.baseline.commit')" "$(git -C proj rev-parse HEAD)" "files as they lie are compared with their commit"
git -C proj checkout -q prompt.txt

# The same candidate is no better than itself.
policy 'right.mean >= 0.1' 'right.mean >= baseline + 0.05'
git_commit proj more
run_gate
ends 1 "a row that demands a change"

# No such target before.
project 20 'right.mean >= 0.1' 'right.mean not-below baseline'
right_cases
sed -i 's/bot/robot/' proj/gate.yaml
commit_prompt new renamed
run_gate
is "$(record '.findings[1].verdict')" n/a "no baseline yet"
has "$out" "no baseline yet" "it says so"
# ... nor any commit before.
rm -rf proj/.git
git_repo proj
git_commit proj first
run_gate
is "$(record '.findings[1].verdict')" n/a "the first commit has none"
policy 'right.mean not-below baseline'
rm -rf proj/.git
git_repo proj
git_commit proj first
run_gate
ends 3 "where nothing else blocks, that is no pass"

# What cannot be read is an error before any call.
project_two 20 'right.mean >= 0.1' 'right.mean >= baseline - 0.9'
mark=$(seen)
run_gate --baseline nowhere
ends 2 "a revision that is not here"
has "$err" "baseline 'nowhere'" "is named"
has "$err" "fetch" "with what to do"
git clone -q --depth 1 "file://$PWD/proj" shallow
run timeout 120 "$GATE" run -C shallow
ends 2 "a shallow clone"
has "$err" "shallow" "is told"
sed -i 's/^version: 1/version: 1\nbaseline: last-attested/' proj/gate.policy.yaml
git_commit proj attested
run_gate
ends 2 "what this version does not have"
sed -i 's/last-attested/policy-ref/' proj/gate.policy.yaml
git_commit proj ref
run_gate
ends 2 "no policy ref"
is "$(($(seen) - mark))" 0 "nothing was called"

# A record stands for the calls.
project_two 20 'right.mean >= 0.1' 'right.mean >= baseline - 0.9'
run_gate --commit HEAD~1 --baseline HEAD~1
old=$(basename "$(last)")
cp -r "$(last)" proj/old
rm -rf proj/.gate
mark=$(seen)
run_gate --baseline old
is "$(($(seen) - mark))" 20 "only the candidate is called"
is "$(record '.baseline.run')" "$old" "the record's run is named"
is "$(record '.suites[1] | [.reused, .scored] | map(tostring) | join(" ")')" "$old 20" "its samples are here"
is "$(wrong main@baseline)" "q1 q10 q11 q12 q13 q14 q15 q16 q17 q18 q19 " "with what they scored"
run_gate --baseline old --sample 5
ends 2 "a part of the run"
has "$err" "of a whole run" "is not paired with it"
policy 'right.mean >= 0.1' 'latency.p50 <= baseline * 2'
run_gate --baseline old --worktree
ends 2 "times"
has "$err" "side by side" "need calls"
git -C proj checkout -q gate.policy.yaml
cases 21 && right_cases
git_commit proj larger
run_gate --baseline old
ends 2 "another dataset"
has "$err" "cannot be paired" "is told"
sed -i 's/"value":1/"value":0/' proj/old/outcomes.jsonl
run_gate --baseline old
ends 4 "a record that was edited"
server_stop
done_testing
