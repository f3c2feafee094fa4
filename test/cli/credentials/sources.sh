# Each source of AWS credentials in turn, with a server that checks every signature.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/credentials/aws.inc"

fresh_home
aws_server
project 5

# --- keys that last ---
mapfile -t env_key < <(key_of AKIAENV)
aws_env "${env_key[@]}" -- --fresh
passes "keys of the environment"
like "$(cat proj/.gate/runs/*/record.json)" '"places": \{"bot":"us-east-1 bedrock=http://127.0.0.1:' "the record says where"
aws_env AWS_ACCESS_KEY_ID=ASIAENV AWS_SECRET_ACCESS_KEY=CANARYsecret/ASIAENV AWS_SESSION_TOKEN=CANARYtoken/ASIAENV -- --fresh
passes "with a session token"
aws_env AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=CANARYwrong/0123456789 -- --fresh
ends 3 "a wrong key"
has "$out" "InvalidSignature" "the service's word is named"
no_canary
aws_file credentials <<-END
[default]
aws_access_key_id = AKIAFILE
aws_secret_access_key = CANARYsecret/AKIAFILE
[work]
aws_access_key_id = AKIAWORK
aws_secret_access_key = CANARYsecret/AKIAWORK
END
aws_env A=b -- --fresh
passes "the default profile's keys"
aws_env AWS_PROFILE=work -- --fresh
passes "another profile's"
has "$(last)" "Credential=AKIAWORK/" "… which is the one that was asked for"
aws_env AWS_PROFILE=typo -- --fresh
ends "2 3" "a profile that is not there"
has "$out$err" "'typo'" "it is named"

