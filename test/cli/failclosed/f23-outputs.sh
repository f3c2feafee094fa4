# F23: an output that cannot be written is found before a request is made.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 30
here=$(pwd)
mkdir folder && : >file

# unwritable DESC PART -- ARG…
unwritable() {
	local desc=$1 part=$2
	shift 3
	run_gate "$@"
	ends 2 "F23 $desc"
	has "$err" "$part" "F23 $desc: names it"
	is "$(since)" 0 "F23 $desc: no request"
}
unwritable "a folder that is not there" "no/such/r.json" -- -o "$here/no/such/r.json"
unwritable "a folder instead of a file" "$here/folder" -- -o "json:$here/folder"
unwritable "a file instead of a folder" "$here/file/r.json" -- -o "$here/file/r.json"
unwritable "an unknown extension" "r.pdf" -- -o r.pdf
unwritable "an unknown format" "unknown format 'jsno'; did you mean 'json'" -- --format jsno
unwritable "the second of two" "no/such/r.txt" -- -o "$here/r.json" -o "$here/no/such/r.txt"
unwritable "a store below a file" "$here/file" -- --store "$here/file/store"
unwritable "replies below a file" "$here/file" -- --record "$here/file/replies"
unwritable "replies that are not there" "nothere" -- --replay "$here/nothere"
rm -rf proj/.gate && : >proj/.gate
unwritable "a file where the store would be" ".gate" --
rm proj/.gate
mkdir -p proj/.gate && printf 'no database at all, but long enough to be looked at%0500d' 1 >proj/.gate/store.db
unwritable "a store that is no database" "store.db" --
rm -rf proj/.gate
if [ "$(id -u)" != 0 ]; then
	mkdir sealed && chmod 555 sealed
	unwritable "a folder without the right to write" "sealed" -- -o "$here/sealed/r.json"
	unwritable "a store in a folder without the right to write" "sealed" -- --store "$here/sealed/s"
elif mkdir ro && mount -t tmpfs -o ro tmpfs ro 2>/dev/null; then
	unwritable "a read-only disk" "ro/r.json" -- -o "$here/ro/r.json"
	unwritable "a store on a read-only disk" "ro/s" -- --store "$here/ro/s"
	umount ro
else
	skip "no folder here that this user may not write"
fi
ok "F23 nothing of the refused runs is left" [ ! -e r.json ]
rm -rf proj/.gate

# Devices and pipes are written to, never replaced.  Devices of our own, since a mistake would
# replace the machine's.
device() { mknod "$1" c 1 "$2" 2>/dev/null && { : >>"$1"; } 2>/dev/null; }
if device null 3 && device full 7; then
	run_gate -o "json:$here/null"
	ends 0 "an output to a null device"
	ok "... which is still a device" [ -c null ]
	run_gate -o "json:$here/full"
	ends "2 3" "an output to a full device"
	has "$err" "$here/full" "... is named"
	ok "... which is still a device" [ -c full ]
else
	skip "devices cannot be made here"
fi
mkfifo pipe
timeout 120 cat pipe >piped &
reader=$!
run_gate -o "json:$here/pipe"
ends 0 "an output into a pipe"
ok "the pipe is still a pipe" [ -p pipe ]
wait "$reader"
has "$(cat piped)" '"verdict": "pass"' "and the report came through it"
run_gate -o json:/dev/stdout
ends 0 "an output to /dev/stdout"
done_testing
