# F20: a disk that is full, objects that cannot be read, clones that lack what is needed.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 40
here=$(pwd)

# stopped CODE DESC PART…: the last run ended with CODE, in one line that holds every PART.
stopped() {
	local code=$1 desc=$2 part
	shift 2
	ends "$code" "F20 $desc"
	for part; do has "$err" "$part" "F20 $desc: says $part"; done
	unlike "$err" 'bug in gate|Sanitizer|core dumped' "F20 $desc: no crash"
}

# A file that may not grow: what `ulimit -f` allows is what a full disk leaves.
for kib in 0 1 40; do
	rm -rf proj/.gate
	seen_mark
	run bash -o pipefail -c "(ulimit -f $kib; exec '$GATE' run -C proj) 2>&1 | cat"
	ends "2 3" "F20 files of at most $kib KiB"
	like "$out" "error: [^
]*\.gate" "F20 files of at most $kib KiB: the store is named"
	[ "$kib" = 40 ] || is "$(since)" 0 "F20 files of at most $kib KiB: no store, no request"
done

# A disk that is full, where this user may mount one.
mkdir small
if mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
	rm -rf proj/.gate
	run_gate --store "$here/small"
	ends "2 3" "F20 a full disk: 2 before, 3 after the first call"
	like "$err" "error: [^
]*(full|No space)" "F20 a full disk is named"
	rm -rf small/* small/.g*
	run_gate --no-store -o "$here/small/r.json"
	ends 0 "F20 a disk with just enough room"
	dd if=/dev/zero of=small/fill bs=1k count=64 2>/dev/null
	run_gate --no-store -o "$here/small/r2.json"
	ends "2 3" "F20 a report that does not fit"
	like "$err" "error: [^
]*r2.json" "F20 ... is named"
	umount small
else
	skip "a small tmpfs cannot be mounted here"
fi

# Standard output onto a full device.
run_gate --fresh
ends 0 "F20 the same run with room"
"$GATE" run -C proj >/dev/full 2>err.txt
rc=$? out='' err=$(cat err.txt)
stopped 3 "standard output on a full device" "standard output"

# An object that is missing, and one that is damaged.
git_repo broken && cp -R proj/gate.yaml proj/gate.policy.yaml proj/prompt.txt proj/cases.jsonl broken/ &&
	git_commit broken files
blob=$(git -C broken rev-parse HEAD:cases.jsonl)
file=broken/.git/objects/${blob:0:2}/${blob:2}
chmod u+w "$file" && cp "$file" saved
seen_mark
rm -f "$file"
gate run -C broken
stopped 2 "an object that is missing" "cases.jsonl" "${blob:0:7}"
head -c 30 saved >"$file"
gate run -C broken
stopped 2 "an object that is cut" "cases.jsonl"
printf 'garbage' >"$file"
gate run -C broken
stopped 2 "an object that is garbage" "cases.jsonl"
# An object that holds other bytes than its name says.
other=$(git -C broken rev-parse HEAD:prompt.txt)
cp "broken/.git/objects/${other:0:2}/${other:2}" "$file" 2>/dev/null
chmod u+w "$file"
gate run -C broken
stopped 2 "an object under another's name" "cases.jsonl"
cp saved "$file"
commit=$(git_oid broken)
mv "broken/.git/objects/${commit:0:2}" broken/away
# libgit2 keeps a few bytes when it gives up here, which a leak checker would tell.
run env ASAN_OPTIONS=detect_leaks=0 "$GATE" run -C broken
stopped 2 "the commit itself is missing" "HEAD"
mv broken/away "broken/.git/objects/${commit:0:2}"
gate run -C broken --commit nosuchbranch
stopped 2 "a revision that does not exist" "nosuchbranch"

# A shallow clone that lacks the policy ref; and a commit beyond its edge.
git -C proj branch -q protected && echo >>proj/prompt.txt && git_commit proj change
git clone -q --depth 1 --branch main "file://$here/proj" shallow 2>/dev/null
gate run -C shallow --policy-ref origin/protected
stopped 4 "a shallow clone without the policy ref" "origin/protected" "git fetch"
gate run -C shallow --commit HEAD~1
stopped 2 "a commit beyond the edge of a shallow clone" "HEAD~1" "shallow" "git fetch --unshallow"
git clone -q --bare "file://$here/proj" bare.git 2>/dev/null
run env GITHUB_ACTIONS=true GITHUB_BASE_REF=protected "$GATE" run --repo bare.git --store store2
[ "$rc" = 0 ] && pass "F20 a bare clone has it and passes" || { fail "F20 a bare clone"; tap_show; }
seen_mark

# A Git LFS pointer where the dataset should be.
cp -R proj lfs
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345\n' 7 >lfs/cases.jsonl
git_commit lfs pointer
gate run -C lfs
stopped 2 "a Git LFS pointer as dataset" "cases.jsonl" "LFS"

# The folder that CodePipeline unpacks from a ZIP has no repository.
mkdir zip && cp proj/gate.yaml proj/gate.policy.yaml proj/prompt.txt proj/cases.jsonl zip/
run env CODEBUILD_BUILD_ID=x:1 CODEBUILD_SRC_DIR="$here/zip" "$GATE" run -C zip
stopped 2 "a CodePipeline ZIP without .git" "CODEBUILD_CLONE_REF"
is "$(since)" 0 "F20 no request was made for any of them"
done_testing
