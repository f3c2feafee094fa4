# The bash completion, asked as bash asks it; the other shells' scripts are read by those shells.
. "$TOP/test/cli/tap.sh"

ok "gate completion bash" "$GATE" completion bash
cp "$tap_dir/out" gate.bash
ok "bash reads it" bash -n gate.bash
run bash -c '. ./gate.bash; complete -p gate'
is "$out" "complete -o filenames -F _gate gate" "complete -p"

# asks WORD…: the completions of the last word, in one line.
asks() {
	run bash -c '. ./gate.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gate
		printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' - "$@"
}
asks gate ''
has " $out " " run " "commands"
asks gate comple
is "$out" "completion" "a command's beginning"
asks gate run --wo
is "$out" "--worktree" "an option"
asks gate run --
is "$out" "$("$GATE" run --help | awk '/^ +-/ { for (i = 1; i <= 2; i++) if ($i ~ /^--/) print $i }
	END { print "--help" }' | sort | xargs)" "all options of gate run, and no other"
asks gate run --color ''
is "$out" "always auto never" "values of --color"
asks gate run --color = al
is "$out" "always" "a value after an equals sign, as bash splits it"
asks gate run --color =
is "$out" "always auto never" "right after it"
asks gate run --format j
is "$out" "json junit" "values of --format"
asks gate log --format ''
is "$out" "console json" "gate log has fewer"
asks gate init -p o
is "$out" "openai" "a value after a letter"
asks gate schema po
is "$out" "policy" "schemas"
asks gate help duplicate-
is "$out" "duplicate-id duplicate-key" "rules"
asks gate completion ''
is "$out" "bash fish zsh" "shells"
asks gate run --seed ''
is "$out" "" "nothing is invented for a number"
mkdir folder; touch file
asks gate run --repo f
is "$out" "folder" "folders"
asks gate run -o fi
is "$out" "file" "files"
git_repo .; git_commit . one; git tag v1; git branch other
asks gate run --commit ''
is "$out" "main other v1" "revisions"
git branch 'evil$(touch${IFS}made)'
asks gate run --commit ev
is "$out" 'evil$(touch${IFS}made)' "a branch's name is text"
ok "and never run" test ! -e made

for sh in zsh fish; do
	ok "gate completion $sh" "$GATE" completion $sh
	cp "$tap_dir/out" "gate.$sh"
	if command -v $sh >/dev/null; then ok "$sh reads it" $sh -n "gate.$sh"; else skip "'$sh' is not installed"; fi
done
# Without those shells: every quote is closed, every option is there.
for o in $("$GATE" run --help | awk '/^ +-/ { for (i = 1; i <= 2; i++) if ($i ~ /^--/) print substr($i, 3) }'); do
	grep -q -- "--$o[=[]" gate.zsh && grep -q -- "run' -l $o " gate.fish || fail "--$o is missing"
done
pass "zsh and fish have every option of gate run"
ok "the zsh script's quotes are closed" bash -n <(sed -e 's/\${(f)[^)]*)"}//' -e 's/^#.*//' -e 's/(( .* ))/true/' gate.zsh)
ok "the fish script's quotes are closed" bash -n gate.fish
done_testing
