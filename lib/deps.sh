#!/usr/bin/env bash
# The ground the house stands on: installs the packages a build lacks, builds static archives of
# libcurl and libgit2 from pinned Debian source packages, and writes the flags as a make fragment.
#
#   deps.sh packages LIST…                  install what is missing (Debian: apt)
#   deps.sh fragment bundled|system OUT.mk   everything for that way of linking, then write OUT.mk
#
# The archives live outside the tree, in ${GATE_DEPS_CACHE:-~/.cache/gate-deps}/<hash>, the hash
# being over versions, flags and compiler; a clean clone does not pay again.  Sources come through
# apt's own client in a private state folder, from the mirror this machine already uses
# (DEBIAN_MIRROR= overrides), verified by Debian's archive keys.  The system's apt is left alone.
set -euo pipefail

suite=trixie
# upstream version, pinned Debian version: the pinned one first, else the newest of that upstream.
curl_up=8.14.1 curl_deb=8.14.1-2+deb13u5
git2_up=1.9.0+ds git2_deb=1.9.0+ds-2+deb13u1
cflags='-O2 -g0 -fPIC -ffunction-sections -fdata-sections'
curl_opts=(-DHTTP_ONLY=ON -DENABLE_ARES=ON -DUSE_NGHTTP2=ON -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF
	-DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DCURL_ZLIB=ON -DCURL_USE_LIBSSH2=OFF -DBUILD_CURL_EXE=OFF
	-DBUILD_LIBCURL_DOCS=OFF -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF -DBUILD_TESTING=OFF
	-DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_NETRC=ON
	-DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_NTLM=ON -DCURL_CA_FALLBACK=OFF
	-DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt -DCURL_CA_PATH=none)
git2_opts=(-DUSE_SSH=OFF -DUSE_HTTPS=OFF -DREGEX_BACKEND=pcre2 -DUSE_BUNDLED_ZLIB=OFF
	-DUSE_SHA1=CollisionDetection -DUSE_SHA256=Builtin -DEXPERIMENTAL_SHA256=OFF
	-DUSE_NTLMCLIENT=OFF -DUSE_GSSAPI=OFF -DUSE_ICONV=OFF -DBUILD_TESTS=OFF -DBUILD_CLI=OFF
	-DUSE_THREADS=ON)
pkgs='libcurl libgit2 openssl jansson yaml-0.1 libpcre2-8 sqlite3 libutf8proc'

say() { printf 'deps: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
on_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

# Packages by purpose.  Debian 13 has llhttp where 12 has http-parser.
wanted() {
	case $1 in
	build)
		echo gcc libc6-dev binutils pkg-config libssl-dev libjansson-dev libyaml-dev \
			libpcre2-dev libsqlite3-dev libutf8proc-dev ;;
	bundled)
		echo cmake dpkg-dev patch xz-utils debian-archive-keyring libnghttp2-dev \
			libc-ares-dev zlib1g-dev libzstd-dev
		if apt-cache show libhttp-parser-dev >/dev/null 2>&1 ||
			dpkg-query -W libhttp-parser-dev >/dev/null 2>&1
		then echo libhttp-parser-dev; else echo libllhttp-dev; fi ;;
	system) echo libcurl4-openssl-dev libgit2-dev ;;
	check) echo libcmocka-dev perl git jq curl ca-certificates procps mandoc ;;
	fuzz) echo clang llvm libclang-rt-dev ;;
	format) echo clang-format clang-tidy git ;;
	demo) echo git ;;
	dist) echo xz-utils tar ;;
	bench) echo wrk jq ;;
	interop)
		# perl brings prove; python3-scipy is another's statistics.
		echo jq git perl curl openssl ca-certificates procps libxml2-utils python3-scipy
		command -v npm >/dev/null || echo nodejs npm ;;
	*) die "no package list named '$1'" ;;
	esac
}

