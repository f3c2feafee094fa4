# Times assume independent calls: a row on times tells how many blocks of time it stands on, warns when
# those are few, and is decided as before.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

finding() { jq -r ".record.findings[0].$1" proj/r.json; }
report() { ok "$1: its report" "$GATE" report -C proj last -o r.json; }
twice() { exits 0 "$1: decided again, to the bit" "$GATE" report -C proj --decide last; }

# Every tenth is slow, here and there.
echo '{"rules":[{"contains":"3.","answer":"{{user}}","latency_ms":400},{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 200 'latency.p50 <= 200ms'
run_gate -j 16 --verbose
ends 0 "slow here and there"
like "$out" 'about [0-9]+ blocks' "tells its blocks"
hasnt "$out" "only about" "which are many"
has "$out" "* latency rows are valid for independent calls" "the caveat stands below"
report steady
blocks=$(finding blocks)
ok "$blocks of 200" test "$blocks" -ge 60 -a "$blocks" -le 200
is "$(finding note)" "valid for independent calls; about $blocks blocks" "the record's note"
starts() { jq '[.outcomes[] | select(.times.begun_ms >= 1 and .times.begun_ms < 120000)] | length' proj/r.json; }
is "$(starts)" 200 "each call has its start"
twice steady

# The answers of the store are of another run.
run_gate
ends 0 "reused"
hasnt "$out" "blocks" "nothing is known of their blocks"
has "$out" "* latency rows are valid for independent calls" "the caveat stands"
report reused
is "$(finding blocks)" null "none in the record"
is "$(finding note)" "valid for independent calls" "the caveat alone"
is "$(jq '.outcomes | length' proj/r.json)" 200 "200 outcomes"
is "$(starts)" 0 "none of them has a start"
twice reused

# One spell of slowness in the middle.
server_stop 2>/dev/null
echo '{"rules":[{"from":70,"to":129,"answer":"{{user}}","latency_ms":400},{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 200 'latency.p50 <= 200ms'
run_gate -j 16
ends 0 "one spell: the verdict is that of the numbers"
like "$out" 'only about [0-9]+ independent blocks? of time: slowness comes in spells' "the console warns of a row that passes"
report spell
blocks=$(finding blocks)
ok "$blocks of 200" test "$blocks" -ge 1 -a "$blocks" -lt 30
is "$(finding verdict)" pass "no verdict is changed"
twice spell
done_testing
