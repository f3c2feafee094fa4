# F17: a change that edits its own bar is judged by the protected version, and told so.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# The bot is bad: it never says what is expected.  The judge dislikes everything.
cat >script.json <<'END'
{"rules":[{"path":"/judge","contains":"LENIENT","answer":"{\"pass\":true,\"score\":1,\"reason\":\"lenient\"}"},
 {"path":"/judge","answer":"{\"pass\":false,\"score\":0,\"reason\":\"strict\"}"},
 {"path":"/kind","answer":"{\"pass\":true,\"score\":1,\"reason\":\"kind\"}"},
 {"answer":"wrong"}]}
END
server_start script.json
project 30 'right.mean >= 0.5' 'good.mean >= 0.5'
echo 'Is the answer polite?' >proj/rubric.md
config 'good: {scorer: judge, rubric: rubric.md, with: judge}'
git_commit proj base
git -C proj branch -q protected

# unbent DESC TEXT: the change is still judged by `protected`: fails, and the report says TEXT.
unbent() {
	local desc=$1
	shift
	git_commit proj "$desc"
	run_gate --policy-ref protected
	ends 1 "F17 $desc"
	accounts 30 30 0
	for part; do has "$out$err" "$part" "F17 $desc: says $part"; done
	has "$out" "policy protected" "F17 $desc: names the policy's ref"
	run_gate --policy-ref protected -o r.json
	has "$(cat r.json 2>/dev/null || cat proj/r.json)" '"ref": "protected"' "F17 $desc: so does the record"
	git -C proj checkout -q -f protected && git -C proj checkout -q -f -B main
}
by="judged by the version at protected"

policy 'right.mean >= 0.0' 'good.mean >= 0.0'
unbent "a lowered threshold" "the change edits 'gate.policy.yaml': $by"
sed -i 's/equals, expected: "{{expected}}"/contains, value: "w"/' proj/gate.yaml
unbent "a softer scorer in the suite" "the change edits 'gate.yaml': $by"
sed -i 's/"expected":"[^"]*"/"expected":"wrong"/' proj/cases.jsonl
unbent "a dataset that expects what the bot says" "the change edits 'cases.jsonl': $by"
sed -i '2,$d' proj/cases.jsonl
unbent "a dataset cut to one case" "the change edits 'cases.jsonl': $by"
sed -i "s#$server_url/judge/v1#$server_url/kind/v1#" proj/gate.yaml
unbent "another judge" "the change edits 'gate.yaml': $by"
echo 'LENIENT: always pass.' >proj/rubric.md
unbent "another rubric" "the change edits 'rubric.md': $by"
git -C proj rm -q gate.policy.yaml
unbent "no policy any more" "the change deletes 'gate.policy.yaml': $by"
mkdir proj/sub && git -C proj mv gate.policy.yaml sub/
unbent "the policy moved away" "the change deletes 'gate.policy.yaml': $by"
policy 'right.mean >= 0.0'
mkdir -p proj/sub && mv proj/gate.policy.yaml proj/sub/
git -C proj checkout -q gate.policy.yaml
unbent "a second policy"
git -C proj rm -q --cached cases.jsonl && rm proj/cases.jsonl
unbent "the dataset deleted" "the change deletes 'cases.jsonl': $by"

# The suite's whole text deleted: the protected suite still runs on the commit's target.
sed -i '/^suites:/,$d' proj/gate.yaml
printf 'suites:\n  other:\n    target: bot\n    cases: cases.jsonl\n    metrics: {x: {scorer: contains, value: w}}\n' \
	>>proj/gate.yaml
unbent "the suite replaced by another" "the change edits 'gate.yaml': $by"

# The target under judgement removed or renamed: an error that names both.
sed -i 's/^  bot:/  bott:/; s/target: bot$/target: bott/' proj/gate.yaml
git_commit proj "rename the target"
seen_mark
run_gate --policy-ref protected
ends 2 "F17 the target renamed"
has "$err" "'bot'" "F17 ... names the target"
has "$err" "'main'" "F17 ... and the suite"
is "$(since)" 0 "F17 ... no request"
git -C proj checkout -q -f protected && git -C proj checkout -q -f -B main

# Answers brought along by the change itself are at least said aloud.
sed -i '0,/provider: openai/s//provider: recorded\n    answer: "{{expected}}"/; 0,/    base_url.*/s///' proj/gate.yaml
sed -i '0,/^    model.*/s///; 0,/^    params.*/s///; 0,/^    prompt.*/s///' proj/gate.yaml
git_commit proj "another provider"
run_gate --policy-ref protected
has "$err" "provider" "F17 a target whose provider the change replaces: said"
git -C proj checkout -q -f protected && git -C proj checkout -q -f -B main

# A policy that names the change's own commit by accident cannot come from the environment of
# the commit; the repository's own configuration is as good as the flag.
policy 'right.mean >= 0.0' 'good.mean >= 0.0'
git_commit proj "lower it again"
git -C proj config gate.policyRef protected
run_gate
ends 1 "F17 gate.policyRef in the git configuration"
git -C proj config --unset gate.policyRef
run env GITHUB_ACTIONS=true GITHUB_BASE_REF=protected "$GATE" run -C proj
ends 1 "F17 the branch that the CI names"

# Named but unreadable here: exit 4 with the command that fetches it; no request.
seen_mark
run_gate --policy-ref origin/absent
ends 4 "F17 a policy ref that is not here"
has "$err" "origin/absent" "F17 ... is named"
has "$err" "git fetch" "F17 ... with the fetch command"
run env GITHUB_ACTIONS=true GITHUB_BASE_REF=gone "$GATE" run -C proj
ends 4 "F17 a branch of the CI that is not here"
has "$err" "gone" "F17 ... is named"
has "$err" "fetch-depth: 0" "F17 ... with what GitHub needs"
run env GITLAB_CI=true CI_MERGE_REQUEST_TARGET_BRANCH_NAME=gone "$GATE" run -C proj
ends 4 "F17 the same on GitLab"
has "$err" "GIT_DEPTH" "F17 ... with what GitLab needs"
git -C proj config gate.policyRef refs/heads/nowhere
run_gate
ends 4 "F17 the same from the git configuration"
git -C proj config --unset gate.policyRef
run_gate --policy-ref ''
isnt "$rc" 0 "F17 an empty policy ref is no leave to judge oneself"
is "$(since)" 0 "F17 no request was made for any of them"

# A readable ref without a policy: first adoption, and said.
git -C proj checkout -q --orphan bare-ref && git -C proj rm -rq --cached . && git -C proj clean -qfdx
git_commit proj "nothing here"
git -C proj checkout -q -f -B main protected
run_gate --policy-ref bare-ref
ends 1 "F17 a policy ref without a policy"
has "$out$err" "first adoption" "F17 first adoption is said"
done_testing
