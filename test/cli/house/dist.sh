# The tarball: what is in it, and the same bytes twice.
. "$TOP/test/cli/tap.sh"
[ -x "$GATE" ] || skip_all "no binary yet"
grep -q 'CMD(completion)' "$TOP/gate/cmds.def" || skip_all "no gate completion yet"
need_tool tar gzip sha256sum

for n in one two; do
	umask $([ $n = one ] && echo 022 || echo 077)
	export DIST=$PWD/$n VERSION=1.2.3 SOURCE_DATE_EPOCH=1767225600
	ok "lib/dist.sh, run $n" "$TOP/lib/dist.sh" "$GATE" "$TOP"/docs/man/*.[1-9]
	unset DIST VERSION SOURCE_DATE_EPOCH
done
is "$(cat one/*.sha256)" "$(cat two/*.sha256)" "the same bytes twice, whatever the umask"
(cd one && sha256sum -c --quiet -- *.sha256) && pass "the checksum holds" || fail "the checksum holds"
mkdir unpacked
tar -xzf one/*.tar.gz -C unpacked --strip-components 1
ok "the checksums inside hold" env -C unpacked sha256sum -c --quiet SHA256SUMS
for f in gate LICENSE man/gate.1 completion/gate.bash completion/gate.zsh completion/gate.fish; do
	ok "it holds $f" test -s "unpacked/$f"
done
ok "the unpacked binary runs" unpacked/gate version
ok "the completion is bash" bash -n unpacked/completion/gate.bash
done_testing