# --- roles ---
aws_file config <<-END
[profile dev]
role_arn = arn:aws:iam::123456789012:role/dev
source_profile = work
external_id = x y
[profile prod]
role_arn = arn:aws:iam::123456789012:role/prod
source_profile = dev
[profile no]
role_arn = arn:aws:iam::123456789012:role/denied
source_profile = work
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = work
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile loop]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = loop
[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = $PWD/home/token
[profile run]
credential_process = "$PWD/home/give key" 'AKIA RUN' more
[profile slow]
credential_process = $PWD/home/fails CANARYargument
[profile sso]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Tester
[sso-session my-sso]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
END
aws_env AWS_PROFILE=dev -- --fresh
passes "a role of another profile"
like "$(last)" "Credential=ASIAROLE[0-9]+/" "… its own key signs"
aws_env AWS_PROFILE=prod -- --fresh
passes "a role behind a role"
aws_env AWS_PROFILE=no -- --fresh
ends 3 "a role that may not be taken"
has "$out" "profile 'work': STS answered 403 AccessDenied: no & no" "the service's word is named"
aws_env AWS_PROFILE=mfa -- --fresh
ends 3 "a role that asks for a code"
has "$out" "mfa_serial" "it says so"
aws_env AWS_PROFILE=loop -- --fresh
ends 3 "a role that is its own source"
has "$out" "comes back to itself" "it says so"

# --- web identity ---
printf 'CANARYweb.identity.token\n' >home/token
aws_env AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/token" AWS_ROLE_ARN=arn:aws:iam::1:role/r -- --fresh
passes "a web identity of the environment"
aws_env AWS_PROFILE=web -- --fresh
passes "one of the profile"
aws_env AWS_WEB_IDENTITY_TOKEN_FILE="$PWD/home/gone" AWS_ROLE_ARN=arn:aws:iam::1:role/r -- --fresh
ends 3 "a token file that is not there"
has "$out" "home/gone" "it is named"

# --- a program ---
cat >"home/give key" <<-'END'
#!/bin/sh
id=$(echo "$1" | tr -d ' ')
[ "$2" = more ] || exit 9
echo "{\"Version\":1,\"AccessKeyId\":\"$id\",\"SecretAccessKey\":\"CANARYsecret/$id\"}"
END
cat >home/fails <<-'END'
#!/bin/sh
echo CANARYleak >&2
exit 7
END
chmod +x "home/give key" home/fails
aws_env AWS_PROFILE=run -- --fresh
passes "a program of the profile"
has "$(last)" "Credential=AKIARUN/" "its words came as they were quoted"
aws_env AWS_PROFILE=slow -- --fresh
ends 3 "a program that fails"
has "$out" "credential_process of profile 'slow': it ended with 7" "it is named"
no_canary

# --- SSO ---
cache=0ad374308c5a4e22f723adf10145eafad7c4031c.json
aws_env AWS_PROFILE=sso -- --fresh
ends 3 "SSO without a login"
has "$out" "aws sso login" "it says what to do"
aws_file "sso/cache/$cache" <<-END
{"startUrl":"https://example.awsapps.com/start","region":"us-east-1","accessToken":"CANARYsso/1","expiresAt":"2099-01-01T00:00:00Z"}
END
aws_env AWS_PROFILE=sso -- --fresh
passes "SSO by its cached token"
like "$(last)" "Credential=ASIASSO[0-9]+/" "… whose key signs"
aws_file "sso/cache/$cache" <<-END
{"accessToken":"CANARYsso/old","expiresAt":"2020-01-01T00:00:00UTC","clientId":"c","clientSecret":"CANARYclient","refreshToken":"CANARYrefresh/1","registrationExpiresAt":"2099-01-01T00:00:00Z","more":1}
END
chmod 600 "home/.aws/sso/cache/$cache"
aws_env AWS_PROFILE=sso -- --fresh
passes "SSO with a token that is renewed"
has "$(cat "home/.aws/sso/cache/$cache")" '"refreshToken":"CANARYrefresh/2"' "the new one is in the cache"
has "$(cat "home/.aws/sso/cache/$cache")" '"more":1' "with all else that was there"
is "$(stat -c %a "home/.aws/sso/cache/$cache")" 600 "for nobody else to read"
aws_file "sso/cache/$cache" <<<'{"accessToken":"CANARYsso/old","expiresAt":"2020-01-01T00:00:00Z"}'
aws_env AWS_PROFILE=sso -- --fresh
ends 3 "an expired one that cannot be renewed"
has "$out" "aws sso login" "it says what to do"

# --- containers and instances ---
fresh_home
aws_env AWS_CONTAINER_CREDENTIALS_FULL_URI="$server_url/container" AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARYcontainer -- --fresh
passes "a container's endpoint"
printf 'CANARYcontainer-file' >home/token
aws_env AWS_CONTAINER_CREDENTIALS_FULL_URI="$server_url/container" AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="$PWD/home/token" \
	AWS_CONTAINER_AUTHORIZATION_TOKEN=bad -- --fresh
passes "its token's file goes first"
aws_env AWS_CONTAINER_CREDENTIALS_FULL_URI=http://example.com/x -- --fresh
ends 3 "a container's endpoint somewhere else"
has "$out" "'example.com'" "it is named"
aws_env AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="$server_url/" -- --fresh
passes "instance metadata"
like "$(last)" "Credential=ASIAIMDS[0-9]+/" "… whose key signs"
aws_env AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT=http://example.com -- --fresh
ends 3 "instance metadata somewhere else"

# --- none, or Bedrock's own key ---
aws_env A=b -- --fresh
ends 3 "no credentials at all"
has "$out" "no AWS credentials (fork?)" "it says so"
has "$out" "AWS_EC2_METADATA_DISABLED" "and where it looked"
aws_env AWS_BEARER_TOKEN_BEDROCK=CANARYbearer-0123456789 -- --fresh
passes "Bedrock's API key"
has "$(last)" "Authorization: Bearer CANARYbearer" "… goes as such"
aws_env "${env_key[@]}" AWS_BEARER_TOKEN_BEDROCK=CANARYbearer-0123456789 -- --fresh
has "$(last)" "Authorization: Bearer" "… and before a signature"

# --- where they go ---
sed -i 's/hosts: .*/hosts: ["aws:bedrock@us-east-1"]/' proj/gate.policy.yaml
git_commit proj "other hosts"
aws_env "${env_key[@]}" -- --fresh
ends 2 "an endpoint that the policy does not list"
has "$err" "is not in the policy's trust.hosts" "it says so"
server_stop
done_testing
