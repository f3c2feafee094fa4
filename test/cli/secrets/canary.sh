# A canary in every source of a credential, servers that say back what they were sent, in answers and in errors:
# no file, report, record, store or line of output has one afterwards.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/credentials/aws.inc"

# Plain, and what base64 makes of it at each of its three alignments.
canary='CANARY|Q0FOQVJZ|DQU5BUl|NBTkFSW'
everything=(OPENAI_API_KEY=CANARYopenai-0123456789 ANTHROPIC_API_KEY=CANARYanthropic-0123456789
	AZURE_OPENAI_API_KEY=CANARYazure-0123456789 BOT_KEY=CANARYbound-0123456789
	HTTPS_PROXY=http://user:CANARYproxy-0123@127.0.0.1:9 NO_PROXY=127.0.0.1)

# play WHAT NAME=VALUE…: run with every report, then look everywhere.
play() {
	local what=$1 found id
	shift
	rm -rf proj/.gate proj/rec proj/out seen
	mkdir proj/out seen
	aws_env "${everything[@]}" "$@" -- --verbose --record rec -o out/r.json -o out/r.xml -o out/r.md
	cp "$tap_dir/out" "$tap_dir/err" seen
	if [ "$rc" = 2 ]; then fail "$what: it runs"; tap_show; fi
	id=$(basename "$(ls -d proj/.gate/runs/* | head -n 1)")
	for view in "show $id q1" "report $id --format markdown" "report $id --format junit --verbose" "log"; do
		# shellcheck disable=SC2086
		"$GATE" $view -C proj >>seen/views 2>&1
	done
	like "$(cat seen/views)" "$id" "$what: it is shown again"
	is "$(find proj/out -type f | wc -l)" 3 "$what: the reports are there"
	found=$(grep -rlaE "$canary" proj seen)
	is "$found" "" "$what: no secret is written anywhere"
	[ -z "$found" ] || grep -rhoaE ".{0,60}($canary).{0,30}" proj seen | head -n 5 | sed 's/^/# /' >&2
}

fresh_home
printf 'CANARYweb.identity.token' >home/token
aws_file credentials <<-END
[default]
aws_access_key_id = AKIACANARYFILE
aws_secret_access_key = CANARYsecret/AKIACANARYFILE
aws_session_token = CANARYtoken/AKIACANARYFILE
END
aws_file config <<-END
[profile role]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = default
[profile run]
credential_process = $PWD/home/give
[profile sso]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Tester
[sso-session my-sso]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
END
cat >home/give <<-'END'
#!/bin/sh
echo CANARYstderr >&2
echo '{"Version":1,"AccessKeyId":"ASIACANARYRUN","SecretAccessKey":"CANARYsecret/ASIACANARYRUN","SessionToken":"CANARYtoken/ASIACANARYRUN"}'
END
chmod +x home/give
aws_file sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json <<-END
{"accessToken":"CANARYsso/old","expiresAt":"2020-01-01T00:00:00Z","clientId":"c","clientSecret":"CANARYclient","refreshToken":"CANARYrefresh/1"}
END

# --- Bedrock by every source, with servers of four tempers ---
says_back='{"path":"/model","answer":"you sent {{head}}"}'
refuses_so='{"path":"/model","status":400,"body":{"message":"I will not take {{head}}"}}'
forbids_so='{"path":"/model","status":403,"type":"text/html","body":"<h1>{{head}}</h1>"}'
babbles_so='{"path":"/model","body":"{\"output\": {{head}}"}'
n=0
for temper in "$says_back" "$refuses_so" "$forbids_so" "$babbles_so"; do
	n=$((n + 1))
	aws_server '' "$temper"
	project 5
	play "$n environment" AWS_ACCESS_KEY_ID=ASIACANARYENV AWS_SECRET_ACCESS_KEY=CANARYsecret/ASIACANARYENV \
		AWS_SESSION_TOKEN=CANARYtoken/ASIACANARYENV
	[ "$n" != 1 ] || has "$(cat proj/out/r.json)" "[redacted]" "it had something to strike out"
	play "$n Bedrock's key" AWS_BEARER_TOKEN_BEDROCK=CANARYbearer-0123456789
	play "$n file"
	play "$n role" AWS_PROFILE=role
	play "$n program" AWS_PROFILE=run
	play "$n SSO" AWS_PROFILE=sso
	play "$n web identity" AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/token" AWS_ROLE_ARN=arn:aws:iam::1:role/r
	mv home/.aws home/aws
	play "$n container" AWS_CONTAINER_CREDENTIALS_FULL_URI="$server_url/container" \
		AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARYcontainer
	play "$n instance" AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="$server_url"
	mv home/aws home/.aws
	server_stop
done

# --- sources that fail and say back what they know ---
aws_server '' '{"path":"/sts","contains":"WebIdentityToken","status":403,
	"body":"<E><Code>No</Code><Message>not CANARYweb.identity.token, {{head}}</Message></E>"},
	{"path":"/sts","status":403,"body":"<E><Code>No</Code><Message>{{head}}</Message></E>"},
	{"path":"/sso","status":400,"body":{"message":"{{head}}"}},
	{"path":"/container","status":400,"body":{"message":"{{head}}"}}'
