# gate compare --run: two commits measured in one run, their calls alternating; one run alone is set
# against its own baseline.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool git jq

cat >script.json <<'END'
{"rules": [
  {"contains": "\"m2\"", "nth": 3, "status": 400},
  {"contains": "say 4.", "answer": "four"},
  {"answer": "{{user}}"}
]}
END
server_start script.json --times
project 12 'right.mean >= baseline - 0.5'
git -C proj tag one
sed -i 's/id: m1/id: m1, region: x/; s/model: {id: m1, region: x}/model: {id: m2}/' proj/gate.yaml
git_commit proj m2
exits 3 "one of 24 calls fails" "$GATE" compare -C proj --run one HEAD -j 1 -o c.json
is "$(since)" 24 "both sides are called, nothing is asked twice"
has "$out" "A  $(git_oid proj one | cut -c1-7)" "the older side"
has "$out" "baseline  one" "is the run's baseline"
has "$out" "right: no value for 0 samples of A and 1 of B" "the failed call is counted"
is "$(jq -r '.comparisons[0].suites[0] | [.suite, (.pairs | tostring), (.metrics[0].pairs | tostring)] | join(" ")' proj/c.json)" \
	"main 12 11" "paired"
is "$(jq -c '[.records[] | .baseline]' proj/c.json)" "[true,false]" "the JSON says which side is which"
# Of each two calls in a row that begin at an even place one is of each side.
get_times() {
	exec {times_fd}<>"/dev/tcp/127.0.0.1/$server_port"
	printf 'GET /_times HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n' >&"$times_fd"
	cat <&"$times_fd"
	exec {times_fd}>&-
}
get_times | grep -oE 'say [0-9]+\.' >said
is "$(awk 'NR % 2 { a = $0; next } $0 == a { n++ } END { print n }' said)" 12 "each case is asked by both sides in turn"
exits 0 "the record once more" "$GATE" compare -C proj last
has "$out" "main  12 pairs" "shows the same pairs"
exits 0 "measured again, the failed call alone is made" "$GATE" compare -C proj --run one HEAD
is "$(since)" 1 "one call"
exits 2 "the same candidate on both sides" "$GATE" compare -C proj --run HEAD HEAD
has "$err" "the same candidate" "is said"

# What does not go together.
exits 2 "three commits" "$GATE" compare -C proj --run one HEAD HEAD
exits 2 "one commit" "$GATE" compare -C proj --run one
exits 2 "no such commit" "$GATE" compare -C proj --run one nowhere
for words in '-j 2' '--fresh' '--only main' '--sample 3' '--timeout 3s' '--filter q1' '--allow-exec' '--seed 3'; do
	# shellcheck disable=SC2086
	exits 2 "$words without --run" "$GATE" compare -C proj last last $words
done
exits 2 "--only names no suite" "$GATE" compare -C proj --run one HEAD --only mian
is "$(since)" 0 "nothing was called"
exits 0 "a part" "$GATE" compare -C proj --run one HEAD --sample 5
has "$out" "main  5 pairs" "is a part"
has "$out" "B ran a part of its cases" "and says so"

# A run whose policy asks for its baseline.
run_gate --baseline one
ends 0 "a run with a baseline"
exits 0 "alone" "$GATE" compare -C proj last
has "$out" "main  12 pairs" "is set against it"
exits 0 "two such runs" "$GATE" compare -C proj last last
hasnt "$out" "@baseline" "the twins are no suites of theirs"
done_testing
