# Each lint is red on a tree that breaks its rule, and green on one that does not.
. "$TOP/test/cli/tap.sh"

base='/* A header for this test: says what it is and owns nothing at all. */'
plant() { # PATH LINE…
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$1"
}
fresh() {
	rm -rf house
	mkdir -p house/test
	cp -R "$TOP/test/lint" house/test/lint
	mkdir -p house/lib/base
	cp "$TOP"/lib/base/banned.h house/lib/base/
	git_repo house
	cd house || exit 1
}
lint() { GATE_BUILD=$PWD run bash test/lint/lint.sh "$@"; }
red() { # LINT PATTERN DESC
	lint "$1"
	if [ "$rc" != 0 ]; then like "$out" "$2" "$3"; else fail "$3"; tap_show; fi
	cd ..
}
green() {
	lint "$1"
	is "$rc" 0 "$2" || tap_show
	cd ..
}

fresh; plant lib/base/a.c '#include "base/banned.h"' '#include <stdio.h>'
green layers "a module includes itself"
fresh; plant lib/base/a.c '#include "doc/doc.h"'
red layers "'base' may not include 'doc/doc.h'" "an include against the layers"
fresh; plant lib/score/a.c '#include <git2/sys/x.h>'
red layers "<git2/sys/x.h> belongs to repo" "a foreign header outside its owner"
fresh; plant lib/attic/a.c 'int x;'
red layers "module 'attic' has no line" "a module without a line"
fresh; plant lib/base/a.c '#include "banned.h"'
red layers 'with its module' "an include without its module"
fresh; sed -i 's/^base  *:/& doc/' test/lint/layers.txt; plant lib/base/a.c 'int x;'
red layers "not a line above it" "a table that could hold a cycle"

fresh; plant lib/base/a.c 'static void f(void) { goto out; }'
red words 'no goto' "goto"
fresh; plant lib/score/a.c 'static void f(void) { free(p); }'
red words 'from an arena' "free in a domain module"
fresh; plant lib/score/a.c '/* free(p); printf() */' 'static const char s[] = "exit(1)";' 'x_free(p); h->free(p);'
green words "words in comments, strings and other names"
fresh; plant lib/score/a.c 'static void f(void) { printf("x"); }'
red words 'never prints' "printing in the library"
fresh; plant lib/run/a.c 'static void f(void) { exit(1); }'
red words 'never exits' "exiting in the library"
fresh; plant lib/run/a.c 'return err_set(err, ERR_USAGE, "Cannot do it");'
red words 'lower case' "an error text with a capital"
fresh; plant lib/run/a.c 'return err_set(err, ERR_USAGE,' '	"cannot do it.");'
red words 'full stop' "an error text with a full stop"

fresh; plant lib/base/a.h "$base" '#include <stddef.h>' 'size_t f(void);'
green headers "a header that compiles alone"
fresh; plant lib/base/a.h "$base" 'uint32_t f(void);'
red headers 'uint32_t' "a header that leans on another"
fresh; plant lib/base/a.h '#define X 1'
red headers_doc 'without a paragraph' "a header without its paragraph"
fresh; plant lib/base/a.c 'int x;'; plant lib/doc/a.c 'int y;'
red names 'taken by lib/base/a.c' "a file name used twice"
fresh; plant lib/base/a.c 'int counter;'; "$GATE_CC" -c -o a.o lib/base/a.c; ar rc libgate.a a.o
red globals "mutable global 'counter'" "a mutable global"
fresh; plant lib/base/a.c 'extern const char *const t[]; const char *const t[] = { "a" };'
"$GATE_CC" -fPIE -c -o a.o lib/base/a.c; ar rc libgate.a a.o
green globals "a constant table of pointers"
mk=$(ls "$TOP"/build/deps-*.mk | head -n 1)
static() { mkdir build; cp "$mk" build/; "$GATE_CC" -c -o a.o lib/base/a.c; ar rc libgate.a a.o; }
fresh; plant lib/base/a.c 'int json_dumps(void); int json_dumps(void) { return 1; }'; static
red symbols "'json_dumps' is also a name in libjansson" "a name that a library has"
fresh; plant lib/base/a.c 'int our_own(void); int our_own(void) { return 1; }'; static
green symbols "a name of our own"
fresh; plant lib/score/scorers.def 'SCORER(equals)'
red docs 'docs/scorers/equals.md:1: missing' "a scorer without its page"

done_testing
