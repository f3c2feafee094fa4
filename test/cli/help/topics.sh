# gate help knows what it lists, and a slip gets the nearest name.
. "$TOP/test/cli/tap.sh"

gate help
is "$rc" 0 "gate help"
cp "$tap_dir/out" help.out
gate --help
is "$out" "$(cat help.out)" "gate --help says the same"
exits 2 "gate alone is a mistake" "$GATE"
is "$err" "$(cat help.out)" "and shows the same on standard error"

gate help topics
topics=$(sed '/^$/q' <<<"$out" | xargs -n1 | sort -u)
ok "there are topics" test "$(wc -l <<<"$topics")" -ge 100
for t in run gate gate.yaml policy contains not-contains openai '[duplicate-key]' thresholds refs ci \
	exit-codes store scorers providers formats rules commands; do
	gate help "$t"
	ok "gate help $t (${#out} bytes)" test "$rc" = 0 -a "${#out}" -gt 80 -a -z "$err"
done
gate help thresholds
hasnt "$out" '<!--' "marks of tests are not shown"
bad=
gate help scorers
for t in $(awk '/^  [a-z]/ { print $1 }' <<<"$out"); do
	gate help "$t"
	[ "$rc" = 0 ] && [ "${#out}" -gt 80 ] || bad="$bad $t"
done
is "$bad" "" "every scorer is explained"
gate help rules
is "$(awk '/^  [a-z]/ { print $1 }' <<<"$out")" "$(sed -n 's/^## //p' "$TOP/docs/rules.md")" "every rule is listed"

# what PEOPLE_TYPE → what they read
says() {
	local want=$1
	shift
	exits 2 "gate $*" "$GATE" "$@"
	is "$err" "error: $want" "… says what to do"
}
says "unknown command 'rnu'; did you mean 'run'?" rnu
says "unknown command 'frobnicate'; \`gate help\` lists them" frobnicate
says "'--stage' stands before any command; write \`gate COMMAND --stage\`" --stage x run
says "gate run: unknown option '--stgae'; did you mean '--stage'?" run --stgae x
says "gate run: unknown option '--frobnicate'; \`gate help run\` lists them" run --frobnicate
says "gate run: --stage needs a value: STAGE" run --stage
says "gate run: --stage needs a value: STAGE; '--quiet' is an option (if it is meant: --stage=--quiet)" \
	run --stage --quiet
says "gate run: '--quiet=1': --quiet takes no value" run --quiet=1
says "gate run: '-qv': --quiet takes no value; write letters apart, as in -q -v" run -qv
says "gate run: --jobs takes a whole number, not 'many'" run -j many
says "gate version: unexpected 'x'" version x
says "no help on 'duplicate-kay'; did you mean 'duplicate-key'?" help duplicate-kay
says "no help on 'xyzzy-plugh'; \`gate help topics\` lists what there is" help xyzzy-plugh
says "gate help: one topic, found also 'b'" help a b
says "no schema 'polcy'; did you mean 'policy'?" schema polcy
says "gate completion takes one of bash, zsh and fish, not 'csh'" completion csh
says "--provider takes one of recorded|bedrock|openai|anthropic, not 'x'" init --provider x
if [ -c /dev/full ]; then
	for words in "schema gate" "help run" "run --help" "--help"; do
		# shellcheck disable=SC2086
		exits 3 "gate $words on a full disk" bash -c '"$GATE" "$@" >/dev/full' - $words
		is "$err" "error: standard output cannot be written" "… is said"
	done
fi
run bash -c '"$GATE" schema policy | true; sleep 0.1; "$GATE" help gate.yaml | head -n 1'
is "$err" "" "a reader that leaves early is no error to speak of"
done_testing
