# A key that does not come: a signal ends the wait at once, and a file that is none is not waited for.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/credentials/aws.inc"
fresh_home
aws_server
project 5
mkfifo home/.aws/begun
cat >home/.aws/program <<-END
#!/bin/sh
echo \$\$ >$PWD/home/.aws/begun
exec sleep 60
END
chmod +x home/.aws/program
aws_file config <<-END
[default]
credential_process = $PWD/home/.aws/program
END
# signalled SIGNAL: gate gets it while it waits for the program's key, which takes a minute at most.
signalled() {
	env -u BOT_KEY HOME="$PWD/home" AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL="$server_url" \
		"$GATE" run -C proj --fresh >out.$1 2>err.$1 &
	local gate=$!
	read -r program <home/.aws/begun
	kill "-$1" $gate
	wait $gate
	is $? 3 "SIG$1 while waiting for a key: exit 3"
	has "$(cat out.$1)" "stopped: interrupted" "… it says so"
	has "$(cat out.$1)" "planned 5 = scored 0 + unscored 5 + quarantined 0" "… and nothing is counted as scored"
	ok "… and the program is ended" eval "! kill -0 $program 2>/dev/null"
	ok "… and the record is whole" grep -q '"verdict": *"undecided"' "$(ls -td proj/.gate/runs/* | head -1)/record.json"
}
signalled INT
signalled TERM
is "$(seen)" 0 "nothing was sent"

# --- files that would be waited for ---
rm home/.aws/config
mkfifo home/token
run timeout -k 2 120 env -u BOT_KEY HOME="$PWD/home" AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL="$server_url" \
	AWS_ENDPOINT_URL_STS="$server_url/sts" AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/token" \
	AWS_ROLE_ARN=arn:aws:iam::123456789012:role/web "$GATE" run -C proj --fresh
ends 3 "a token file that is a pipe"
has "$out" "is a pipe" "it is named"

# --- which part of a key is none ---
aws_env AWS_ACCESS_KEY_ID=AKIAENV "AWS_SECRET_ACCESS_KEY=CANARYsecret/a b" -- --fresh
ends 3 "a secret with white space inside"
has "$out" "its secret access key holds white space or control bytes" "its part is named"
no_canary
aws_env AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=CANARYsecret/AKIAENV $'AWS_SESSION_TOKEN=CANARYtoken\r\nX: y' -- --fresh
ends 3 "a session token with a line's end inside"
has "$out" "its session token holds white space or control bytes" "its part is named"
no_canary
server_stop
done_testing
