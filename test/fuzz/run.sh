#!/usr/bin/env bash
# run.sh FOLDER SECONDS PROGRAM…: each libFuzzer program for that long, as many at once as there are
# processors.  New inputs and crashes go into FOLDER, never into the tree; copy a crash's file to
# fixtures/corpus/<name>/ when you mend it.
set -u
cd "$(dirname "$0")/../.." || exit 1
export folder=$1 secs=$2
shift 2
[ $# -gt 0 ] || { echo "fuzz: no such target" >&2; exit 1; }

one() {
	local name=${1##*/} seeds=()
	mkdir -p "$folder/corpus/$name" "$folder/crash"
	[ ! -d "fixtures/corpus/$name" ] || seeds=("fixtures/corpus/$name")
	dict=() ; [ ! -e "fixtures/corpus/$name.dict" ] || dict=(-dict="fixtures/corpus/$name.dict")
	if "./$1" -max_total_time="$secs" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
		-artifact_prefix="$folder/crash/$name-" "${dict[@]}" "$folder/corpus/$name" \
		"${seeds[@]}" >"$folder/$name.log" 2>&1
	then
		printf 'ok    %-16s %s\n' "$name" "$(grep -oE 'Done [0-9]+ runs in [0-9]+ second' "$folder/$name.log")s"
	else
		printf 'FOUND %-16s see %s\n' "$name" "$folder/$name.log"
		grep -m 3 -E 'ERROR|runtime error|SUMMARY|Test unit written' "$folder/$name.log" | sed 's/^/      /'
		return 1
	fi
}
export -f one
printf '%s\0' "$@" | xargs -0 -P "$(nproc 2>/dev/null || echo 2)" -I{} bash -c 'one {}' || exit 1