project 5
play "STS says the token" AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/token" AWS_ROLE_ARN=arn:aws:iam::1:role/r
has "$out" "STS answered 403 No" "the service's word is there"
play "STS says the signature" AWS_PROFILE=role
play "the portal says its token" AWS_PROFILE=sso
mv home/.aws home/aws
play "the container says its token" AWS_CONTAINER_CREDENTIALS_FULL_URI="$server_url/container" \
	AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARYcontainer
mkdir home/.aws
echo 'aws_secret_access_key CANARYbroken' >home/.aws/credentials
aws_env "${everything[@]}" -- --verbose
hasnt "$out$err" CANARY "a line of a broken file is not shown"
rm -rf home/.aws
mv home/aws home/.aws
server_stop

# --- keys of the other providers ---
bound() {
	cat >proj/gate.yaml <<-END
	version: 1
	targets:
	  bot:
	    provider: $1
	    base_url: $2
	    prompt: prompt.txt
	    model: {id: m1}
	    params: {max_tokens: 50}
	suites:
	  main:
	    target: bot
	    cases: cases.jsonl
	    metrics:
	      right: {scorer: equals, expected: "{{expected}}"}
	END
	sed -i "s#^  hosts: .*#  hosts: [\"127.0.0.1:$server_port\"]\n  credentials: [{host: \"127.0.0.1:$server_port\", env: BOT_KEY$3}]#" \
		proj/gate.policy.yaml
	git_commit proj "$1"
}
for temper in '{"answer":"you sent {{head}}"}' '{"status":400,"body":{"error":{"message":"{{head}}"}}}' \
	'{"status":401,"body":{"type":"error","error":{"type":"x","message":"{{head}}"}}}' '{"body":"{{head}}"}'; do
	script "{\"rules\":[$temper]}"
	project 5
	bound openai "$server_url/v1" ''
	play "openai"
	has "$(last)" "Authorization: Bearer CANARYbound" "its key was sent"
	project 5
	bound openai "$server_url/v1" ', header: x-my-key'
	play "a header of the policy's"
	has "$(last)" "x-my-key: CANARYbound" "its key was sent"
	project 5
	bound anthropic "$server_url" ', header: x-api-key'
	play "anthropic"
	has "$(last)" "x-api-key: CANARYbound" "its key was sent"
	project 5
	bound http "$server_url" ', header: x-app-key'
	sed -i "/base_url/d; /model:/d; /params:/d; s#^    prompt:.*#    url: $server_url/app\n    body: {q: \"{{question}}\"}\n    answer: \$.a#" proj/gate.yaml
	git_commit proj http
	play "an application"
	has "$(last)" "x-app-key: CANARYbound" "its key was sent"
	server_stop
done

# --- commands that only look ---
aws_server
project 5
for command in check plan 'run --no-store' 'run --measure'; do
	rm -rf proj/.gate
	# shellcheck disable=SC2086
	run timeout -k 2 180 env HOME="$PWD/home" AWS_ENDPOINT_URL="$server_url" "${everything[@]}" \
		AWS_ACCESS_KEY_ID=AKIACANARYENV AWS_SECRET_ACCESS_KEY=CANARYsecret/AKIACANARYENV "$GATE" $command -v -C proj
	isnt "$out$err" "" "$command says something"
	hasnt "$out$err" CANARY "$command: no secret in it"
	is "$(grep -rla CANARY proj)" "" "$command: nor in what it leaves"
done
server_stop

# --- a proxy that refuses, and what it was told ---
script '{"rules":[{"status":407,"headers":{"Proxy-Authenticate":"Basic"},"body":"{{head}}"}]}'
project 5
bound openai https://api.openai.com/v1 ''
sed -i '/^trust:/,$d' proj/gate.policy.yaml
git_commit proj "no trust"
play "a proxy" HTTPS_PROXY="http://user:CANARYproxy-0123@127.0.0.1:$server_port" NO_PROXY=x
like "$(last)" "^CONNECT api.openai.com:443|CONNECT api" "the proxy was asked"
server_stop
done_testing
