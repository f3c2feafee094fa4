# The commands of the pipeline files do what the files are for: they pass what is on main, they block
# a worse change, and either way there are a JUnit report and a record to upload.
. "$TOP/test/cli/tap.sh"
need_tool git

# commands FILE: its lines that call gate or fetch, as a shell would get them.
commands() { sed -nE 's/^ *(- )?(run: )?((gate|git fetch) .*)$/\3/p' "$1"; }

mkdir bin
ln -s "$GATE" bin/gate
cp -R "$TOP/fixtures/demo/replies" replies
git_repo start "$TOP/fixtures/demo/repo"
git_at -C start switch -q -c shorter-prompt
cp -R "$TOP/fixtures/demo/shorter-prompt/." start/
git_commit start 'Shorter prompt'

# judge FILE BRANCH WANT NAME=VALUE…: run the file's commands in a fresh clone, as its CI would; `gate run`
# has the recorded answers and must end with WANT, everything else with 0.
judge() {
	local file=$1 branch=$2 want=$3 line expected name=${1%/*}/$2
	shift 3
	rm -rf clone
	git_at clone -q -b "$branch" start clone
	while IFS= read -r line; do
		expected=0
		case $line in 'gate run '*) line="$line --replay ../replies" expected=$want ;; esac
		run env -C clone PATH="$PWD/bin:$PATH" GITHUB_STEP_SUMMARY="$PWD/clone/summary" "$@" bash -c "$line"
		is "$rc" "$expected" "$name: $line" || tap_show
	done < <(commands "$TOP/pipelines/$file")
	ok "$name: a JUnit report" grep -q '<testsuites' clone/gate.junit.xml
	ok "$name: a comment" grep -q 'correct.mean' clone/gate.md
	ok "$name: a record" test -s clone/.gate/runs/*/record.json
}
for branch in main=0 shorter-prompt=1; do
	judge github/workflow.yml "${branch%=*}" "${branch#*=}" GITHUB_ACTIONS=true GITHUB_BASE_REF=main
	ok "... and a summary" grep -q 'correct.mean' clone/summary
	judge codebuild/buildspec.yml "${branch%=*}" "${branch#*=}" CODEBUILD_BUILD_ID=demo:1 POLICY_BRANCH=main
done

for file in "$TOP"/pipelines/*/*.yml; do
	name=${file#"$TOP/pipelines/"}
	lines=$(wc -l <"$file")
	ok "$name: short enough to read ($lines lines)" test "$lines" -ge 20 -a "$lines" -le 40
	ok "$name: it checks and runs" test "$(commands "$file" | grep -cE '^gate (check|run) ')" = 2
	is "$(grep -nE '(echo|printf|set -x|env$).*(KEY|TOKEN|SECRET)' "$file")" "" "$name: no secret is printed"
	is "$(grep -nE '\|\| *true|continue-on-error' "$file")" "" "$name: no failure is swallowed"
done
done_testing
