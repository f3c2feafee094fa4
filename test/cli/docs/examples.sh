# The examples of docs/*.md that are marked in the source are run, in a scratch repository that `gate
# init` filled, one for each page:
#
#	<!-- sh COMMAND -->     COMMAND is run and not shown; ROOT is the project, here only
#	<!-- file PATH -->      the next fence is written to PATH
#	<!-- check WHERE -->    the next fence stands in the project as `thresholds [SUITES]`, `metrics`
#	                        or `cases`, and gate check finds no mistake
#	<!-- run -->            "$ " begins a command of the next fence, what follows is what it says on
#	                        both outputs; … stands for any text
. "$TOP/test/cli/tap.sh"

mkdir bin && ln -s "$GATE" bin/gate
PATH=$PWD/bin:$PATH ROOT=$TOP
export PATH ROOT GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.com

# Steps of a page, NUL-separated: kind, argument, line, body.
steps() {
	awk '
	function put() { printf "%s%c%s%c%d%c%s%c", kind, 0, arg, 0, line, 0, body, 0; kind = "" }
	/^<!-- (sh|file|check|run)( |$)/ {
		kind = $2; line = FNR; body = ""
		arg = $0; sub(/^<!-- [a-z]+ ?/, "", arg); sub(/ ?-->$/, "", arg)
		if (kind == "sh") put()
		next }
	/^ *```/ { if (fence) { fence = 0; if (kind != "") put() } else fence = 1; next }
	fence && kind != "" { body = body $0 "\n" }
	END { if (kind != "") { kind = "lost"; put() } }' "$1"
}
# what was said, against text in which … is anything
fits() {
	local want=$1 got=$2 pattern
	pattern=$(printf '%s\n' "$want" | sed -e 's/[][\\*?]/\\&/g' -e 's/…/*/g')
	# shellcheck disable=SC2053
	[[ $got == $pattern ]]
}
run_one() {
	local name=$1 command=$2 want=${3%$'\n'} got
	got=$(unset -f gate run; (exit "$last"); eval "$command" 2>&1)
	last=$?
	[ -z "$want" ] && [ -z "$got" ] && { pass "$name: $command"; return; }
	if fits "$want" "$got"; then pass "$name: $command"; else
		fail "$name: $command"
		printf '%s\n' "$want" >../want; printf '%s\n' "$got" >../got
		diag "$(diff -u ../want ../got)"
	fi
}
run_fence() {
	local name=$1 line command='' want=''
	while IFS= read -r line; do
		case $line in
		'$ '*)
			[ -z "$command" ] || run_one "$name" "$command" "$want"
			command=${line#\$ } want='' ;;
		*) want=$want$line$'\n' ;;
		esac
	done <<<"${2%$'\n'}"
	[ -z "$command" ] || run_one "$name" "$command" "$want"
}
check_fence() {
	local where=${1%% *} text=$2 suites=[messages]
	[ "$where" = "$1" ] || suites=${1#* }
	case $where in
	thresholds)
		{ printf 'version: 1\nstages:\n  pre-production:\n    suites: %s\n    thresholds:\n' "$suites"
		grep -v '^thresholds:' <<<"$text" | sed 's/^ */      /'; } >gate.policy.yaml ;;
	metrics)
		{ sed '/^    metrics:/,$d' gate.yaml; echo '    metrics:'; grep -v '^metrics:' <<<"$text" | sed 's/^ */      /'; } >new
		mv new gate.yaml ;;
	cases) grep . <<<"$text" >golden/messages.jsonl ;;
	*) return 1 ;;
	esac
	run "$GATE" check --worktree
	[ "$rc" = 0 ] || { tap_show; return 1; }
}

try_page() {
	local page=$1 name=${1#"$TOP"/docs/} kind arg line body
	rm -rf work && mkdir work && cd work || exit 1
	{ "$GATE" init && git_at init -q -b main .; } >/dev/null || fail "$name: set up"
	last=0
	while IFS= read -r -d '' kind && IFS= read -r -d '' arg && IFS= read -r -d '' line &&
		IFS= read -r -d '' body; do
		case $kind in
		sh) (unset -f gate run; eval "$arg") >/dev/null 2>../sh.err ||
			{ fail "$name:$line: $arg"; diag "$(cat ../sh.err)"; } ;;
		file) mkdir -p "$(dirname "$arg")" && printf '%s' "$body" >"$arg" ;;
		check) if check_fence "$arg" "$body"; then pass "$name:$line: $arg"; else fail "$name:$line: $arg"; fi ;;
		run) run_fence "$name:$line" "$body" ;;
		*) fail "$name:$line: a mark without an example" ;;
		esac
	done < <(steps "$page")
	cd ..
}
for page in "$TOP"/docs/*.md "$TOP"/docs/scorers/*.md "$TOP"/docs/providers/*.md; do
	! grep -qE '^<!-- (run|check|file)' "$page" || try_page "$page"
done
ok "examples were run ($tap_n)" test "$tap_n" -ge 15
done_testing
