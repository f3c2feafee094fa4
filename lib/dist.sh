#!/usr/bin/env bash
# dist.sh BINARY MAN…: gate-<version>-<system>-<machine>.tar.gz and its checksum in ${DIST:-build/dist}.
# Names are sorted, owners and dates fixed (SOURCE_DATE_EPOCH, else the commit's), so the same commit
# gives the same bytes.  A static binary carries other people's code, so their notices go along.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C
out=${DIST:-build/dist}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
name=gate-${VERSION:?}-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
stage=$out/$name
rm -rf "$stage" "$stage.tar.gz" "$stage.tar.gz.sha256"
mkdir -p "$stage/man" "$stage/completion" "$stage/licenses"
install -m 755 "$1" "$stage/gate"
for shell in bash zsh fish; do "$1" completion "$shell" >"$stage/completion/gate.$shell"; done
shift
[ $# -eq 0 ] || install -m 644 "$@" "$stage/man/"
install -m 644 LICENSE "$stage/"
if [ -n "${LICENSES:-}" ]; then install -m 644 "$LICENSES"/* "$stage/licenses/"; fi
for lib in libssl libjansson libyaml libpcre2 libsqlite3 libutf8proc libnghttp2 libc-ares zlib1g \
	libzstd libhttp-parser libllhttp libc6; do
	from=/usr/share/doc/$lib-dev/copyright
	[ ! -e "$from" ] || install -m 644 "$from" "$stage/licenses/${lib#lib}"
done
(cd "$stage" && find . -type f ! -name SHA256SUMS | sort | sed 's|^\./||' | xargs sha256sum >SHA256SUMS)
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --format=ustar \
	--mode='u+rwX,go+rX,go-w' -C "$out" -cf - "$name" | gzip -9n >"$stage.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
