# Provider bedrock: calls that fail are counted, named, and never a pass (F1, F2, F14 for Bedrock).
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/bedrock/bedrock.inc"

# A throttle and a full service, then success; Retry-After is waited.
script "{\"rules\":[{\"contains\":\"say 1.\",\"times\":1,\"status\":429,\"headers\":{\"Retry-After\":\"1\"}},
	{\"contains\":\"say 2.\",\"times\":1,\"status\":503},{\"contains\":\"say 3.\",\"times\":1,\"status\":429,
	\"exception\":\"ModelNotReadyException\"},{\"contains\":\"say 4.\",\"times\":1,\"status\":408},$say]}"
project 12
started=$(date +%s%3N)
run_gate -j 1
took=$(($(date +%s%3N) - started))
ends 0 "throttled, full, not ready and timed out, then answered"
accounts 12 12 0
ok "Retry-After of a second was waited ($took ms)" [ "$took" -ge 1000 ]
is "$(since)" 16 "each of the four was asked twice"
server_stop

# A throttle inside of a stream: before the first word it is tried again, after it not.
script "{\"rules\":[{\"contains\":\"say 1.\",\"times\":1,\"fault\":\"error-in-stream\",\"after\":0,\"exception\":\"throttlingException\"},
	{\"contains\":\"say 2.\",\"fault\":\"error-in-stream\",\"after\":1,\"exception\":\"throttlingException\"},$say]}"
project 10 'right.mean >= 0.01' 'unscored.count == 0'
run_gate -j 1
isnt "$rc" 0 "a throttle in the middle of an answer: not green"
accounts 10 9 1
has "$out" "q2: rate-limited: error inside an answer of status 200: throttlingException" "it is named"
is "$(since)" 11 "the one that had not begun was asked again"
server_stop

# A throttle for ever ends within its attempts.
script '{"rules":[{"status":429}]}'
project 5
run_gate --timeout 3s
ends 3 "a throttle that does not end"
accounts 5 0 5
has "$out" "HTTP 429 ThrottlingException" "it is named"
server_stop

# F1: access is taken away after five answers.
script "{\"rules\":[{\"from\":6,\"status\":403},$say]}"
project 40
run_gate
ends 3 "F1 access taken away after five answers"
accounts 40 5 35
has "$out" "HTTP 403 AccessDeniedException" "F1 the cause is named"
has "$out" "the role or key may not do this" "F1 and what to do"
no_secret F1
server_stop

# F2: every call is refused alike.
f2() {
	script "{\"rules\":[{\"status\":$1,\"exception\":\"$2\"}]}"
	project 40
	run_gate -j 1
	ends 3 "F2 $2 on every call"
	accounts 40 0 40
	has "$out" "HTTP $1 $2" "F2 $2 is named"
	has "$out" "$3" "F2 $2: and what to do"
	is "$(since)" 5 "F2 $2 after five requests"
	server_stop
}
f2 403 AccessDeniedException "permissions"
f2 403 UnrecognizedClientException "access key is unknown"
f2 404 ResourceNotFoundException "check the id and the region"
f2 404 FTUFormNotFilled "use case form"
f2 400 ValidationException "the test server says no"
f2 400 ServiceQuotaExceededException "Service Quotas"

# Without any key.
script "{\"rules\":[$say]}"
project 5
key_id=$AWS_ACCESS_KEY_ID secret_key=$AWS_SECRET_ACCESS_KEY
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
run_gate
ends 3 "no credentials"
has "$out" "no AWS credentials (fork?)" "that is said"
is "$(since)" 0 "nothing was sent"
export AWS_ACCESS_KEY_ID=$key_id AWS_SECRET_ACCESS_KEY=$secret_key
server_stop

# F14 and its kin.
broken "stream cut" '"fault":"cut"' 'cut' true
broken "stream that ends well half way" '"fault":"no-finish"' 'ended without its messageStop' true
broken "a checksum that does not hold" '"fault":"bad-crc"' 'corrupt' true
broken "body cut" '"fault":"cut"' 'cut' false
broken "body shorter than promised" '"fault":"short-body"' 'cut' false
broken "exception inside a 200" '"fault":"error-in-stream"' 'error inside an answer of status 200: internalServerException' true
broken "JSON error on a streaming endpoint" '"fault":"json-error","status":200' 'error inside an answer of status 200' true
broken "JSON error of status 400 on a streaming endpoint" '"fault":"json-error","status":400' 'HTTP 400 ValidationException' true
broken "malformed event" '"fault":"malformed"' 'no JSON' true
broken "malformed body" '"fault":"malformed"' 'no JSON' false
broken "what the model could not finish" '"finish":"malformed_tool_use"' 'malformed_tool_use' true
broken "a web page with status 200" '"fault":"html"' 'malformed' true
broken "nothing with status 200" '"fault":"empty"' '.' true
broken "nothing, not streamed" '"fault":"empty"' '.' false
broken "another wire's answer" '"body":{"result":"say 7."}' 'malformed' false
broken "reset midway" '"fault":"reset-midway"' '.' true
broken "a stream that stalls" '"fault":"stall"' 'deadline' true

# A stream that ends well without metadata is an answer whose tokens nobody counted.
script "{\"rules\":[{\"contains\":\"say 7.\",\"fault\":\"no-done\"},$say]}"
project 10
run_gate
ends 0 "a stream without metadata"
accounts 10 10 0
has "$(outcome q7)" '"tokens_in":{"unscored":true' "its tokens are no number"
server_stop
done_testing
