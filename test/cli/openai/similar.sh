# Scorer similar: embeddings are asked of the target that `with:` names, once for each text, and what fails
# is unscored.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: openai
base_url: URL/v1'
near() {
	cat >>proj/gate.yaml <<-END
	      near: {scorer: similar, expected: "{{expected}}", with: embedder$1}
	END
	sed -i "s#^targets:#&\n  embedder: {provider: ${2:-openai}, base_url: '$server_url/embed/v1', model: emb-1${3:-}}#" proj/gate.yaml
	git_commit proj near
}
script "{\"rules\":[{\"path\":\"/v1\",\"contains\":\"say 2.\",\"answer\":\"tell 2.\"},
	{\"path\":\"/v1\",\"contains\":\"say 3.\",\"answer\":\"something else altogether\"},
	{\"path\":\"/v1\",\"contains\":\"say 4.\",\"answer\":\"\"},$say]}"
project 12 'near.mean >= 0.3' 'near.rate >= 0.3'
near ''
run_gate
ends 0 "answers near and far"
accounts 12 12 0
has "$(outcome q1)" '"near":{"value":1,' "the same words: 1"
has "$(outcome q2)" '"near":{"value":0.5,' "one word of two: the cosine is a half"
has "$(outcome q3)" '"near":{"value":0,' "no word in common: 0"
has "$(outcome q4)" '"near":{"value":0,"reason":"the answer is empty"' "an empty answer: 0, and nothing was asked"
has "$out" "9/12" "the rate counts those at 0.75 and above"
is "$(since)" 23 "twelve answers and eleven embeddings"
hasnt "$(cat proj/.gate/runs/*/*)" '"vectors"' "no vector is in the record"
run_gate
is "$(since)" 0 "a second run calls nothing"
server_stop

script "{\"rules\":[{\"path\":\"/embed\",\"contains\":\"say 2.\",\"status\":400},{\"path\":\"/embed\",\"contains\":\"say 3.\",\"body\":{\"data\":[]}},
	{\"path\":\"/embed\",\"contains\":\"say 4.\",\"fault\":\"cut\"},{\"path\":\"/embed\",\"contains\":\"say 5.\",\"fault\":\"html\"},$say]}"
project 12 'near.mean >= 0.7'
near ''
run_gate --spend-anyway
ends 3 "four embeddings fail"
for q in q2 q3 q4 q5; do
	has "$(outcome $q)" '"near":{"unscored":true' "$q: unscored, not zero"
done
server_stop

script "{\"rules\":[$say]}"
project 12 'near.mean >= 0.5'
near '' anthropic ', params: {max_tokens: 5}'
run_gate
ends 2 "a target that gives no embeddings"
like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: .*needs embeddings, and provider 'anthropic'" "it is named with its place"
project 12 'near.mean >= 0.5'
near '' && sed -i 's/, with: embedder//' proj/gate.yaml && git_commit proj without
run_gate
ends 2 "no target at all"
like "$err$out" "scorer 'similar' needs embeddings" "it is named"
is "$(since)" 0 "and nothing was called"
server_stop
done_testing
