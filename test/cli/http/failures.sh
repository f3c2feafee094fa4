# Provider http: calls that fail are counted, named, and never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
need_tool jq
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/http/app.inc"

wire_retries
wire_f1
wire_f2
wire_f14
wire=lines
wire_f14
wire=sse

# What is not where the target says it is.
stream=false
script "{\"rules\":[{\"contains\":\"say 1.\",\"body\":{\"reply\":{\"txt\":\"say 1.\"},\"model\":\"m\"}},
	{\"contains\":\"say 2.\",\"body\":{\"reply\":{\"text\":\"say 2.\"}}},
	{\"contains\":\"say 3.\",\"body\":{\"reply\":{\"text\":\"say 3.\",\"sources\":[{\"body\":1}]}}},
	{\"contains\":\"say 4.\",\"body\":{\"reply\":{\"text\":\"say 4.\",\"sources\":[],\"tools\":[{}]}}},
	{\"contains\":\"say 5.\",\"body\":{\"reply\":{\"text\":\"say 5.\",\"sources\":[]},\"usage\":{\"input\":\"many\"}}},
	{\"contains\":\"say 6.\",\"body\":{\"reply\":{\"text\":\"say 6.\",\"sources\":[]},\"error\":\"out of order\"}},
	{\"contains\":\"say 7.\",\"status\":302,\"headers\":{\"Location\":\"http://127.0.0.1:9/\"}},$say]}"
project 10 'right.mean >= 0.01' 'unscored.count == 0'
run_gate -j 1
isnt "$rc" 0 "what cannot be found is no answer"
accounts 10 3 7
all=$(jq -r '.failures[].cases[] | .case + ": " + .reason' "$(ls -td proj/.gate/runs/*/ | head -1)record.json")
has "$all" "q1: malformed: answer '\$.reply.text' finds nothing: the answer has 'reply', 'model'" "the path and the members are named"
has "$all" "q2: malformed: contexts '\$.reply.sources' finds nothing" "so for passages that are not there"
like "$all" 'q3: malformed: passage 1' "a passage without a text"
like "$all" 'q4: malformed: tool call 1' "a tool call without a name"
like "$all" 'q5: malformed: .*usage.in' "a count that is none"
like "$all" 'q6: server: error inside an answer of status 200: out of order' "an error inside a 200"
like "$all" 'q7: request-refused: HTTP 302 .*redirects are not followed' "a redirect"
server_stop

# A stream whose pieces are elsewhere is no empty answer.
stream=true
script "{\"rules\":[$say]}"
project 5 'right.mean >= 0.01'
sed -i 's/delta: delta/delta: dleta/' proj/gate.yaml
git_commit proj
run_gate
ends 3 "a delta that finds nothing"
like "$out" "malformed: no event of the stream had anything at 'dleta'" "is named with what there was"
server_stop
done_testing
