#!/usr/bin/env bash
# Run one test for prove.  A program runs at the project's root with TAP asked of cmocka.  A script
# gets a fresh scratch folder as working folder, home and TMPDIR, a bare environment, and
#   GATE     the binary under test      SERVER   the test server
#   TOP      the project's root         SHARED   material beside the project (may be absent)
# KEEP=1 leaves the scratch folder and names it.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
test=$1 b=${GATE_BUILD:-build/release}
case $test in san:*) test=${test#san:} b=build/address-undefined ;; esac
kept=${GATE_TAP:-$top/build/tap}/$(tr '/:' '__' <<<"$1").tap
mkdir -p "${kept%/*}"

case $test in
*.sh) ;;
*)
	cd "$top" || exit 1
	# cmocka says "not ok 1 # SKIP" of a test that was skipped, and lets it pass.
	CMOCKA_MESSAGE_OUTPUT=TAP "./$test" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/' | tee "$kept"
	exit "${PIPESTATUS[0]}" ;;
esac

gate=$top/build/gate
[ "$b" = build/release ] || gate=$top/$b/gate
scratch=$(mktemp -d "${TMPDIR:-/tmp}/gate-test.XXXXXX") || exit 1
mkdir "$scratch/home" "$scratch/tmp" "$scratch/work"
cd "$scratch/work" || exit 1
env -i PATH="$PATH" HOME="$scratch/home" TMPDIR="$scratch/tmp" LC_ALL=C.UTF-8 TZ=UTC TERM=dumb \
	GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CEILING_DIRECTORIES="$scratch" \
	TOP="$top" GATE="$gate" SERVER="$top/$b/testserver" SHARED="$top/../shared" \
	TEST="$top/$test" GOLDEN_WRITE="${GOLDEN_WRITE:-}" GATE_CC="${GATE_CC:-cc}" \
	ASAN_OPTIONS="detect_leaks=1:${ASAN_OPTIONS:-}" GATE_BUILD="$top/$b" \
	bash "$top/$test" </dev/null | tee "$kept"
rc=${PIPESTATUS[0]}
if [ -n "${KEEP:-}" ]; then echo "# kept $scratch" >&2; else rm -rf "$scratch"; fi
exit "$rc"
