# A committed price table: what calls cost is recorded and decided on, by the model that served them;
# what it does not say is unpriced and undecided, never $0.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

# 1,000 tokens in, 100 out, a quarter of the input from a cache.
usage='"tokens_in":1000,"tokens_out":100,"cached":250'
echo "{\"rules\":[
	{\"path\":\"/judge\",\"answer\":\"{\\\"pass\\\":true,\\\"score\\\":1,\\\"reason\\\":\\\"ok\\\"}\",\"model\":\"judge-1\",\"tokens_in\":500},
	{\"contains\":\"say 7.\",\"answer\":\"{{user}}\",\"model\":\"m1-large\",$usage},
	{\"contains\":\"say 8.\",\"answer\":\"{{user}}\",\"model\":\"m1\",\"usage\":false},
	{\"answer\":\"{{user}}\",\"model\":\"m1\",$usage}]}" >script.json
server_start script.json

# priced N THRESHOLD…: N cases and a table in prices.yaml.
priced() {
	project "$@"
	sed -i "s/'mean-as-seen \([^']*\)'/{expect: cost.mean <= \1, decide: observed}/" proj/gate.policy.yaml
	sed -i '1a prices: prices.yaml' proj/gate.policy.yaml
	sed -i 's/temperature: 0}/temperature: 0, max_tokens: 100}/' proj/gate.yaml
	cat >proj/prices.yaml <<-END
	currency: USD
	date: 2026-10-01
	source: a test
	max_age: 36500d
	rows:
	  - {provider: openai, model: m1, input: 2, output: 10, cache_read: 0.5}
	  - {model: judge-1, input: 1, output: 1}
	END
	git_commit proj prices
}

# 750 × $2 + 250 × $0.5 + 100 × $10, a million: $0.002625 a call.
priced 6 'right.mean >= 0.5' 'mean-as-seen $0.004' 'spend.usd <= $0.016' 'cost.max <= $0.002625'
run_gate
ends 0 "six priced calls"
like "$out" 'main .*\$0\.0158' "the suite's line says what was paid"
ok "a sample's cost" grep -q '"cost_usd":0.002625' proj/.gate/runs/*/outcomes.jsonl
ok "the run's" grep -q '"usd": 0.01575' proj/.gate/runs/*/record.json
ok "the table's digest" grep -q "\"sha256\":\"$(sha256sum proj/prices.yaml | cut -d' ' -f1)\"" proj/.gate/runs/*/record.json
ok "its source" grep -q '"source":"a test"' proj/.gate/runs/*/record.json
run_gate
ends 0 "again, all of it from the store"
hasnt "$out" '6/6  $' "what is reused costs nothing"
like "$out" 'cost.mean +\$0.00262' "yet the candidate's cost is what its calls cost"

# The mean's range comes from the prompt and max_tokens, so it is decided by evidence.
rm -rf proj/.gate
priced 60 'right.mean >= 0.5' 'cost.mean <= $0.004'
sed -i 's/max_tokens: 100/max_tokens: 1000/' proj/gate.yaml
# 1,000 tokens of prompt bound the input, too: the server's word for it needs as many bytes.
printf '%01500d {{question}}' 0 >proj/prompt.txt
sed -i 's/right: {scorer: equals, expected: "{{expected}}"}/right: {scorer: contains, value: "{{expected}}"}/' proj/gate.yaml
git_commit proj bounded
run_gate
like "$out" 'cost.mean +.*0.00[0-9]+ … \$?0.00[0-9]+' "the mean has bounds"
ok "and a range" grep -q '"hi": 0.01' proj/.gate/runs/*/record.json

# Without max_tokens nothing bounds it, and the message says so.
sed -i 's/, max_tokens: 1000//' proj/gate.yaml
git_commit proj unbounded
gate check -C proj
ends 2 "an unbounded mean"
has "$err" "unbounded-mean" "is refused"

# Served by another model; no usage: both unpriced, both undecided.
rm -rf proj/.gate
priced 8 'right.mean >= 0.5' 'mean-as-seen $1' 'spend.usd <= $1'
run_gate
ends 3 "two of eight are unpriced"
has "$out" "unpriced" "the suite's line says unpriced"
ok "served by another" grep -q "unpriced: model 'm1-large', which served 'm1', is not in 'prices.yaml'" proj/.gate/runs/*/outcomes.jsonl
ok "without usage" grep -q "unpriced: the provider reported no usage" proj/.gate/runs/*/outcomes.jsonl
ok "spend is null" grep -q '"usd": null' proj/.gate/runs/*/record.json
hasnt "$out" '$0.00 ' "never nothing"

# A model without a row: warned of at check, undecided.
rm -rf proj/.gate
priced 4 'right.mean >= 0.5' 'cost.mean <= $0.004'
sed -i 's/model: m1,/model: m2,/' proj/prices.yaml
git_commit proj other
gate check -C proj
like "$err" "gate.yaml:[0-9]+:[0-9]+: warning: target 'bot': model 'm1' has no row in 'prices.yaml'" "check warns"
run_gate --spend-anyway
ends 3 "a cost threshold without a price"

# Judges.
rm -rf proj/.gate
priced 6 'right.mean >= 0.5'
printf '      nice: {scorer: judge, with: judge, rubric: "Is it polite?"}\n' >>proj/gate.yaml
git_commit proj judge
run_gate
ok "what judging cost, apart" grep -qE '"judge_usd":0\.0005' proj/.gate/runs/*/outcomes.jsonl
ok "the suite's" grep -qE '"judge_usd": 0\.003' proj/.gate/runs/*/record.json

# Mistakes in the table are located; the table of the change does not count.
rm -rf proj/.gate
priced 6 'right.mean >= 0.5'
sed -i 's/input: 2,/inptu: 2,/' proj/prices.yaml
git_commit proj slip
gate check -C proj
ends 2 "a misspelt key"
like "$err" "prices.yaml:6:[0-9]+: error: .*inptu" "located"
git -C proj checkout -q HEAD~1 && git -C proj branch -q -f trusted && git -C proj checkout -q -
sed -i 's/inptu: 2,/input: 0,/;s/output: 10/output: 0/' proj/prices.yaml
git_commit proj cheaper
run_gate --policy-ref trusted --fresh
has "$err$out" "edits 'prices.yaml'" "the edit is shown"
ok "F17: prices of the policy ref" grep -q '"cost_usd":0.002625' proj/.gate/runs/*/outcomes.jsonl
sed -i 's/prices: prices.yaml/prices: nowhere.yaml/' proj/gate.policy.yaml
git_commit proj nowhere
gate check -C proj
ends 2 "a table that is not there"
like "$err" "gate.policy.yaml:2:[0-9]+: error: prices: .*nowhere.yaml" "located"
cp "$TOP/docs/examples/prices-bedrock.yaml" proj/nowhere.yaml
git_commit proj example
gate check -C proj
is "$rc" 0 "the example table is one"
gate schema prices
has "$out" '"title": "prices.yaml"' "the schema is printed"

# A run that was cut off: what its first part paid counts for the whole.
server_stop
echo "{\"rules\":[{\"answer\":\"{{user}}\",\"model\":\"m1\",\"latency_ms\":200,$usage}]}" >script.json
server_start script.json
priced 40 'right.mean >= 0.5' 'spend.usd <= $1'
"$GATE" run -C proj -j 2 >out1 2>err1 &
pid=$!
seen_waits 8
kill -INT "$pid"
wait "$pid"
is "$?" 3 "interrupted"
rm -rf proj/.gate/runs/*
run_gate -j 8 --resume
ends 3 "resumed: a ceiling on what is only known from below is not decided"
has "$out" "at least: what was paid before the run was resumed is not all known" "and says why"
# Two calls were in flight: what they said before the signal is paid, too.
paid=$(jq .spend.usd proj/.gate/runs/*/record.json)
ok "all forty are in what the run paid ($paid)" awk "BEGIN { exit !($paid >= 0.105 && $paid <= 0.105 + 2 * 0.002625) }"
done_testing
