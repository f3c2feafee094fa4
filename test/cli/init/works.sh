# What gate init writes works at once, and never over what is there.
. "$TOP/test/cli/tap.sh"

ok "gate init in a folder that is not there" "$GATE" init new/one
has "$out" "git init" "it says that a repository is needed"
has "$out" "cd new/one" "and where to go"
git_at init -q new/one
cd new/one || exit 1
exits 0 "gate check --worktree" "$GATE" check --worktree
has "$out" "ok: 1 suite, 40 samples, 2 thresholds" "it checks 40 cases"
exits 0 "gate plan --worktree" "$GATE" plan --worktree
exits 0 "gate run --worktree passes" "$GATE" run --worktree
has "$out" "39/40" "with one answer wrong on purpose"
git_commit . first
exits 0 "and the commit passes" "$GATE" run
is "$(git status --porcelain)" "" "the store is not seen by git"
exits 0 "gate show" "$GATE" show last

sed 's/account/billing/' golden/messages.jsonl >changed && cp changed golden/messages.jsonl
exits 2 "a second gate init writes nothing" "$GATE" init
has "$err" "'gate.policy.yaml' and 4 more of these files are already here; nothing was written" "and says why"
ok "the edited file is as it was" cmp changed golden/messages.jsonl
rm gate.yaml gate.policy.yaml
ls -R >../before
exits 2 "nor does it fill gaps beside files of the same name" "$GATE" init
ls -R >../before.now
ok "nothing appeared" diff ../before ../before.now
ok "--force replaces" "$GATE" init --force
exits 0 "and the example is whole again" "$GATE" run --worktree --no-store
cd ../..

ok "gate init --provider openai" "$GATE" init two --provider=openai
has "$out" "OPENAI_API_KEY" "it names the key"
git_at init -q two
exits 0 "it checks without a key" "$GATE" check --worktree -C two
exits 2 "an unwritable place" "$GATE" init /proc/none
like "$err" "^error: cannot make folder '/proc/none': " "is named"

for provider in bedrock anthropic; do
	ok "gate init --provider $provider" "$GATE" init "of-$provider" -p "$provider"
	git_at init -q "of-$provider"
	exits 0 "it checks without credentials" "$GATE" check --worktree -C "of-$provider"
	exits 3 "and does not run without them" env -u AWS_PROFILE AWS_EC2_METADATA_DISABLED=true HOME="$PWD" \
		"$GATE" run --worktree -C "of-$provider"
	has "$out$err" "no " "for want of a key"
	like "$out$err" "credentials" "which it names"
done
exits 2 "a provider that has no example" "$GATE" init three -p cohere
has "$err" "--provider takes one of recorded|bedrock|openai|anthropic, not 'cohere'" "is named"

for f in $(cd "$TOP/fixtures/init/common" && find . -type f); do
	ok "${f#./} has the bytes of fixtures/init" cmp "two/$f" "$TOP/fixtures/init/common/$f"
done
done_testing
