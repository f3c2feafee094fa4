# The helpers of command tests.  A test is a bash script test/cli/<cmd>/<case>.sh that begins with
#
#	. "$TOP/test/cli/tap.sh"
#
# and ends with done_testing.  It runs in an empty scratch folder (see test/one.sh for what the
# environment holds: GATE, SERVER, TOP, SHARED, HOME).  Output on stdout is TAP, and nothing else.
# shellcheck shell=bash
set -u
shopt -s lastpipe # a check at the end of a pipe counts too
tap_n=0 tap_failed=0 tap_pids=() tap_open=1
out='' err='' rc=0
tap_dir=$(mktemp -d "$TMPDIR/tap.XXXXXX")

# A script that ends before done_testing has failed, whatever it printed.
tap_end() {
	local status=$? pid
	for pid in "${tap_pids[@]}"; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
	[ -z "$tap_open" ] || { fail "the script ended before done_testing"; exit 255; }
	exit "$status"
}
trap tap_end EXIT
trap 'exit 130' INT TERM

diag() { printf '%s\n' "$@" | sed 's/^/# /' >&2; }
pass() { tap_n=$((tap_n + 1)); echo "ok $tap_n - ${1//#/}"; }
fail() {
	tap_n=$((tap_n + 1)) tap_failed=1
	echo "not ok $tap_n - ${1//#/}"
	diag "failed: $1 (${TEST##*/}:${BASH_LINENO[${#BASH_LINENO[@]}-2]})"
	return 1
}
# What the last run said, for the reader of a failure.
tap_show() {
	diag "exit status $rc"
	[ -z "$out" ] || { diag "stdout:"; sed -e 's/^/#   /' -e '40q' "$tap_dir/out" >&2; }
	[ -z "$err" ] || { diag "stderr:"; sed -e 's/^/#   /' -e '40q' "$tap_dir/err" >&2; }
}
done_testing() {
	echo "1..$tap_n"
	tap_open=
	[ "$tap_n" -gt 0 ] || { diag "no assertion was made"; exit 1; }
	exit "$tap_failed"
}
# The whole script does not apply here; seen in the summary.
skip_all() { echo "1..0 # SKIP $*"; tap_open=; exit 0; }
# One assertion that does not apply here.
skip() { tap_n=$((tap_n + 1)); echo "ok $tap_n # SKIP $*"; }
need_tool() { local t; for t; do command -v "$t" >/dev/null || skip_all "'$t' is not installed"; done; }
need_shared() { [ -e "$SHARED/$1" ] || skip_all "'$1' is not beside the project"; }

# run CMD…: its output in $out and $err (and in $tap_dir/out and err, exact), its status in $rc.
run() {
	"$@" >"$tap_dir/out" 2>"$tap_dir/err"
	rc=$?
	out=$(tr -d '\0' <"$tap_dir/out") err=$(tr -d '\0' <"$tap_dir/err")
	return 0
}
# gate ARG…: run the binary under test.
gate() { run "$GATE" "$@"; }

# ok DESC CMD…: CMD succeeds (its output is shown only when it does not).
ok() {
	local desc=$1
	shift
	run "$@"
	if [ "$rc" = 0 ]; then pass "$desc"; else fail "$desc"; tap_show; return 1; fi
}
# exits N DESC CMD…: CMD exits with exactly N.
exits() {
	local want=$1 desc=$2
	shift 2
	run "$@"
	if [ "$rc" = "$want" ]; then pass "$desc"; else
		fail "$desc"; diag "expected exit status $want"; tap_show; return 1
	fi
}
# is GOT WANT DESC
is() {
	if [ "$1" = "$2" ]; then pass "$3"; else
		fail "$3"; diag "got:" "$1" "wanted:" "$2"; return 1
	fi
}
isnt() { if [ "$1" != "$2" ]; then pass "$3"; else fail "$3"; diag "got what it must not be:" "$1"; return 1; fi; }
# like TEXT ERE DESC: any line of TEXT (or all of it) matches.
like() {
	if [[ $1 =~ $2 ]]; then pass "$3"; else
		fail "$3"; diag "no match for: $2" "in:" "$1"; return 1
	fi
}
unlike() {
	if [[ ! $1 =~ $2 ]]; then pass "$3"; else
		fail "$3"; diag "must not match: $2" "in:" "$1"; return 1
	fi
}
# has TEXT PART DESC: PART stands in TEXT, byte for byte.
has() {
	case $1 in *"$2"*) pass "$3" ;; *) fail "$3"; diag "not found: $2" "in:" "$1"; return 1 ;; esac
}
hasnt() {
	case $1 in *"$2"*) fail "$3"; diag "must not hold: $2" "in:" "$1"; return 1 ;; *) pass "$3" ;; esac
}

