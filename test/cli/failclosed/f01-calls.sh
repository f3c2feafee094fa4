# F1, F2, F13, F14, F21, F24: calls that fail.  They are counted, named, and never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

script() { printf '%s' "$1" >script.json && server_start script.json; }
ok_rule='{"answer":"{{user}}"}'

# F1: the key is revoked after 5 of 100 answers.
script "{\"rules\":[{\"from\":6,\"status\":401},$ok_rule]}"
project 100
run_gate
ends 3 "F1 a key revoked after five answers"
accounts 100 5 95
has "$out" "? undecided, 95 unscored" "F1 the threshold is undecided"
has "$out" "HTTP 401" "F1 the cause is named"
has "$out" "the key is missing, wrong or revoked" "F1 so is what it means"
hasnt "$out$err" "$BOT_KEY" "F1 the key is nowhere"
is "$(grep -c '"status":"unscored"' proj/.gate/runs/*/outcomes.jsonl)" 95 "F1 the record lists all of them"
server_stop

# F2: every call is refused alike.
for status in 401 403 404 501; do
	script "{\"rules\":[{\"status\":$status}]}"
	project 60
	run_gate -j 1
	ends 3 "F2 $status on every call"
	accounts 60 0 60
	has "$out" "HTTP $status" "F2 $status is named"
	has "$out" "stopped: the first 5 calls of target 'bot' all failed alike" "F2 $status the run stops"
	is "$(since)" 5 "F2 $status after five requests"
	server_stop
done

# F13: five of sixty fail; the rate has sixty in its denominator and no pass hides them.
script "{\"rules\":[{\"every\":12,\"status\":400},$ok_rule]}"
project 60 'right.mean >= 0.90'
run_gate
ends 3 "F13 five of sixty calls fail"
accounts 60 55 5
like "$out" 'right\.mean +55/55 .* 60 .*undecided, 5 unscored' "F13 n stays sixty, five unscored"
project 60 'right.mean >= 0.70'
seen_mark
run_gate
ends 0 "F13 where even five misses could not turn it, it passes"
accounts 60 55 5
is "$(since)" 60 "F13 a deterministic 400 is not asked again"
server_stop

# F21: one 403 among 200.
script "{\"rules\":[{\"contains\":\"say 77.\",\"status\":403},$ok_rule]}"
project 200 'right.mean >= 0.999' 'unscored.count == 0'
run_gate --spend-anyway
is "$(since)" 200 "F21 one 403 does not end the run: all 200 are asked"
accounts 200 199 1
has "$out" "q77: auth: HTTP 403" "F21 the one is named"
isnt "$rc" 0 "F21 what allows no unscored sample does not pass"
server_stop

# F14: answers that break off, or are errors in the clothes of an answer.
f14() {
	local what=$1 rule=$2 cause=$3 stream=$4
	script "{\"rules\":[{\"contains\":\"say 7.\",$rule},$ok_rule]}"
	project 10 'right.mean >= 0.2'
	[ "$stream" = yes ] || sed -i 's/^    prompt:/    stream: false\n&/' proj/gate.yaml
	policy 'right.mean >= 0.01' 'unscored.count == 0'
	git_commit proj
	run_gate --timeout 10s
	isnt "$rc" 0 "F14 $what: not green"
	accounts 10 9 1
	like "$out" "q7: [^
]*$cause" "F14 $what: the cause is named"
	has "$(grep "\"q7\"" proj/.gate/runs/*/outcomes.jsonl)" '"status":"unscored"' \
		"F14 $what: unscored in the record"
	server_stop
}
f14 "stream cut" '"fault":"cut"' 'cut' yes
f14 "stream that ends well without its end" '"fault":"no-finish"' 'cut|end' yes
f14 "body cut" '"fault":"cut"' 'cut' no
f14 "body shorter than promised" '"fault":"short-body"' 'cut' no
f14 "error event inside a 200" '"fault":"error-in-stream"' 'server|error' yes
f14 "JSON error with status 200" '"fault":"json-error","status":200' 'error' yes
f14 "malformed event" '"fault":"malformed"' 'malformed' yes
f14 "malformed body" '"fault":"malformed"' 'malformed' no
f14 "a web page with status 200" '"fault":"html"' 'malformed' no
f14 "a web page where a stream was asked" '"fault":"html"' 'malformed' yes
f14 "nothing with status 200" '"fault":"empty"' '.' no
f14 "nothing where a stream was asked" '"fault":"empty"' '.' yes
f14 "bytes that are no HTTP" '"fault":"garbage"' 'HTTP' yes
f14 "reset midway" '"fault":"reset-midway"' '.' yes

# F24: a body that stalls half way, one that drips for ever, and silence.
script "{\"rules\":[{\"contains\":\"say 3.\",\"fault\":\"stall\"},
	{\"contains\":\"say 4.\",\"fault\":\"drip\",\"drip_ms\":20},
	{\"contains\":\"say 5.\",\"fault\":\"hang\"},$ok_rule]}"
for stream in true false; do
	project 10 'right.mean >= 0.01' 'unscored.count == 0'
	sed -i "s/^    prompt:/    stream: $stream\n&/" proj/gate.yaml
	git_commit proj
	started=$(date +%s%3N)
	run_gate --timeout 2s --fresh
	took=$(($(date +%s%3N) - started))
	isnt "$rc" 0 "F24 stall, drip and silence, stream $stream: not green"
	accounts 10 7 3
	is "$(grep -c 'q[345]: deadline: .*deadline of 2000 ms' <<<"$out")" 3 "F24 each is named with the deadline"
	ok "F24 it ends at the deadline ($took ms)" [ "$took" -lt 60000 ]
done
server_stop

done_testing
