#!/usr/bin/env bash
# The rules of the house, each checked by a machine: lint.sh [NAME…].  Output is TAP; findings
# precede the line they belong to, as file:line: what.
set -u
cd "$(dirname "$0")/../.." || exit 1
cc=${GATE_CC:-cc} b=build/release
mapfile -t sources < <(git ls-files --cached --others --exclude-standard 'lib/*.[ch]' 'gate/*.[ch]')
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.h$')
mapfile -t tests < <(git ls-files --cached --others --exclude-standard 'test/*.[ch]')

[ ${#sources[@]} -gt 0 ] || { echo "lint: no sources found" >&2; exit 1; }

lint_layers() { awk -f test/lint/layers.awk test/lint/layers.txt "${sources[@]}"; }

lint_words() { awk -f test/lint/words.awk "${sources[@]}"; }

# Every header compiles alone, under the flags of the build.
lint_headers() {
	local flags
	flags=$(sed -n 's/^DEP_CFLAGS := //p' build/deps-*.mk 2>/dev/null | head -n 1)
	# shellcheck disable=SC2086
	printf '%s\n' "${headers[@]}" | xargs -P "$(nproc 2>/dev/null || echo 2)" -I{} \
		$cc -std=gnu11 -D_GNU_SOURCE -Ilib -I. -include lib/base/banned.h $flags -Wall -Wextra \
		-Werror -fsyntax-only -x c {} 2>&1 | grep -v 'pragma once' | sed '/^cc1: /d'
	return "${PIPESTATUS[1]}"
}

# A header opens with a paragraph: what it is, who owns what, what it never does.
lint_headers_doc() {
	awk 'FNR == 1 { if (!/^\/\* ?/) bad(FILENAME ":1: opens without a paragraph"); text = ""; open = 1 }
	open { text = text $0; if (/\*\//) { open = 0; n = gsub(/[A-Za-z]+/, "", text)
		if (n < 5) bad(FILENAME ":1: a paragraph of " n " words says too little") } }
	function bad(what) { print what; failed = 1 }
	END { exit failed }' "${headers[@]}"
}

# One name, one file: a name finds its file without a folder.
lint_names() {
	printf '%s\n' "${sources[@]}" "${tests[@]}" | awk -F/ '
	{ if ($NF in seen) { print $0 ":1: the name is taken by " seen[$NF]; bad = 1 } seen[$NF] = $0
	  if ($NF !~ /^[a-z][a-z0-9_]*\.[ch]$/) { print $0 ":1: file names are lower_snake"; bad = 1 } }
	END { exit bad }'
}

# No mutable globals in the library: nothing in .bss or .data but constant tables of pointers.
lint_globals() {
	local archive=${GATE_BUILD:-$b}/libgate.a
	[ -e "$archive" ] || { echo "$archive:1: not built; run make first"; return 1; }
	command -v objdump >/dev/null || { echo "objdump:1: binutils are missing"; return 1; }
	objdump -t "$archive" | awk '
	/^[^ ]+\.o: / { file = $1 }
	/ O \.(bss|data|tbss|tdata)/ && !/ O \.data\.rel\.ro/ {
		print file "1: mutable global \x27" $NF "\x27"; bad = 1 }
	END { exit bad }'
}

# In a static link every library shares one name space: no function of ours may bear a name that an
# archive beside it defines, or one silently calls the other's.
foreign_symbols() {
	local lib path libs=" $(sed -n 's/^DEP_LIBS := //p' "$1") "
	for lib in $(tr ' ' '\n' <<<"$libs" | sed -n 's/^-l//p' | sort -u) c m; do
		path=$(tr ' ' '\n' <<<"$libs" | sed -n 's/^-L//p' | while read -r dir; do
			[ ! -e "$dir/lib$lib.a" ] || { echo "$dir/lib$lib.a"; break; }; done)
		[ -n "$path" ] || path=$($cc -print-file-name="lib$lib.a")
		[ ! -e "$path" ] || nm -gP --defined-only "$path" 2>/dev/null |
			awk -v lib="$lib" 'NF > 2 { print $1, lib }'
	done | sort -u
}
lint_symbols() {
	local archive=${GATE_BUILD:-$b}/libgate.a mk
	for mk in build/deps-*.mk; do break; done
	[ -e "$archive" ] && [ -e "$mk" ] || { echo "$archive:1: not built; run make first"; return 1; }
	[ build/foreign-symbols -nt "$mk" ] ||
		{ foreign_symbols "$mk" >build/foreign-symbols.$$ &&
			mv build/foreign-symbols.$$ build/foreign-symbols; }
	nm -gP --defined-only "$archive" 2>/dev/null | awk '
	FILENAME != "-" { theirs[$1] = $2; n++; next }
	NF > 2 && $1 in theirs { print "lib:1: \x27" $1 "\x27 is also a name in lib" theirs[$1]; bad = 1 }
	END { if (n < 1000) { print "build/foreign-symbols:1: too short to be true"; bad = 1 } exit bad }
	' build/foreign-symbols -
}

# Whoever adds a scorer, provider or subcommand adds its page.
registry() { sed -nE "s/^[[:space:]]*$1\(\"?([a-z][a-z0-9_-]*)\"?[,)].*/\1/p" "$2" 2>/dev/null | tr _ -; }
lint_docs() {
	local name bad=0
	for name in $(registry SCORER lib/score/scorers.def); do
		[ -s "docs/scorers/$name.md" ] || { echo "docs/scorers/$name.md:1: missing"; bad=1; }
	done
	for name in $(registry PROVIDER lib/provider/providers.def); do
		[ -s "docs/providers/$name.md" ] || { echo "docs/providers/$name.md:1: missing"; bad=1; }
	done
	for name in $(sed -nE 's/^\t\.kind = "([a-z-]+)",/\1/p' lib/provider/provider_bedrock_*.c); do
		[ -s "docs/providers/bedrock-$name.md" ] || { echo "docs/providers/bedrock-$name.md:1: missing"; bad=1; }
	done
	for name in $(registry CMD gate/cmds.def); do
		[ -s "docs/man/gate-$name.1" ] || { echo "docs/man/gate-$name.1:1: missing"; bad=1; }
	done
	return "$bad"
}

# The manual pages are mdoc that mandoc reads without an error.
lint_man() {
	local pages=(docs/man/*.[1-9])
	[ -e "${pages[0]}" ] || return 0
	command -v mandoc >/dev/null || { echo "mandoc:1: not installed"; return 1; }
	mandoc -T lint -W error "${pages[@]}"
}

n=0 failed=0
names=${*:-layers words headers headers_doc names globals symbols man docs}
for lint in $names; do
	n=$((n + 1))
	if found=$("lint_${lint//-/_}" 2>&1); then
		echo "ok $n - $lint"
	else
		printf '%s\n' "${found:-$lint failed}" | sed 's/^/# /'
		echo "not ok $n - $lint"
		failed=1
	fi
done
echo "1..$n"
exit "$failed"
