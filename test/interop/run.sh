#!/usr/bin/env bash
# make interop: our bytes before servers, clients and judges that others wrote.
#   run.sh [TEST.sh…]
#
# npm packages come at the versions and digests of the lock files here, into
# ${GATE_INTEROP_CACHE:-~/.cache/gate-interop}, outside the tree; build/interop points to them.
# What cannot be fetched is skipped and said; a run that tested nothing is an error.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=test/interop
cache=${GATE_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or GATE_INTEROP_CACHE}/.cache}/gate-interop}
say() { printf 'interop: %s\n' "$*" >&2; }

# npm_folder FOLDER NODE: the cached install of a folder's lock file; prints where it is.
npm_folder() {
	local from=$1 at work
	at=$cache/$(cat "$from"/package*.json | sha256sum | cut -c1-16)
	[ -e "$at/done" ] || {
		command -v npm >/dev/null || { say "npm is not installed"; return 1; }
		mkdir -p "$cache" && work=$(mktemp -d "$cache/work.XXXXXX") || return 1
		cp "$from"/package*.json "$work/" &&
			(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 &&
			touch "$work/done" && { mv -T "$work" "$at" 2>/dev/null || [ -e "$at/done" ]; } || {
			rm -rf "$work"
			say "npm could not fetch what $from/package-lock.json names"
			return 1
		}
		rm -rf "$work"
	}
	echo "$at"
}

# The servers need a node of 20.15 or later; Debian 12 has 18.
node_ok() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
	process.exit(a > 20 || (a === 20 && b >= 15) ? 0 : 1)' 2>/dev/null; }
find_node() {
	local at n
	n=$(command -v node) && node_ok "$n" && { echo "$n"; return; }
	at=$(npm_folder $here/node) || return
	for n in "$at"/node_modules/node-linux-*/bin/node; do
		chmod +x "$n" && node_ok "$n" && { echo "$n"; return; }
	done
	return 1
}

# nginx's program alone, taken out of its package: installing that would start a web server.
find_nginx() {
	local n at=$cache/nginx
	for n in "$(command -v nginx)" /usr/sbin/nginx "$at/usr/sbin/nginx"; do
		[ -z "$n" ] || ! "$n" -v 2>/dev/null || { echo "$n"; return; }
	done
	command -v apt-get >/dev/null && mkdir -p "$at" || return
	(cd "$at" && apt-get -q download nginx && dpkg -x nginx_*.deb .) >&2
	"$at/usr/sbin/nginx" -v 2>/dev/null && echo "$at/usr/sbin/nginx"
}

rm -rf build/interop
mkdir -p build/interop
if at=$(npm_folder $here); then ln -s "$at/node_modules" build/interop/node_modules; fi
if node=$(find_node); then ln -s "$node" build/interop/node; else say "no node of 20.15 or later"; fi
if nginx=$(find_nginx); then ln -s "$nginx" build/interop/nginx; else say "no nginx"; fi

[ $# -gt 0 ] || set -- $here/*_test.sh
GATE_TAP=$PWD/build/interop/tap test/run.sh "$@" | tee build/interop/said
rc=${PIPESTATUS[0]}
grep -h '# SKIP' -r build/interop/tap | sed 's/^.*# SKIP/interop: skipped:/' | sort -u
grep -qE '^[1-9][0-9]* passed' build/interop/said || { say "nothing was tested"; exit 1; }
exit "$rc"
