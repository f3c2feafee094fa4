# Every rule id of the sources is explained in docs/rules.md and the other way round, and each example
# does what its page says: the wrong one gives the rule, the right one passes `gate check`.
. "$TOP/test/cli/tap.sh"
need_tool perl

# The rule is the third argument of diag_add and diag_warn, the fourth of a schema's own check, the
# last of schema_check_doc, and what doc/doc.c calls a syntax.
used() (
	cd "$TOP" && perl -0777 -ne '
	sub args { my ($t) = @_; my ($d, $q, @a) = (0, 0, "");
		for my $c (split //, $t) {
			if ($q) { $q = 0 if $c eq q(") && substr($a[-1], -1) ne "\\" }
			elsif ($c eq q(")) { $q = 1 }
			elsif ($c =~ /[({]/) { $d++; next if $d == 1 }
			elsif ($c =~ /[)}]/) { last unless --$d }
			elsif ($c eq "," && $d == 1) { push @a, ""; next }
			$a[-1] .= $c;
		}
		return map { s/^\s+|\s+$//gr } @a }
	sub take { my ($x) = @_; print "$1\n" while $x =~ /"([^"]*)"/g;
		print "?$ARGV: $x\n" if $x !~ /"|^((x->)?rule|f->id \? f->id : rule|const char \*rule)$/ }
	while (/\bdiag_(?:add|warn)(?=\()/g) { take((args(substr $_, pos, 600))[2]) }
	while (/\bschema_check_doc(?=\()/g) { my $x = (args(substr $_, pos, 400))[3]; take($x) }
	if ($ARGV =~ m{doc/schema_words\.c$}) { while (/\badd(?=\(e, r, at)/g) {
		my $x = (args(substr $_, pos, 400))[3]; print "$1\n" while $x =~ /"([^"]*)"/g } }
	if ($ARGV =~ m{doc/doc\.c$} && /syntax_rule\([^)]*\)\s*\{(.*?)\n\}/s) { take($1) }
	' lib/*/*.c gate/*.c | sort -u
)
used >"$tap_dir/used"
sed -n 's/^## //p' "$TOP/docs/rules.md" >"$tap_dir/explained"
ok "rules are found in the sources" test "$(wc -l <"$tap_dir/used")" -gt 50
is "$(grep '^?' "$tap_dir/used")" "" "every rule id can be read from its call"
ok "docs/rules.md is in order" sort -c "$tap_dir/explained"
is "$(comm -23 "$tap_dir/used" "$tap_dir/explained")" "" "every rule is explained"
is "$(comm -13 "$tap_dir/used" "$tap_dir/explained")" "" "no rule is explained that no source has"

# --- the examples ---

"$GATE" init base --provider openai >/dev/null
git_at -C base init -q
git_commit base base
# put PLACE FILE: an example's lines where its page says.  4 columns of indent are the example's mark.
suite_head='  messages:
    target: sorter
    cases: golden/messages.jsonl'
target='  sorter:
    provider: openai
    prompt: {system: prompts/system.md, user: prompts/user.md}
    model: gpt-4o-mini'
metrics='    metrics:
      correct: {scorer: exact-match, expected: "{{team}}"}
      brief: {scorer: word-count, max: 2}'
thresholds='      - {expect: correct.mean >= 0.8, decide: observed}'
config() { printf 'version: 1\ntargets:\n%s\nsuites:\n%s\n' "$1" "$2"; }
stage() { printf 'version: 1\nstages:\n  pre-production:\n%s\n' "$1"; }
lines() { sed "s/^/$1/" "$2"; }
loose='      - {expect: unscored.rate <= 0.9, decide: observed}'
reset_project() { rm -rf project; cp -R base project; }
put() {
	local t="$thresholds" suites="$suite_head
$metrics" list="[messages]" c=''
	case $1 in
	"among the thresholds" | "with the thresholds") t=$(lines '      ' "$2"); c=keep ;;
	"among the metrics") suites="$suite_head
    metrics:
$(lines '      ' "$2")"; t=$loose ;;
	"in the suite") suites="  messages:
$(lines '    ' "$2")" ;;
	"as the suites") suites=$(lines '  ' "$2"); list="[messages, questions]" ;;
	"as the target") c=$(config "  sorter:
$(lines '    ' "$2")" "$suites") ;;
	"as the cases") grep . "$2" >project/golden/messages.jsonl; c=keep ;;
	"in the stage") stage "$(lines '    ' "$2")" >project/gate.policy.yaml; return ;;
	"as gate.policy.yaml") cp "$2" project/gate.policy.yaml; return ;;
	"on the command line") command=$(cat "$2"); return ;;
	*) return 1 ;;
	esac
	[ "$1" = "with the thresholds" ] && list=$(cat list 2>/dev/null || echo "[messages]")
	[ "$1" = "as the suites" ] && echo "$list" >list
	case $c in
	keep) ;;
	'') config "$target" "$suites" >project/gate.yaml ;;
	*) printf '%s\n' "$c" >project/gate.yaml ;;
	esac
	stage "    suites: $list
    thresholds:
$t" >project/gate.policy.yaml
}
try() {
	local words
	eval "words=($command)"
	run "$GATE" "${words[@]:1}" -C project --worktree
}
# Split the page: RULE/1.place, RULE/1.text …, in the order of the text.
awk -v dir="$PWD/pages" '
/^## / { rule = $2; n = 0; system("mkdir -p " dir "/" rule); next }
rule == "" { next }
/^(Wrong|Right|with the thresholds)[,:]/ || /^with the thresholds:/ { place = $0
	sub(/:$/, "", place); n++; print place >(dir "/" rule "/" n ".place")
	printf "" >(dir "/" rule "/" n ".text"); next }
/^    / && n { print substr($0, 5) >(dir "/" rule "/" n ".text") }
' "$TOP/docs/rules.md"

tried=0 untried=
for dir in pages/*/; do
	rule=$(basename "$dir") last=''
	command='gate check'
	reset_project; rm -f list
	for ((i = 1; ; i++)); do
		[ -e "$dir/$i.place" ] || break
		place=$(cat "$dir/$i.place")
		case $place in
		"Wrong, in general") untried="$untried $rule"; continue 2 ;;
		Wrong,*) last=${place#Wrong, }; put "$last" "$dir/$i.text" ||
			fail "$rule: '$last' is no place that this test knows" ;;
		with*) last=$place; put "$last" "$dir/$i.text" ;;
		Right)
			try
			like "$err" "\[$rule\]" "$rule: the wrong example gives it"
			put "$last" "$dir/$i.text"
			try
			if [ "$rc" != 0 ] || grep -q "\[$rule\]" <<<"$err"; then
				fail "$rule: the right example passes"; tap_show
			fi
			tried=$((tried + 1)) ;;
		esac
	done
	[ "$i" -gt 2 ] || fail "$rule has no wrong and right example"
done
diag "not tried:$untried"
ok "most examples are tried ($tried)" test "$tried" -ge 45
done_testing
