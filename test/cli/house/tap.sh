# The helpers themselves: a failed assertion fails, a script cut short fails, oids are stable.
. "$TOP/test/cli/tap.sh"

script() { # LINE…: a test script of these lines, run as prove would see it
	printf '%s\n' '. "$TOP/test/cli/tap.sh"' "$@" >inner.sh
	TEST=$PWD/inner.sh run bash inner.sh
}
script 'is a a same' 'done_testing'
is "$rc $out" $'0 ok 1 - same\n1..1' "a passing script"
script 'is a b differs' 'done_testing'
is "$rc $out" $'1 not ok 1 - differs\n1..1' "a failing assertion"
script 'exits 3 "status" bash -c "exit 2"' 'done_testing'
like "$rc $out" '^1 not ok 1' "another exit status"
script 'pass one'
like "$rc $out" 'not ok 2 - the script ended before done_testing' "a script that ends early"
isnt "$rc" 0 "... and its status"
script 'done_testing'
isnt "$rc" 0 "a script without assertions"
script 'skip_all "no reason"'
is "$rc $out" '0 1..0 # SKIP no reason' "a skipped script"
script 'run echo hello' 'golden out' 'done_testing'
like "$rc $err" '^1.*is missing' "a golden file that is not there"
echo hello >inner.out
script 'run echo hello' 'golden out' 'done_testing'
is "$rc" 0 "a golden file that agrees"
script 'run echo hullo' 'golden out' 'done_testing'
is "$rc" 1 "a golden file that differs"

mkdir files && echo one >files/one
git_repo r1 files
is "$(git_oid r1)" "$(tap_date=1767225600; git_repo r2 files; git_oid r2)" "the same oid twice"
is "$(git_oid r1)" b31d9dccae986e94697170659d3176e0d7e39dcb "the same oid on every machine"

# The runner around us: a red test makes it red, and it counts.
run "$TOP/test/counts.sh" 0 "$PWD/none"
is "$out" "0 passed, 0 failed" "counting nothing"
mkdir taps
printf 'ok 1 - a\nnot ok 2 - b\nok 3 # SKIP c\n1..3\n' >taps/x.tap
run "$TOP/test/counts.sh" 1 "$PWD/taps"
is "$rc $out" "1 1 passed, 1 failed, 1 skipped" "counting each kind"
printf 'ok 1 - a\n' >taps/x.tap
run "$TOP/test/counts.sh" 1 "$PWD/taps"
is "$rc $out" "1 1 passed, 1 failed" "a program that died counts as a failure"
done_testing
