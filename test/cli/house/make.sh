# The Makefile on a small house: what it rebuilds, what it must not, and that red stays red.
. "$TOP/test/cli/tap.sh"
need_tool make cc

mkdir -p house/build house/lib/base house/test/unit house/test/cli house/docs/man
cp "$TOP"/{Makefile,LICENSE} house/
cp "$TOP"/test/{run,one,counts}.sh house/test/
cp "$TOP"/lib/{deps.sh,mdoc.awk} house/lib/
cp "$TOP"/lib/base/{banned,compiler,embed,embed_table,str}.h "$TOP"/lib/base/{embed,str}.c house/lib/base/
# The dependencies are at hand already, or this test would not run.
for mk in "$TOP"/build/deps-*.mk; do cp "$mk" house/build/; done
touch house/build/have-check house/build/have-demo
cd house || exit 1
for mk in build/deps-*.mk; do deps=$(basename "$mk" .mk); break; done
unset MAKEFLAGS MAKELEVEL
house() { run make --no-print-directory DEPS="${deps#deps-}" CC=cc "$@"; }
compiled() { printf '%s\n' "$out" | grep -c '^CC '; }

house
is "$rc" 0 "a first build" || tap_show
is "$(compiled)" 3 "... compiles the two files and the table of carried ones"
house
is "$rc$out$err" 0 "a second build does nothing and says nothing"
touch lib/base/str.c
house
is "$(compiled)" 1 "a touched file is compiled alone"
touch lib/base/str.h
house
is "$(compiled)" 2 "a touched header compiles what includes it"
house CFLAGS=-O0
is "$(compiled)" 3 "other flags rebuild everything"
house CFLAGS=-O0
is "$out" "" "... once"
echo 'int leftover(void); int leftover(void) { return 1; }' >lib/base/leftover.c
house
like "$(ar t build/release/libgate.a)" leftover.o "a new file enters the archive"
rm lib/base/leftover.c
house
unlike "$(ar t build/release/libgate.a)" leftover.o "a deleted file leaves it"
printf '.Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd a page\n' >docs/man/x.1
house
ok "a manual page is carried as text" grep -q 'x — a page' build/release/libgate.a

cat >test/unit/red_test.c <<'END'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
static void same(void **state) { (void)state; assert_int_equal(ONE, 1); }
static void other(void **state) { (void)state; SKIP; assert_int_equal(1, 1); }
int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same), cmocka_unit_test(other) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
END
house unit CFLAGS='-DONE=1 -DSKIP='
is "$rc $(tail -n 1 <<<"$out")" "0 2 passed, 0 failed" "a green unit test" || tap_show
house unit CFLAGS='-DONE=2 -DSKIP='
isnt "$rc" 0 "a red unit test makes make red"
like "$out" '1 passed, 1 failed' "... and is counted"
house unit CFLAGS='-DONE=1 "-DSKIP=skip()"'
is "$rc $(tail -n 1 <<<"$out")" "0 1 passed, 0 failed, 1 skipped" "a skipped unit test" || tap_show
house unit CFLAGS='-DONE=1 "-DSKIP=__builtin_trap()"'
isnt "$rc" 0 "a unit test that dies makes make red"
like "$out" '[1-9][0-9]* failed' "... and is counted"
house demo
isnt "$rc" 0 "a target whose script is missing is red"
like "$err" "'fixtures/demo/run.sh' is missing" "... and says so"
run bash test/run.sh
isnt "$rc" 0 "running no tests is red"
done_testing
