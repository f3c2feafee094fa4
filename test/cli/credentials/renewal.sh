# Clocks that differ, tokens that expire, keys that end in the middle of a run.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/credentials/aws.inc"
fresh_home
mapfile -t env_key < <(key_of AKIAENV)
from_container=(AWS_CONTAINER_CREDENTIALS_FULL_URI=URL/container AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARYcontainer)
# How often the server was asked at a path.
asked() {
	exec {stats_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_stats HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$stats_fd"
	tr ',{' '\n\n' <&"$stats_fd" | sed -n "s#^\"$1\":\\([0-9]*\\).*#\\1#p"
	exec {stats_fd}>&-
}
attempts() { grep -ho '"attempts":[0-9]*' proj/.gate/runs/*/outcomes.jsonl | sort | uniq -c | tr -s ' \n' ' '; }

# --- this machine's clock is an hour off ---
for offset in 3600 -3600; do
	aws_server "\"offset_s\":$offset"
	project 12
	rm -rf proj/.gate
	aws_env "${env_key[@]}" -- -j 1
	passes "a clock that is off by $offset s" 12
	ok "at most one call was sent twice" test "$(grep -ho '"attempts":2' proj/.gate/runs/*/outcomes.jsonl | wc -l)" -le 1
	aws_file credentials <<-END
	[base]
	aws_access_key_id = AKIABASE
	aws_secret_access_key = CANARYsecret/AKIABASE
	END
	aws_file config <<-END
	[default]
	role_arn = arn:aws:iam::123456789012:role/r
	source_profile = base
	END
	aws_env A=b -- --fresh -j 1
	passes "a role, by STS's own clock" 12
	fresh_home
	server_stop
done

# --- a wrong key is not a wrong clock ---
aws_server
project 12
aws_env AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=CANARYwrong/0123456789 -- -j 1
ends 3 "a wrong key"
is "$(asked '/model/amazon.nova-lite-v1%3A0/converse-stream')" 5 "five calls, each sent once"
no_canary
server_stop

# --- a token that AWS calls expired ---
aws_server '"expired_below":2'
project 12
rm -rf proj/.gate
aws_env "${from_container[@]//URL/$server_url}" -- -j 4
passes "an expired token" 12
is "$(asked /container)" 2 "fetched once more, for all calls"
server_stop
aws_server '"expired_below":1000'
project 12
aws_env "${from_container[@]//URL/$server_url}" -- -j 1
ends 3 "tokens that are all expired"
has "$out" "ExpiredToken" "the service's word is named"
no_canary
server_stop

# --- keys that live for two seconds, calls for three ---
aws_server '"lifetime_s":2' '{"path":"/model","latency_ms":300,"answer":"{{user}}"}'
project 12
rm -rf proj/.gate
aws_env "${from_container[@]//URL/$server_url}" -- -j 1
passes "keys shorter than the run" 12
n=$(asked /container)
ok "were fetched again ($n times), not for every call" test "$n" -ge 2 -a "$n" -le 11
is "$(attempts)" ' 12 "attempts":1 ' "and no call was repeated"
server_stop

# --- STS that stumbles, and one that is down ---
printf 'CANARYweb' >home/token
web=(AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/token" AWS_ROLE_ARN=arn:aws:iam::1:role/r)
aws_server '' '{"path":"/sts","times":2,"status":503}'
project 5
aws_env "${web[@]}" -- --fresh
passes "STS that answers at the third try"
server_stop
aws_server '' '{"path":"/sts","status":503}'
project 5
aws_env "${web[@]}" -- --fresh
ends 3 "STS that does not"
has "$out" "STS answered 503" "it is named"
is "$(asked '/model/amazon.nova-lite-v1%3A0/converse-stream')" "" "no call went out"
server_stop

# --- a source that never answers ---
aws_server '' '{"path":"/container","fault":"hang"}'
project 5
begun=$SECONDS
aws_env "${from_container[@]//URL/$server_url}" -- --timeout 1s
ends 3 "a source that never answers"
like "$out" "the container's endpoint: no answer in 2 s|no AWS credentials within the call's deadline of" \
	"it is named, whichever limit comes first"
ok "in time" test $((SECONDS - begun)) -lt 20
server_stop
done_testing
