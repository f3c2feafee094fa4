# A target's settings against what its provider takes: located, before any call.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json

# refused DESC PLACE PART: both check and run, with no call.
refused() {
	git_commit proj "$1"
	gate check -C proj
	ends 2 "$1: check"
	has "$err" "gate.yaml:$2: error: $3" "$1: located"
	seen_mark
	run_gate
	ends 2 "$1: run"
	is "$(since)" 0 "$1: no call"
}
project 40
sed -i '/^    prompt/d' proj/gate.yaml
refused "no prompt" 3:3 "target 'bot' has no prompt"
project 40
sed -i '0,/^    model.*/{//d}' proj/gate.yaml
refused "no model" 3:3 "target 'bot': key 'model' is missing"
project 40
sed -i '0,/^    model.*/s//&\n    retrieval: {knowledge_base: K}/' proj/gate.yaml
refused "a setting of another provider" 8:5 "target 'bot': provider 'openai' has no 'retrieval'"
project 40
sed -i '0,/^    model.*/s//&\n    answer: "{{expected}}"/' proj/gate.yaml
git_commit proj; gate check -C proj
ends 2 "answer of a target that is called"
project 40
sed -i '0,/base_url: .*/s//base_url: ftp:\/\/x\/v1/' proj/gate.yaml
refused "a base_url that is no web address" 5:15 "target 'bot': base_url"
project 40
sed -i '0,/base_url: .*/s//base_url: http:\/\/h:\/v1/' proj/gate.yaml
refused "a port that is none" 5:15 "target 'bot': base_url: ':' is no port"
project 40
sed -i '0,/base_url: .*/s//base_url: "{{bind.url}}"/' proj/gate.yaml
sed -i "s|^    suites: .*|&\n    bind: {url: \"$server_url/v1\"}|" proj/gate.policy.yaml
git_commit proj
gate check -C proj
is "$rc" 0 "a bound base_url is checked as bound" || tap_show

# ttft exists only where an answer is read as a stream.
project 100 'right.mean >= 0.5' 'ttft.p95 <= 1s'
gate check -C proj
is "$rc" 0 "ttft of a streamed target"
sed -i '0,/^    model.*/s//&\n    stream: false/' proj/gate.yaml
git_commit proj
gate check -C proj
ends 2 "ttft of a target that is not streamed"
like "$err" "gate.policy.yaml:[0-9]+:[0-9]+: error: .*ttft" "ttft, not streamed: located"
cat >proj/gate.yaml <<'END'
version: 1
targets:
  bot: {provider: recorded, answer: "{{question}}"}
suites:
  main:
    target: bot
    cases: cases.jsonl
    metrics: {right: {scorer: equals, expected: "{{expected}}"}}
END
git_commit proj
gate check -C proj
ends 2 "ttft of recorded answers"
like "$err" "gate.policy.yaml:[0-9]+:[0-9]+: error: .*ttft" "ttft, recorded: located"
done_testing
