# Provider exec: what a program is told, and what it says.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/exec/exec.inc"

# Text.
program 'printf "%s\n" "$1"'
project 8
run_exec
ends 0 "text"
accounts 8 8 0
has "$(outcome q2)" '"answer":"say 2."' "without the last line feed"
like "$(outcome q2)" '"latency":\{"value":[0-9.]+\}' "it was timed"
unlike "$(outcome q2)" '"ttft"' "and has no first token"

# JSON, with all that there is to say.
exec_lines='output: json'
program 'cat >/dev/null; printf "%s" "{\"answer\":\"$1\",\"contexts\":[\"one\",{\"text\":\"two\",\"source\":\"s\"}],\"tool_calls\":[{\"name\":\"look\",\"arguments\":{\"a\":1}}],\"trajectory\":[{\"name\":\"look\",\"result\":2}],\"usage\":{\"in\":5,\"out\":2},\"model\":\"m-7\",\"finish\":\"length\",\"request_id\":\"r1\",\"detail\":{\"k\":\"v\"}}"'
project 5
run_exec
ends 0 "JSON"
one=$(outcome q3)
has "$one" '"answer":"say 3."' "the answer"
has "$one" '"contexts":[{"text":"one"},{"text":"two","source":"s"}]' "passages"
has "$one" '"tool_calls":[{"id":"","name":"look","arguments":{"a":1}}]' "tool calls"
has "$one" '"trajectory":[{"kind":"tool","name":"look","result":2}]' "steps"
has "$one" '"usage":{"in":5,"out":2}' "usage"
has "$one" '"model":"m-7"' "the model"
has "$one" '"truncated":{"value":1}' "how it finished"

# What it gets: the case without what is expected of it, the prompt, parameters.
exec_lines='output: json
prompt: [{role: system, content: Be brief.}, {role: user, content: "Q: {{question}}"}]
params: {temperature: 0}
model: m-1'
program 'cat >"'"$PWD"'/told"; env >"'"$PWD"'/env"; pwd >>"'"$PWD"'/env"; echo "{\"blocked\":true}"'
project 1
sed -i 's/}$/,"tier":"gold","nested":{"a":[1,2]}}/' proj/cases.jsonl
git_commit proj
export CANARY=canary-value-55555
run_exec --spend-anyway
accounts 1 1 0
is "$(cat told)" '{"case":{"id":"q1","question":"say 1.","tier":"gold","nested":{"a":[1,2]}},"prompt":"Q: say 1.","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Q: say 1."}],"model":"m-1","params":{"temperature":0},"sample":0}' \
	"what it is told on stdin: nothing that is expected"
has "$(outcome q1)" '"blocked":{"value":1}' "blocked is an answer"
hasnt "$(cat env)" "$CANARY" "no variable of gate's reaches it"
hasnt "$(cat env)" "BOT_KEY" "nor a key"
hasnt "$(cat env)" "HOME=" "nor where home is"
has "$(cat env)" "PATH=/usr/local/sbin" "but PATH"
has "$(cat env)" "
/" "it runs in /"

# By the policy's word: variables and a folder.
exec_lines='output: text'
mkdir -p room && room=$PWD/room
program 'echo "token is $BOT_TOKEN in $(pwd), $OTHER"'
allow="{programs: [$prog], env: [BOT_TOKEN, UNSET_ONE], dir: $room}"
BOT_TOKEN=tok-777777777 OTHER=other export BOT_TOKEN OTHER
project 1
run_exec --spend-anyway
has "$(outcome q1)" "token is [redacted] in $room, \"" "a variable that the policy names, struck out of what is kept; its folder"
hasnt "$(cat proj/.gate/runs/*/*)$out$err" "tok-777777777" "its value is nowhere"
allow=true

# A corrected 'expected' runs nothing again.
program 'echo x >>"'"$PWD"'/count"; printf "%s" "$1"'
project 5
run_exec
is "$(wc -l <count)" 5 "each case runs once"
sed -i 's/"expected":"say 1."/"expected":"say one."/' proj/cases.jsonl
git_commit proj
run_exec
is "$(wc -l <count)" 5 "with another expected answer nothing runs"
run_exec --fresh
is "$(wc -l <count)" 10 "until it is asked to"

# A program that was built anew is asked anew, and what it asked before is no evidence of it.
program 'echo x >>"'"$PWD"'/count"; echo broken'
run_exec
isnt "$rc" 0 "another program of the same name: not green by the answers of the old one"
is "$(wc -l <count)" 15 "... each case runs again"
run_exec
is "$(wc -l <count)" 15 "and once"
run_exec --resume
is "$(wc -l <count)" 15 "... also with --resume"

# A conversation: each turn is a call with all that was said.
exec_lines='output: text
prompt: [{role: user, content: "{{question}}"}]'
program 'cat | sed "s/.*\"messages\"://; s/,\"sample\".*//"'
project 1
printf '{"id":"q1","question":"one","turns":[{"user":"two"}],"expected":"x"}\n' >proj/cases.jsonl
sed -i 's/right: .*/right: {scorer: contains, value: two}/' proj/gate.yaml
git_commit proj
run_exec --spend-anyway
has "$(outcome q1)" '[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"[' "a conversation is told whole"
has "$(outcome q1)" '{\"role\":\"user\",\"content\":\"two\"}]' "... to its last turn"

# Ten megabytes.
exec_lines='output: text'
program 'head -c 10000000 /dev/zero | tr "\0" x'
project 2
run_exec --spend-anyway
accounts 2 2 0
ok "ten megabytes are an answer" test "$(outcome q1 | wc -c)" -gt 10000000
done_testing
