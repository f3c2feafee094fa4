# F19, F20 at every step: killed, or told that the disk is full or broken, at a spread of the system
# calls that write.  No record is ever half there, green is never said without a whole one, and
# going on gives the same outcomes and verdict as a run that nothing disturbed.  Two runs on one store.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool strace
strace -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
# No leak can be looked for under a tracer.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

echo '{"rules":[{"contains":"1.","answer":"wrong"},{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 60 'right.mean >= 0.5'
calls=pwrite64,write,fdatasync,fsync,rename,ftruncate,unlink,mkdir

# What a run found, without what differs from run to run: times, and what the server called it.
found() { sed 's/,"times":.*//' "$1"/runs/*/outcomes.jsonl | md5sum; }
traced() { # ARG… -- of strace; then gate run
	run strace -f -qq -o trace.txt "$@" "$GATE" run -C proj --store "$PWD/store" -j 4
}
traced -e trace=$calls,sendto
is "$rc" 0 "the undisturbed run"
want=$(found store)
verdict=$(grep '^  right.mean' "$tap_dir/out")
cp trace.txt whole.txt
times() { grep -c " $1(" whole.txt; }
points() { # CALL N: up to N of its occurrences, evenly spread, the first and the last among them
	awk -v c="$1" -v m="$(times "$1")" -v n="$2" 'BEGIN { if (n > m) n = m
		for (i = 0; i < n; i++) print c, 1 + (n > 1 ? int(i * (m - 1) / (n - 1)) : 0) }'
}

# whole DESC: whatever lies in the store as a record can be reported.
whole() {
	local d
	for d in store/runs/*/; do
		[ -e "$d/record.json" ] || continue
		gate report "$d"
		[ "$rc" = 0 ] || { fail "$1: the record is not whole"; tap_show; return 1; }
	done
}
# goes_on DESC: resumed, it ends as the undisturbed run did.
goes_on() {
	run_gate --store "$PWD/store" -j 4 --resume
	local last
	last=$(ls -td store/runs/*/ | head -1)
	if [ "$rc" = 0 ] && [ "$(grep '^  right.mean' "$tap_dir/out")" = "$verdict" ] &&
		[ "$(sed 's/,"times":.*//' "$last/outcomes.jsonl" | md5sum)" = "$want" ]; then
		return 0
	fi
	fail "$1: resumed, it is the same run"; tap_show; return 1
}

killed=0
while read -r call n; do
	rm -rf store
	traced -e "trace=$call" -e "inject=$call:signal=KILL:when=$n"
	# 137 as a shell says it; strace ends as its child did.
	[ "$rc" = 137 ] && killed=$((killed + 1))
	whole "killed at $call $n" && goes_on "killed at $call $n" && pass "killed at $call $n"
done < <(points pwrite64 9; points write 4; points fdatasync 3; points fsync 3; points rename 3
	points unlink 2; points mkdir 2) 2>/dev/null
ok "most were killed in time ($killed)" test "$killed" -ge 18

# A full or broken disk: 2 before any call, else 3, in one line; 0 only with the whole record.
while read -r call n; do
	for error in ENOSPC EIO; do
		rm -rf store
		traced -e "trace=$call" -e "inject=$call:error=$error:when=$n+"
		what="$call fails from the ${n}th on with $error"
		case $rc in
		0) [ -e "$(echo store/runs/*/record.json)" ] && good=1 || good= ;;
		2 | 3) [ "$(grep -c '^error: ' "$tap_dir/err")" = 1 ] && good=1 || good=
			[ "$call" != write ] || good=1 ;; # standard error is broken, too
		*) good= ;;
		esac
		[ "$good" ] || { fail "$what: exit $rc"; tap_show; continue; }
		whole "$what" && goes_on "$what" && pass "$what"
	done
done < <(points pwrite64 5; points write 2; points fdatasync 3; points fsync 2; points rename 2; points mkdir 1)

# What was asked of a server is not "nothing was spent".
rm -rf store
n=$(awk '/sendto\(.*POST/ { print n; exit } / pwrite64\(/ { n++ }' whole.txt)
traced -e trace=pwrite64 -e "inject=pwrite64:error=ENOSPC:when=$((n + 1))+"
ends 3 "a disk that fills up between answers"

# Two runs on one store at once: both whole, neither disturbs the other.
rm -rf store
"$GATE" run -C proj --store "$PWD/store" -j 2 >out1 2>err1 & one=$!
"$GATE" run -C proj --store "$PWD/store" -j 2 >out2 2>err2 & two=$!
wait "$one"; is "$?" 0 "two at once: the first"
wait "$two"; is "$?" 0 "two at once: the second" || diag "$(cat err2)"
is "$(ls store/runs/*/record.json | wc -l)" 2 "two at once: two records"
whole "two at once" && pass "two at once: both records are whole"
for d in store/runs/*/; do
	is "$(sed 's/,"times":.*//' "$d/outcomes.jsonl" | md5sum)" "$want" "two at once: the same outcomes"
done
done_testing
