# Provider exec: who may run what.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/exec/exec.inc"
program 'echo x >>"'"$PWD"'/count"; printf "%s" "$1"'
ran() { cat count 2>/dev/null | wc -l; }

# denied DESC WHAT: exit 2, nothing was run, the place is named.
denied() {
	ends 2 "$1"
	like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: .*$2" "$1: named with its place"
	is "$(ran)" 0 "$1: nothing ran"
}
for allow in false '{programs: [/bin/true]}' '{programs: [prog]}'; do
	project 4
	run_exec --spend-anyway
	denied "allow_exec: $allow" 'exec-denied'
	run_exec --spend-anyway --allow-exec
	denied "allow_exec: $allow, and the command line" 'exec-denied'
	gate check -C proj --policy-ref main
	denied "allow_exec: $allow: gate check" 'exec-denied'
done
sed -i '/^trust/d' proj/gate.policy.yaml
git_commit proj
run_exec --spend-anyway
denied "no word at all" 'the policy does not allow that'

# The commit that is its own policy cannot allow it to itself.
allow=true
project 4
run_gate --spend-anyway
denied "policy: self" 'the policy is the commit.s own'
gate check -C proj
hasnt "$err$out" "exec-denied" "gate check runs nothing, so it does not mind"
git -C proj branch old main
git -C proj rm -q --cached gate.policy.yaml
git_at -C proj commit -qm "no policy"
git -C proj branch -f old main
git_commit proj "first policy"
run_gate --policy-ref old --spend-anyway
denied "first adoption" 'the policy is the commit.s own'
run_gate --measure
denied "no policy is read" 'no policy is read'
run_gate --spend-anyway --allow-exec
has "$err" "which its candidate id does not cover" "a note says what runs"
ends 3 "with the caller's own word"
is "$(ran)" 4 "it runs"
run_gate --measure --allow-exec --fresh
ends 0 "measuring, with the caller's own word"
is "$(ran)" 8 "it runs, too"

# A change cannot widen what the protected policy allows.
rm count
allow='{programs: [/bin/true]}'
project 4
git -C proj branch protected
allow=true
policy 'right.mean >= 0.5'
git_commit proj "allow more"
run_gate --policy-ref protected --spend-anyway
denied "a change that allows itself more" 'does not list'

# Replies that are there need no program.
allow=true
project 6
run_exec --record replies
is "$(ran)" 6 "recorded"
run_gate --replay replies --spend-anyway
ends 0 "replayed under the commit's own policy"
is "$(ran)" 6 "nothing ran"
rm count

# What the settings may not say.
mistake() { # DESC WHAT COMMAND [LINES]
	project 4
	sed -i "s#command: .*#command: $3#" proj/gate.yaml
	[ -z "${4:-}" ] || sed -i "s#output: .*#$4#" proj/gate.yaml
	git_commit proj
	run_exec --spend-anyway
	denied "$1" "$2"
}
mistake "a program that a case chooses" "cannot choose the program" '["{{question}}"]'
mistake "a program of the tree" "neither an absolute path nor a plain name" '[bin/answer]'
mistake "an undefined variable" "'nobody'" "[$prog, '{{nobody}}']"
mistake "the expected answer as an argument" "holds a right answer|expects as the answer" "[$prog, '{{expected}}']"
mistake "a command that is text" "command" "$prog"
mistake "no word on the output" "output" "[$prog]" "files: 64"
mistake "an output that is none" "output" "[$prog]" "output: yaml"
mistake "a time that is none" "timeout" "[$prog]" "output: text\n    timeout: soon"
mistake "memory that is none" "memory" "[$prog]" "output: text\n    memory: 2X"
mistake "a stream" "has no .stream." "[$prog]" "output: text\n    stream: true"
done_testing
