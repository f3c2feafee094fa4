# What must hold of every provider that calls over HTTP, against the test server.  Sourced after
# project.sh by test/cli/<provider>/*.sh, which set
#
#	bot_lines   the lines of target `bot` in gate.yaml but prompt, model and stream; URL stands for
#	            the server's address
#	said_*      see below
# shellcheck shell=bash disable=SC2154,SC2034

# gate.yaml with target `bot` as bot_lines say; `stream` is true or false.
stream=true
config() {
	{
		printf 'version: 1\ntargets:\n  bot:\n'
		sed "s#URL#${server_url:-http://127.0.0.1:9}#; s/^/    /" <<<"$bot_lines"
		printf '    stream: %s\n    prompt: prompt.txt\n    model: {id: m1}\n' "$stream"
		printf 'suites:\n  main:\n    target: bot\n    cases: cases.jsonl\n    metrics:\n'
		printf '      right: {scorer: equals, expected: "{{expected}}"}\n'
	} >proj/gate.yaml
}
script() { printf '%s' "$1" >script.json && server_start script.json; }
# The last request that the server saw, as it came.
last_request() {
	exec {last_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_last HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$last_fd"
	cat <&"$last_fd"
	exec {last_fd}>&-
}
# outcome CASE: its line of the record.
outcome() { grep -h "\"case\":\"$1\"" proj/.gate/runs/*/outcomes.jsonl; }
say='{"answer":"{{user}}"}'

# --- answers ----------------------------------------------------------------------------------

# wire_answers: plain, streamed, tool call, refusal, cut at its length, with the provider's own words in
# said_stop, said_tools, said_refused, said_length.
wire_answers() {
	local tool='[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"at\":[1,2]}"}},
		{"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}}]'
	local what
	for stream in true false; do
		what="stream $stream"
		script "{\"rules\":[{\"contains\":\"say 1.\",\"tool_calls\":$tool,\"answer\":\"say 1.\"},
			{\"contains\":\"say 2.\",\"refusal\":\"I will not\"},
			{\"contains\":\"say 3.\",\"finish\":\"$said_length\",\"answer\":\"say\"},
			{\"contains\":\"say 4.\",\"reasoning\":\"think of 4\",\"answer\":\"say 4.\",\"model\":\"served-4\"},
			{\"contains\":\"say 5.\",\"usage\":false,\"answer\":\"say 5.\"},
			{\"contains\":\"say 6.\",\"answer\":\"Grüße 世界 \\\"\\\\\"},$say]}"
		project 8 'right.mean >= 0.05'
		run_gate
		ends 0 "$what: eight answers"
		accounts 8 8 0
		has "$(outcome q1)" '"tool_calls":[{"id":"c1","name":"look","arguments":{"at":[1,2]}},{"id":"c2","name":"now","arguments":{}}]' \
			"$what: two tool calls"
		has "$(outcome q1)" "\"finish\":\"tool-calls\",\"finish_raw\":\"$said_tools\"" "$what: ... and how it finished"
		has "$(outcome q2)" '"finish":"refused"' "$what: a refusal is an answer"
		has "$(outcome q2)" '"answer":"I will not"' "$what: ... with its text"
		has "$(outcome q3)" '"truncated":{"value":1}' "$what: an answer that was cut at its length"
		has "$(outcome q4)" '"answer":"say 4."' "$what: thinking is no answer"
		has "$(outcome q4)" '"model":"served-4"' "$what: the model as served"
		has "$(outcome q5)" '"tokens_in":{"unscored":true' "$what: tokens that nobody counted are no number"
		has "$(outcome q6)" '"answer":"Grüße 世界 \"\\"' "$what: letters beyond ASCII"
		has "$(outcome q7)" '"usage":{"in":10,"out":2' "$what: tokens counted by the server"
		has "$(outcome q7)" "\"finish\":\"stop\",\"finish_raw\":\"$said_stop\"" "$what: how it finished"
		if [ "$stream" = true ]; then
			like "$(outcome q7)" '"ttft":\{"value":[0-9.]+\}' "$what: the first token was timed"
		else
			unlike "$(outcome q7)" '"ttft"' "$what: no first token"
		fi
		hasnt "$(cat proj/.gate/runs/*/*)$out$err" "$BOT_KEY" "$what: the key is nowhere"
		server_stop
	done
	stream=true
}

# --- failures ---------------------------------------------------------------------------------