# golden NAME [FILE]: FILE (default: the last run's stdout) is the same as <this test>.NAME, a file
# beside the script.  `make golden` writes it.  Text that varies goes through tap_filter, which a
# test may redefine (it reads stdin, writes stdout).
tap_filter() { cat; }
golden() {
	local want=${TEST%.sh}.$1 got=$tap_dir/golden
	tap_filter <"${2:-$tap_dir/out}" >"$got"
	if [ -n "${GOLDEN_WRITE:-}" ]; then cp "$got" "$want"; fi
	if [ ! -e "$want" ]; then
		fail "golden $1"; diag "${want#"$TOP"/} is missing; make golden writes it"; return 1
	fi
	if run diff -u --label "${want#"$TOP"/}" --label got "$want" "$got" && [ "$rc" = 0 ]; then
		pass "golden $1"
	else
		fail "golden $1"; tap_show; return 1
	fi
}

# --- git repositories whose oids are the same on every machine ----------------------------------

tap_date=1767225600
git_at() {
	GIT_AUTHOR_NAME=Tester GIT_AUTHOR_EMAIL=tester@example.com GIT_AUTHOR_DATE="$tap_date +0000" \
		GIT_COMMITTER_NAME=Tester GIT_COMMITTER_EMAIL=tester@example.com \
		GIT_COMMITTER_DATE="$tap_date +0000" git -c commit.gpgsign=false -c core.autocrlf=false \
		-c core.fileMode=true -c init.defaultBranch=main -c advice.detachedHead=false "$@"
}
# git_repo DIR [FOLDER]: a repository in DIR with the files of FOLDER committed on main.
git_repo() {
	mkdir -p "$1" && git_at init -q -b main "$1" || return
	[ $# -lt 2 ] || { cp -R "$2/." "$1/" && git_commit "$1" start; }
}
# git_commit DIR [MESSAGE]: everything there is, a minute after the last commit.
git_commit() {
	tap_date=$((tap_date + 60))
	git_at -C "$1" add -A && git_at -C "$1" commit -q --allow-empty -m "${2:-change}"
}
git_oid() { git -C "$1" rev-parse "${2:-HEAD}"; }

# --- the test server ------------------------------------------------------------------------------

# server_start SCRIPT [ARG…]: starts $SERVER, waits for its port; sets server_port, server_url and
# server_pid.  Stopped at exit, or by server_stop.
server_start() {
	local script=$1 said=$tap_dir/server.$((${#tap_pids[@]} + 1)) i
	shift
	[ -x "$SERVER" ] || { fail "the test server is not built: $SERVER"; return 1; }
	# The server ends at the end of its standard input, so it cannot outlive this script.
	[ -n "${tap_leash:-}" ] || { mkfifo "$tap_dir/leash" && exec {tap_leash}<>"$tap_dir/leash"; }
	"$SERVER" --port 0 --script "$script" "$@" >"$said" 2>"$said.err" <"$tap_dir/leash" \
		{tap_leash}>&- &
	server_pid=$!
	tap_pids+=("$server_pid")
	server_log=$said.err
	for ((i = 0; i < 3000; i++)); do
		server_port=$(sed -n '1s/[^0-9]*\([0-9][0-9]*\).*/\1/p' "$said" 2>/dev/null)
		[ -z "$server_port" ] || break
		kill -0 "$server_pid" 2>/dev/null || break
		sleep 0.02
	done
	server_url=http://127.0.0.1:$server_port
	[ -n "$server_port" ] || { fail "the test server did not start"; diag "$(cat "$said.err")"; return 1; }
}
server_stop() { kill "${1:-$server_pid}" 2>/dev/null; wait "${1:-$server_pid}" 2>/dev/null; return 0; }
