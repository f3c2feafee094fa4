# What ships: one static binary, small and quick, that carries its files.
. "$TOP/test/cli/tap.sh"
[ -x "$GATE" ] || skip_all "no binary yet"
case $GATE in */build/gate) ;; *) skip_all "only the shipped binary is judged here" ;; esac

if [ -e "$TOP/build/deps-bundled.mk" ]; then
	run ldd "$GATE"
	like "$out$err" 'statically linked|not a dynamic executable' "it needs no shared library"
	size=$(wc -c <"$GATE")
	ok "under 12 MB ($size bytes)" test "$size" -lt 12000000
fi
ok "gate version" "$GATE" version
best=1000000
# The best of a few; of many on a machine that has other things to do.
for ((i = 0; i < 10 || (i < 500 && best >= 10000); i++)); do
	from=${EPOCHREALTIME/./}
	"$GATE" version >/dev/null
	took=$((${EPOCHREALTIME/./} - from))
	[ "$took" -ge "$best" ] || best=$took
done
ok "gate version in under 10 ms ($best us at best)" test "$best" -lt 10000
done_testing