# wire_retries: a throttle and an overload, then success; a Retry-After is waited.
wire_retries() {
	local started took
	script "{\"rules\":[{\"contains\":\"say 1.\",\"times\":1,\"status\":429,\"headers\":{\"Retry-After\":\"1\"}},
		{\"contains\":\"say 2.\",\"times\":1,\"status\":529},{\"contains\":\"say 3.\",\"times\":1,\"status\":500},$say]}"
	project 12
	started=$(date +%s%3N)
	run_gate -j 1
	took=$(($(date +%s%3N) - started))
	ends 0 "throttled, overloaded and failed, then answered"
	accounts 12 12 0
	ok "Retry-After of a second was waited ($took ms)" [ "$took" -ge 1000 ]
	is "$(since)" 15 "each of the three was asked twice"
	server_stop
}

# wire_f1 / wire_f2: F1 and F2 of the fail-closed table.
wire_f1() {
	script "{\"rules\":[{\"from\":6,\"status\":401},$say]}"
	project 40
	run_gate
	ends 3 "F1 a key revoked after five answers"
	accounts 40 5 35
	has "$out" "HTTP 401" "F1 the cause is named"
	has "$out" "the key is missing, wrong or revoked" "F1 so is what it means"
	hasnt "$(cat proj/.gate/runs/*/*)$out$err" "$BOT_KEY" "F1 the key is nowhere"
	server_stop
}
wire_f2() {
	local status
	for status in 401 403 404 501; do
		script "{\"rules\":[{\"status\":$status}]}"
		project 40
		run_gate -j 1
		ends 3 "F2 $status on every call"
		accounts 40 0 40
		has "$out" "HTTP $status" "F2 $status is named"
		is "$(since)" 5 "F2 $status after five requests"
		server_stop
	done
}

# F14 and its kin: what looks like an answer and is none.
broken() {
	local what=$1 rule=$2 cause=$3
	stream=$4
	script "{\"rules\":[{\"contains\":\"say 7.\",$rule},$say]}"
	project 10 'right.mean >= 0.01' 'unscored.count == 0'
	run_gate --timeout 10s
	isnt "$rc" 0 "F14 $what: not green"
	accounts 10 9 1
	like "$out" "q7: [^
]*$cause" "F14 $what: the cause is named"
	has "$(outcome q7)" '"status":"unscored"' "F14 $what: unscored in the record"
	server_stop
	stream=true
}
wire_f14() {
	broken "stream cut" '"fault":"cut"' 'cut' true
	broken "stream that ends well half way" '"fault":"no-finish"' 'ended without' true
	broken "stream without its last event" '"fault":"no-done"' 'ended without' true
	broken "body cut" '"fault":"cut"' 'cut' false
	broken "body shorter than promised" '"fault":"short-body"' 'cut' false
	broken "error event inside a 200" '"fault":"error-in-stream"' 'error inside an answer of status 200' true
	broken "JSON error on a streaming endpoint" '"fault":"json-error","status":200' 'error inside an answer of status 200' true
	broken "JSON error of status 400 on a streaming endpoint" '"fault":"json-error","status":400' 'HTTP 400' true
	broken "malformed event" '"fault":"malformed"' 'no JSON' true
	broken "malformed body" '"fault":"malformed"' 'no JSON' false
	broken "a web page with status 200" '"fault":"html"' 'malformed' true
	broken "nothing with status 200" '"fault":"empty"' '.' true
	broken "nothing, not streamed" '"fault":"empty"' '.' false
	broken "another wire's answer" '"body":{"result":"say 7."}' 'malformed' false
	broken "reset midway" '"fault":"reset-midway"' '.' true
}

# wire_large: an answer of ten megabytes is one like any other; an event of it may not be as large.
wire_large() {
	for stream in true false; do
		script '{"rules":[{"contains":"say 3.","size":10000000,"answer":"say 3. "},'"$say]}"
		project 6 'right.mean >= 0.05'
		run_gate
		ends 0 "ten megabytes, stream $stream"
		accounts 6 6 0
		ok "all of them are in the record" test "$(outcome q3 | wc -c)" -gt 10000000
		server_stop
	done
	stream=true
}

# page_config: the complete configuration that the provider's page shows is taken by gate, and works
# against the server with its address in it.  page_lines URL-LINE: put below `provider:`.
page_fence() { # MARK FILE
	awk -v mark="<!-- file $1 -->" '$0 == mark { f = 1; next } f && /^```/ { if (s) exit; s = 1; next } f && s' "$2"
}
