# The test server under the helpers: it starts, answers, and ends with its script.
. "$TOP/test/cli/tap.sh"
need_tool curl
[ -x "$SERVER" ] || skip_all "no test server yet"

echo '{"answers": {"ping": "pong"}}' >script.json
ask='{"model": "m", "messages": [{"role": "user", "content": "ping"}]}'
server_start script.json
ok "it answers" curl -sS --max-time 5 -H 'Content-Type: application/json' -d "$ask" \
	"$server_url/v1/chat/completions"
has "$out" pong "... what the script says"
first=$server_pid
server_start script.json
isnt "$server_pid" "$first" "a second one beside it"
server_stop
ok "the first lives on" kill -0 "$first"
exits 1 "the second is gone" bash -c "kill -0 $server_pid 2>/dev/null"

cat >inner.sh <<'END'
. "$TOP/test/cli/tap.sh"
server_start script.json
echo "$server_pid" >pid
pass started
kill -KILL $$
END
run bash inner.sh
isnt "$rc" 0 "a script that is killed"
gone=1
for _ in $(seq 100); do kill -0 "$(cat pid)" 2>/dev/null || { gone=0; break; }; sleep 0.02; done
is "$gone" 0 "... leaves no server behind"
done_testing
