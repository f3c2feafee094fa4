#!/usr/bin/env bash
# Run tests under prove, each through test/one.sh, and close with one line of counts.
#   run.sh [--quick] [-B BUILD_FOLDER] TEST…
# A TEST is a program or a script; "san:PATH" is a script run with the sanitized binary.
set -u
cd "$(dirname "$0")/.." || exit 1
quick= b=build/release
while :; do
	case ${1:-} in
	--quick) quick=1; shift ;;
	-B) b=$2; shift 2 ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || { echo "run.sh: no tests to run" >&2; exit 1; }
command -v prove >/dev/null || { echo "run.sh: 'prove' (perl) is missing" >&2; exit 1; }

export GATE_BUILD=$b GATE_TAP=${GATE_TAP:-$PWD/build/tap}
[ -n "${GATE_TAP_KEEP:-}" ] || rm -rf "$GATE_TAP"
mkdir -p "$GATE_TAP"
jobs=${GATE_TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}
prove ${quick:+-Q} -j "$jobs" --exec test/one.sh "$@"
rc=$?
[ -z "${GATE_TAP_KEEP:-}" ] || exit "$rc"
exec test/counts.sh "$rc" "$GATE_TAP"
