# Where AWS is called: from the target, its ARN, a binding, the environment or the profile; before anything is spent.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
server_port=9
target() {
	cat >proj/gate.yaml <<-END
	version: 1
	targets:
	  bot:
	    provider: bedrock
	    prompt: prompt.txt
	    model: $1
	suites:
	  main:
	    target: bot
	    cases: cases.jsonl
	    metrics:
	      right: {scorer: equals, expected: "{{expected}}"}
	END
}
check() { run env "${@:2}" "$GATE" check -C proj --worktree $1; }
project 5
nova=amazon.nova-lite-v1:0
target "{id: \"$nova\"}"
check ''
is "$rc" 2 "no region: exit 2"
has "$err" "gate.yaml:3:3: error: target 'bot' is called at AWS, and nothing says in which region; set" "located"
has "$err" "AWS_REGION" "with the ways to give one"
for given in AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1; do
	check '' "$given"
	is "$rc" 0 "$given suffices"
done
mkdir -p "$HOME/.aws"
printf '[default]\nregion = eu-west-1\n[profile bad]\nregion = nowhere.example.com\n' >"$HOME/.aws/config"
check ''
is "$rc" 0 "so does the profile's"
check '' AWS_PROFILE=bad
is "$rc" 2 "a region that would be a host: exit 2"
has "$err" "'nowhere.example.com'" "named"
check '' AWS_PROFILE=typo
has "$err" "'typo'" "a profile that is not there is named"
check '' AWS_USE_FIPS_ENDPOINT=maybe
has "$err" "'AWS_USE_FIPS_ENDPOINT' is 'maybe'; expected true or false" "a flag that is none"
check '' AWS_ENDPOINT_URL_BEDROCK_RUNTIME=localhost
has "$err" "AWS_ENDPOINT_URL_BEDROCK_RUNTIME" "an endpoint that is no URL"
printf 'secret\n' >"$HOME/.aws/config"
check ''
has "$err" "line 1 stands before the first [section]" "a broken file is named with its line"
hasnt "$err" secret "and not quoted"
rm -r "$HOME/.aws"

# A profile that the change could have written.
printf '[default]\nregion = us-east-1\n' >proj/aws.conf
check '' AWS_CONFIG_FILE="$PWD/proj/aws.conf"
is "$rc" 0 "a profile file beside the repository's own is taken"
git_commit proj "a profile"
ln -s "$PWD/proj/aws.conf" aws.link
for file in proj/aws.conf aws.link; do
	check '' AWS_CONFIG_FILE="$PWD/$file"
	is "$rc" 2 "one that is committed is not ($file)"
	like "$err" "gate.yaml:3:3: error: .*tracked by git.*\[aws-profile\]" "it says why"
done
check '' AWS_SHARED_CREDENTIALS_FILE="$PWD/proj/aws.conf" AWS_REGION=us-east-1
is "$rc" 2 "nor credentials"

target "\"arn:aws:bedrock:us-west-2::foundation-model/$nova\""
check ''
is "$rc" 0 "an ARN brings its region"
target "{id: \"arn:aws:bedrock:us-west-2::foundation-model/$nova\", region: us-east-1}"
check ''
is "$rc" 2 "an ARN of another region: exit 2"
has "$err" "its region is 'us-east-1', and that of the model's ARN is 'us-west-2'; write the region once [two-values]" "both are named"
target "{id: \"$nova\", region: us-east-1.evil.example}"
check ''
has "$err" "'us-east-1.evil.example' is no AWS region; expected" "a region that would be a host"
target "{id: \"$nova\", region: \"{{bind.region}}\"}"
check ''
has "$err" "[binding]" "a region by a binding that no stage gives"
sed -i 's/^    suites:/    bind: {region: us-east-1}\n    suites:/' proj/gate.policy.yaml
check ''
is "$rc" 0 "a region by a binding"

