#!/usr/bin/env bash
# The longest files and functions, for the reader; it fails nothing.  A long one is long for a
# reason you could say aloud.
set -u
cd "$(dirname "$0")/../.." || exit 1
mapfile -t files < <(git ls-files 'lib/*.[ch]' 'gate/*.[ch]')
[ ${#files[@]} -gt 0 ] || exit 0
echo "lines  file"
wc -l "${files[@]}" | grep -v ' total$' | sort -rn | sed "${N:-15}q"
echo "lines  function"
# Linux style: a body opens with { and closes with } in the first column.
awk '
	/^[A-Za-z].*\(/ && !/;[ \t]*$/ { head = $0; at = FNR }
	/^\{/ && head != "" { from = FNR }
	/^\}/ && from {
		sub(/\(.*/, "", head); sub(/.*[ *]/, "", head)
		printf "%6d %s:%d %s\n", FNR - from - 1, FILENAME, at, head
		from = 0; head = ""
	}' "${files[@]}" | sort -rn | sed "${N:-15}q"
awk 'FNR == 1 { files++ } END { printf "%6d lines in %d files of lib and gate\n", NR, files }' "${files[@]}"
