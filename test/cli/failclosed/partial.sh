# What is left out, replayed, weighted away or answered with nothing is never green.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 60
here=$(pwd)

# A part of the stage decides nothing.
for part in "--filter q1*" "--sample 40" "--only main"; do
	# shellcheck disable=SC2086
	run_gate $part
	ends 3 "$part"
	has "$out" "a part of the stage decides nothing" "$part: says so"
done
run_gate
ends 0 "the whole"

# Replies recorded, replayed; one taken away; the wrong ones.
run_gate --record "$here/replies"
ends 0 "--record"
seen_mark
run_gate --replay "$here/replies" --no-store
ends 0 "--replay of all of them"
has "$out" "replayed" "... is said"
is "$(since)" 0 "... without a call"
sed -i 20,40d replies/replies.jsonl
policy 'right.mean >= 0.8'
git_commit proj
run_gate --replay "$here/replies" --no-store
accounts 60 39 21
ends 3 "--replay with a third of them gone"
has "$out" "no reply for this call" "... is said"
echo 'no line of ours' >>replies/replies.jsonl
run_gate --replay "$here/replies" --no-store
ends 2 "--replay of a file that holds something else"
has "$err" "replies.jsonl:40" "... names the line"

# Quarantine and weight cannot empty a denominator into a pass.
sed -i 's/}$/,"quarantine":{"until":"2999-01-01","owner":"a","reason":"b"}}/' proj/cases.jsonl
git_commit proj
run_gate
ends "2 3" "every case in quarantine"
cases 60
sed -i '1,59s/}$/,"quarantine":{"until":"2999-01-01","owner":"a","reason":"b"}}/' proj/cases.jsonl
git_commit proj
run_gate
ends 3 "all but one in quarantine"
cases 60
sed -i 's/}$/,"weight":0}/' proj/cases.jsonl
git_commit proj
run_gate
ends "2 3" "every case without weight"
cases 60
sed -i '3s/}$/,"weight":-1}/' proj/cases.jsonl
git_commit proj
run_gate
ends 2 "a negative weight"
cases 60
sed -i 's/}$/,"quarantine":{"until":"2001-01-01","owner":"a","reason":"b"}}/' proj/cases.jsonl
git_commit proj
run_gate
accounts 60 60 0 0
cases 60

# A suite that the policy ref lacks is measured and cannot make the stage pass.
git_commit proj plain
git -C proj branch -q -f protected
sed -i 's/suites: \[main\]/suites: [fresh]/; s#right.mean#fresh/right.mean#' proj/gate.policy.yaml
sed -n '/^  main:/,$p' proj/gate.yaml | sed 's/main:/fresh:/' >>proj/gate.yaml
git_commit proj "a suite of its own"
git -C proj checkout -q protected
cp proj/gate.policy.yaml policy.saved
git -C proj checkout -q main && cp proj/gate.policy.yaml policy.fresh
git -C proj checkout -q protected && cp policy.fresh proj/gate.policy.yaml && git_commit proj "only the policy"
git -C proj checkout -q main
run_gate --policy-ref protected
isnt "$rc" 0 "a suite that the change brings along: not green"
has "$out$err" "new" "... and said to be new"
git -C proj reset -q --hard HEAD~1

# Thresholds that a failing run could slip through.
policy 'right.count >= 1'
git_commit proj
server_stop
echo '{"rules":[{"from":2,"status":400},{"answer":"{{user}}"}]}' >script.json
server_start script.json
config && policy 'right.count >= 1' && git_commit proj
run_gate --fresh -j 1 # more at once, and five refusals may come before the one answer
accounts 60 1 59
policy 'latency.p95 <= 10s' && git_commit proj
run_gate --fresh
ends 3 "latency of the one that answered says nothing of the others"
policy 'right.min >= 1' && git_commit proj
run_gate --fresh
ends 3 "the least of what was scored is not the least of all"
policy 'truncated.rate <= 0.5' && git_commit proj
run_gate --fresh
ends 3 "what failed was not seen to end well"
server_stop

# Cases that are always refused do not stop a later run, whose good answers come from the store.
rules=
for i in {31..40}; do rules+="{\"contains\":\"say $i.\",\"status\":400},"; done
echo "{\"rules\":[$rules{\"answer\":\"{{user}}\"}]}" >script.json
server_start script.json
project 60 'right.mean >= 0.5'
run_gate -j 1
accounts 60 50 10
seen_mark
run_gate -j 1
accounts 60 50 10
is "$(since)" 10 "cases that are refused, after a run that has the others' answers: each is asked"
hasnt "$out" "failed alike" "... and the run is not stopped"
server_stop

# Answers that hold nothing an answer needs.
for body in '{"choices":[]}' '{}' '[]' 'null' '"ok"' '{"choices":[{"message":{}}]}' '{"choices":[{"message":null}]}' \
	'{"choices":[{"message":{"role":"assistant","content":null}}]}' '{"choices":[{"message":{"content":7},"finish_reason":"stop"}]}' \
	'{"choices":[{"message":{"content":"half of"},"finish_reason":"error"}]}' '{"error":{"message":"no quota"}}'; do
	printf '{"rules":[{"status":200,"type":"application/json","body":%s}]}' "$body" >script.json
	server_start script.json
	project 12 'right.mean >= 0.1'
	config '  dull: {scorer: not-contains, value: "zzz"}'
	sed -i -e 's/^        dull/      dull/' -e 's/^    prompt:/    stream: false\n&/' proj/gate.yaml
	policy 'dull.mean >= 0.1'
	git_commit proj
	run_gate --timeout 1s
	isnt "$rc" 0 "status 200 with $body: not green"
	accounts 12 0 12
	server_stop
done
for status in 204 301 302 304 307; do
	printf '{"rules":[{"status":%s,"headers":{"Location":"/elsewhere"}}]}' "$status" >script.json
	server_start script.json
	project 12 'right.mean >= 0.1'
	run_gate --timeout 1s
	isnt "$rc" 0 "status $status: not green"
	accounts 12 0 12
	hasnt "$(exec 3<>/dev/tcp/127.0.0.1/"$server_port"; printf 'GET /_stats HTTP/1.1\r\nConnection: close\r\n\r\n' >&3; timeout 60 cat <&3)" \
		elsewhere "status $status: nobody is followed with the key"
	server_stop
done
done_testing
