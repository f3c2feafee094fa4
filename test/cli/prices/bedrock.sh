# Bedrock by the model, tier and speed that served a call, with what a cache gave and took.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/bedrock/bedrock.inc"

plain='"usage":{"inputTokens":1000,"outputTokens":100,"totalTokens":1100}'
script "{\"rules\":[
	{\"contains\":\"say 2.\",\"extra\":{$plain,\"serviceTier\":{\"type\":\"flex\"}}},
	{\"contains\":\"say 3.\",\"extra\":{$plain,\"performanceConfig\":{\"latency\":\"optimized\"}}},
	{\"contains\":\"say 4.\",\"extra\":{\"usage\":{\"inputTokens\":500,\"outputTokens\":100,\"totalTokens\":1600,
		\"cacheReadInputTokens\":600,\"cacheWriteInputTokens\":400,\"cacheDetails\":[{\"ttl\":\"1h\",\"inputTokens\":150}]}}},
	{\"contains\":\"say 5.\",\"extra\":{$plain,\"trace\":{\"promptRouter\":{\"invokedModelId\":
		\"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.other.model\"}}}},
	{\"contains\":\"say 6.\",\"extra\":{$plain,\"serviceTier\":{\"type\":\"priority\"}}},
	{\"extra\":{$plain}}]}"
project 6 'right.mean >= 0.1'
sed -i '1a prices: prices.yaml' proj/gate.policy.yaml
cat >proj/prices.yaml <<-END
currency: USD
date: 2026-10-01
source: a test
max_age: 36500d
rows:
  - {provider: bedrock, model: m1, input: 3, output: 15, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6}
  - {provider: bedrock, model: m1, tier: flex, input: 1.5, output: 7.5}
  - {provider: bedrock, model: m1, speed: optimized, input: 4, output: 20}
  - {provider: bedrock, model: us.other.model, region: us-east-1, input: 0.1, output: 0.2}
  - {provider: bedrock, model: us.other.model, region: eu-west-1, input: 9, output: 9}
  - {provider: bedrock, model: m1, batch: true, input: 0.5, output: 0.5}
END
git_commit proj prices
run_gate
like "$rc" '^[03]$' "the run ends"
# cost N USD DESC
cost() {
	is "$(outcome "q$1" | grep -o '"cost_usd":[^,]*')" "\"cost_usd\":$2" "$3"
}
cost 1 0.0045 "as listed: 1,000 × \$3 and 100 × \$15 a million"
like "$(outcome q1)" '"cost":\{"value":0.0045,"reason":"priced as the model that was asked for' "and it is said that the answer names no model"
cost 2 0.00225 "served at flex"
cost 3 0.006 "served optimized"
# 500 × 3 + 600 × 0.3 + 250 × 3.75 + 150 × 6 + 100 × 15
cost 4 0.0050175 "from a cache, and into one for five minutes and an hour"
cost 5 0.00012 "a router's call by the model it chose, in this region"
hasnt "$(outcome q6)" cost_usd "a tier without a row"
like "$(outcome q6)" "unpriced: model 'm1' at tier priority is not in 'prices.yaml'" "is unpriced"
done_testing