missing() {
	# shellcheck disable=SC2046
	set -- $(for l; do wanted "$l"; done)
	{ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
		awk -v want="$*" '$1 == "installed" { have[$2] = 1 }
		END { n = split(want, w); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

install_missing() {
	on_debian || return 0
	local lacks as_root=()
	lacks=$(missing "$@")
	# libclang-rt-dev is a name of Debian 13; 12 ships it inside clang's own dependencies.
	lacks=$(grep -vx 'libclang-rt-dev' <<<"$lacks" || true)
	[ -n "$lacks" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "missing packages, and neither root nor sudo here: apt-get install" $lacks
		as_root=(sudo)
	fi
	say "installing" $lacks
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >&2 ||
		say "apt-get update failed; trying with the lists at hand"
	# shellcheck disable=SC2086
	"${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends \
		$lacks >&2 || die "apt-get could not install:" $lacks
}

# The mirror this machine's apt uses for Debian itself: the first whose path ends in /debian.
mirror() {
	if [ -n "${DEBIAN_MIRROR:-}" ]; then echo "$DEBIAN_MIRROR"; return; fi
	local m
	m=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 2>/dev/null |
		awk '{ sub(/\/$/, "", $2) } $2 ~ /\/debian$/ { print $2; exit }')
	if [ -z "$m" ]; then
		m=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
			/etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v '^ *#' |
			grep -oE '(https?|file|mirror\+[a-z]+):/[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ')
	fi
	[ -n "$m" ] || die "apt's configuration names no Debian mirror; set DEBIAN_MIRROR=, or build" \
		"with DEPS=system"
	echo "${m%/}"
}

# A private apt in $work: own lists and cache; proxies and the like stay as the system has them.
apt_private() {
	local tool=$1
	shift
	"$tool" -q -o Dir::Etc::sourcelist="$work/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$work/apt/state" -o Dir::Cache="$work/apt/cache" \
		-o Dir::State::status="$work/apt/status" -o Acquire::Languages=none \
		-o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}

apt_prepare() {
	local uri key=/usr/share/keyrings/debian-archive-keyring.gpg
	uri=$(mirror)
	mkdir -p "$work"/apt/state/lists/partial "$work"/apt/cache/archives/partial
	: >"$work/apt/status"
	echo "deb-src [signed-by=$key] $uri $suite main" >"$work/apt/sources.list"
	apt_private apt-get update >&2
}

# fetch NAME PINNED UPSTREAM: verified by apt against the signed index, unpacked into $work/NAME.
fetch() {
	local name=$1 pin=$2 up=$3 have version
	have=$(apt_private apt-cache showsrc "$name" | awk '$1 == "Version:" { print $2 }' | sort -uV)
	if grep -qxF -- "$pin" <<<"$have"; then
		version=$pin
	else
		version=$(grep -F -- "$up-" <<<"$have" | tail -n 1) || true
		[ -n "$version" ] || die "the mirror has no '$name' $up (it has:" $have")"
		say "'$name' $pin is gone from the mirror; using $version of the same upstream"
	fi
	(cd "$work" && apt_private apt-get source --download-only --only-source "$name=$version" >&2 &&
		dpkg-source --no-check -x "${name}_${version#*:}.dsc" "$work/$name" >&2) ||
		die "could not fetch the source of '$name' $version"
}

# build NAME OPTION…: configure, compile and install into $work/root.
build() {
	local name=$1
	shift
	say "building $name (log: $work/$name.log)"
	{
		cmake -S "$work/$name" -B "$work/$name.build" -DCMAKE_BUILD_TYPE=None \
			-DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$cflags -ffile-prefix-map=$work=." \
			-DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
			-DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF "$@" &&
		env -u MAKEFLAGS -u MAKELEVEL cmake --build "$work/$name.build" -j "$(nproc)" &&
		DESTDIR="$work/root" cmake --install "$work/$name.build"
	} >"$work/$name.log" 2>&1 || { tail -n 30 "$work/$name.log" >&2; die "building '$name' failed"; }
}

# Fill $prefix, once, whoever comes first; a half-built folder is never seen under that name.
bundle() {
	mkdir -p "$cache"
	exec 8>"$cache/lock"
	flock 8
	[ ! -e "$prefix/done" ] || return 0
	work=$(mktemp -d "$cache/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	say "static libcurl and libgit2: about two minutes, once per machine"
	apt_prepare
	fetch curl "$curl_deb" "$curl_up"
	fetch libgit2 "$git2_deb" "$git2_up"
	build curl "${curl_opts[@]}"
	build libgit2 "${git2_opts[@]}" -DUSE_HTTP_PARSER="$http_parser"
	for name in curl libgit2; do
		install -D -m 644 "$work/$name/debian/copyright" "$work/root$prefix/licenses/$name"
	done
	touch "$work/root$prefix/done"
	rm -rf "$prefix"
	mv -T "$work/root$prefix" "$prefix"
}

# The paths of apt's world are absolute; make reads the fragment, so no spaces may be in them.
fragment() {
	local how=$1 out=$2 static= prefix=
	on_debian || [ "$how" = system ] || die "no apt here: build with DEPS=system"
	install_missing build "$how"
	if [ "$how" = bundled ]; then
		http_parser=http-parser
		dpkg-query -W libhttp-parser-dev >/dev/null 2>&1 || http_parser=llhttp
		cc=$(command -v "${DEPS_CC:-cc}")
		cache=${GATE_DEPS_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or GATE_DEPS_CACHE}/.cache}/gate-deps}
		prefix=$cache/$({ echo "2 $suite $curl_deb $git2_deb $cflags ${curl_opts[*]}" \
			"${git2_opts[*]} $http_parser"; "$cc" --version; cat /etc/debian_version; } |
			sha256sum | cut -c1-16)
		[ -e "$prefix/done" ] || bundle
		static=--static
		export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
	elif [ -n "${STATIC:-}" ]; then
		static=--static
	fi
	command -v pkg-config >/dev/null || die "pkg-config is missing"
	# shellcheck disable=SC2086
	{
		pkg-config --exists --print-errors $pkgs >&2 || die "libraries are missing (above)"
		mkdir -p "$(dirname "$out")"
		{
			echo "# written by lib/deps.sh; DEPS=$how"
			echo "DEP_CFLAGS := $(pkg-config --cflags $pkgs | sed 's/-I/-isystem /g')"
			echo "DEP_LICENSES := ${prefix:+$prefix/licenses}"
			echo "DEP_LIBS := $(pkg-config --libs $static $pkgs)"
			[ "$how" != bundled ] ||
				printf '%s: %s\n%s:\n' "$out" "$prefix/done" "$prefix/done"
		} >"$out.new"
	}
	mv "$out.new" "$out"
}

case ${1:-} in
packages) shift; install_missing "$@" ;;
fragment) fragment "$2" "$3" ;;
*) die "usage: deps.sh packages LIST… | fragment bundled|system OUT.mk" ;;
esac