sed -i 's/^  hosts:.*/  hosts: ["aws:bedrock@us-east-1", "aws:s3@us-east-1"]/' proj/gate.policy.yaml
check ''
is "$rc" 2 "a host that is none: exit 2"
like "$err" "gate.policy.yaml:[0-9]+:[0-9]+: error: host 'aws:s3@us-east-1' is none.*\[trust-host\]" "located"

project 5
# What is no model is told before any call; AWS would refuse each.
models() {
	target "$1"
	check '' AWS_REGION=us-east-1
	is "$rc" 2 "no model: $1"
	has "$err" "gate.yaml:6:12: error: target 'bot': $2" "… told with its place"
	hasnt "$err" $'\e' "… and no escape reaches the terminal"
}
arn=arn:aws:bedrock:us-east-1:123456789012
models "$arn:knowledge-base/ABCDEFGHIJ" "the model '$arn:knowledge-base/ABCDEFGHIJ' is no model; a target that calls it has \`kind: retrieve\`"
models "$arn:agent-alias/ABCDEFGHIJ/KLMNOPQRST" "the model '$arn:agent-alias/ABCDEFGHIJ/KLMNOPQRST' is no model; a target that calls it has \`kind: agent\`"
models "arn:aws:s3:::bucket" "the model 'arn:aws:s3:::bucket' is an ARN of another service"
models '"amazon.nova\e[31m"' "'amazon.nova"
models '"amazon nova"' "'amazon nova' is no model's id; expected one like amazon.nova-lite-v1:0"
models '".."' "'..' is no model's id"
models '"amazon.nova\u0000x"' "'amazon.nova' is no model's id"
for is_one in "$arn:application-inference-profile/abcdefghijkl" "$arn:default-prompt-router/anthropic.claude:1" \
	"$arn:custom-model-deployment/abcdefghijkl" "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine"; do
	target "$is_one"
	check '' AWS_REGION=us-east-1
	is "$rc" 0 "a model: $is_one"
done

# A host that the policy does not list is told here, and stops a run before its first call.
target "$nova"
unlisted="gate.yaml:3:3: warning: target 'bot': host 'bedrock-runtime.us-east-1.amazonaws.com:443' is not in the policy's trust.hosts"
check '' AWS_REGION=us-east-1
is "$rc" 0 "an unlisted host: the endpoint may be another where gate runs"
has "$err" "$unlisted" "… so it is a warning"
run env AWS_REGION=us-east-1 "$GATE" run -C proj --worktree
is "$rc" 2 "a run stops"
has "$err" "${unlisted/warning/error}" "… with the same words"
has "$err" "nothing was called" "… and nothing is spent"
check '' AWS_REGION=us-east-1 AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:9
hasnt "$err" "trust.hosts" "the operator's endpoint is listed"
sed -i 's/hosts: .*/hosts: ["aws:bedrock@us-east-1"]/' proj/gate.policy.yaml
check '' AWS_REGION=us-east-1
hasnt "$err" "trust.hosts" "a listed region"
check '' AWS_REGION=eu-west-1
has "$err" "bedrock-runtime.eu-west-1.amazonaws.com:443' is not in" "another region"

# What the operator's profile says and gate does not use.
mkdir -p "$HOME/.aws"
printf '[default]\nca_bundle = /etc/corp.pem\n' >"$HOME/.aws/config"
check '' AWS_REGION=us-east-1
has "$err" "warning: target 'bot': the AWS profile's ca_bundle '/etc/corp.pem' is not used; set AWS_CA_BUNDLE" "ca_bundle"
check '' AWS_REGION=us-east-1 AWS_CA_BUNDLE=/etc/corp.pem
hasnt "$err" ca_bundle "AWS_CA_BUNDLE goes before it"
rm "$HOME/.aws/config"
mkfifo "$HOME/.aws/config"
run timeout -k 2 120 env "$GATE" check -C proj --worktree
is "$rc" 2 "a profile file that is a pipe is not waited for"
has "$err" "is a pipe, which could be read only once; make it a file" "… and named"
rm -r "$HOME/.aws"
done_testing
