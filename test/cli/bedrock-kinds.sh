# A project whose target is one of Bedrock's kinds, at the test server.  Sourced after project.sh.
# shellcheck shell=bash disable=SC2154,SC2034
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=canary-secret-kinds-4242 AWS_REGION=eu-west-1
export AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_BEARER_TOKEN_BEDROCK AWS_SESSION_TOKEN

script() { printf '%s' "$1" >script.json && server_start script.json && export AWS_ENDPOINT_URL=$server_url; }
# Nothing but AWS's own keys: a credential of the policy's would go in their place.
policy() {
	cat >proj/gate.policy.yaml <<-END
	version: 1
	stages:
	  pre:
	    suites: [main]
	    thresholds: [$(printf "'%s', " "$@")]
	trust:
	  hosts: ["127.0.0.1:${server_port:-9}"]
	END
}
# target LINES: gate.yaml with target `bot` of these lines.
target() {
	{
		printf 'version: 1\ntargets:\n  bot:\n    provider: bedrock\n    prompt: prompt.txt\n'
		sed 's/^/    /' <<<"$1"
		printf 'suites:\n  main:\n    target: bot\n    cases: cases.jsonl\n    metrics:\n'
		printf '      right: {scorer: equals, expected: "{{expected}}"}\n'
	} >proj/gate.yaml
	git_commit proj target
	rm -rf proj/.gate
}
# kind N LINES [THRESHOLD…]
kind() {
	local n=$1 lines=$2
	shift 2
	project "$n" "$@"
	target "$lines"
}
outcome() { grep -h "\"case\":\"$1\"" proj/.gate/runs/*/outcomes.jsonl; }
record() { cat proj/.gate/runs/*/record.json; }
# The last request that the server saw, as it came.
last_request() {
	exec {last_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_last HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$last_fd"
	cat <&"$last_fd"
	exec {last_fd}>&-
}
