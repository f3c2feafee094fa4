# What `make demo` shows: its exit codes, its screens, and that nothing of a user's git or CI setting
# changes either.  The README's screen is cut out of it.
. "$TOP/test/cli/tap.sh"
need_tool git
demo() { run env "$@" "$TOP/fixtures/demo/run.sh"; }
tap_filter() { sed -E -e 's,(record: .gate/runs/).*,\1RUN,' -e 's,^(  [a-z-]+ +[0-9]+/[0-9]+)  [0-9.]+ s.*,\1,'; }

mkdir tmp
demo TMPDIR="$PWD/tmp"
is "$rc" 0 "the demo ends well" || tap_show
has "$err" "note: the change edits 'gate.policy.yaml': judged by the version at main" "the edited policy is named"
is "$(ls -A tmp)" "" "it leaves nothing behind"
golden out
cp "$tap_dir/golden" screen

# A machine full of settings, seen from inside a hook of another repository, in a CI job.
git_repo other
mkdir -p home template/hooks other/.gate 'tmp with spaces'
printf '#!/bin/sh\nexit 1\n' >template/hooks/pre-commit
chmod +x template/hooks/pre-commit
cat >home/.gitconfig <<END
[commit]
	gpgsign = true
	template = /nowhere
[core]
	hooksPath = $PWD/template/hooks
	autocrlf = true
	pager = false
[init]
	defaultBranch = trunk
	templateDir = $PWD/template
[gate]
	policyRef = nowhere
[user]
	useConfigOnly = true
END
cp -R home/.gitconfig other/.gate/config
chmod -R a-w home
cd other || exit 1
demo -u GIT_CONFIG_GLOBAL -u GIT_CONFIG_NOSYSTEM HOME="$PWD/../home" TMPDIR="$PWD/../tmp with spaces" \
	GIT_DIR="$PWD/.git" GIT_WORK_TREE="$PWD" GIT_INDEX_FILE="$PWD/.git/index" CI=true \
	GITHUB_ACTIONS=true GITHUB_BASE_REF=nowhere GIT_TEMPLATE_DIR="$PWD/../template"
cd ..
is "$rc" 0 "it ends well among hostile settings" || tap_show
tap_filter <"$tap_dir/out" >again
ok "... and shows the same" diff screen again
demo -u HOME TMPDIR="$PWD/tmp"
is "$rc" 0 "it needs no home" || tap_show

if unshare -rn true 2>/dev/null; then
	ok "it needs no network" env TMPDIR="$PWD/tmp" unshare -rn "$TOP/fixtures/demo/run.sh"
else
	skip "no network namespaces here"
fi

# A gate that lets everything pass is noticed, and so is one that never does.
demo GATE=/bin/true
isnt "$rc" 0 "a gate that is always green fails the demo"
demo GATE=/bin/false
isnt "$rc" 0 "one that is always red too"
demo GATE="$PWD/none"
like "$err" "is not built; run make" "without a binary it says so"

demo KEEP=1 TMPDIR="$PWD/tmp"
repo=$(echo tmp/*/support-bot)
is "$(git -C "$repo" log --oneline | wc -l)" 3 "KEEP=1 leaves the repository"
like "$out" "cd '$PWD/$repo'" "... and says where"
exits 0 "gate show there" "$GATE" show -C "$repo"
exits 0 "gate show last/attack-46" "$GATE" show -C "$repo" last/attack-46
exits 0 "gate log" "$GATE" log -C "$repo"
exits 0 "gate plan" "$GATE" plan -C "$repo"
exits 0 "gate check" "$GATE" check -C "$repo"
exits 0 "gate report" "$GATE" report -C "$repo" last -o report.md -o report.junit.xml
mkdir empty && : >empty/replies.jsonl
exits 3 "a reply that was not recorded is no verdict" "$GATE" run -C "$repo" --commit main --replay "$PWD/empty"
like "$out" "unscored 350" "... and every case is named as unscored"

# The README's screen: both verdicts, and of the second one the two largest groups of failures.
screen_of() { # COMMIT: what gate said of it, up to its verdict
	awk -v commit="$1" '/^\$ gate run/ { command = $0 }
		/^gate / && index($0, " " commit " ") { print command; inside = 1 }
		inside && /^  [0-9]+ × / && ++groups == 3 { print "  …\n" }
		/^  planned/ { groups = 0 }
		inside && groups < 3
		inside && /^[A-Z]+ / { exit }' screen
}
{
	echo '```console'
	screen_of main
	echo
	echo '$ git switch shorter-prompt'
	screen_of shorter-prompt
	echo '```'
} >readme.screen
if [ -n "${GOLDEN_WRITE:-}" ]; then
	awk 'FNR == NR { text = text $0 "\n"; next }
		/<!-- screen:begin -->/ { print; printf "%s", text; inside = 1 }
		/<!-- screen:end -->/ { inside = 0 }
		!inside && !/<!-- screen:begin -->/' readme.screen "$TOP/README.md" >README.new &&
		cp README.new "$TOP/README.md"
fi
sed -n '/<!-- screen:begin -->/,/<!-- screen:end -->/p' "$TOP/README.md" | sed '1d;$d' >readme.now
ok "the README's screen is the demo's (make golden writes it)" diff -u readme.now readme.screen
done_testing
