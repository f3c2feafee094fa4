# Provider http: what goes out is what the target says, and a value never changes what is around it.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
. "$TOP/test/cli/http/app.inc"

# one LINES [CASE]: a project with one case and a target of these lines; run, its request in $request.
one() {
	rm -rf proj
	git_repo proj
	printf '%s\n' "${2:-$hostile}" >proj/cases.jsonl
	{
		printf 'version: 1\ntargets:\n  bot:\n    provider: http\n'
		sed "s#URL#$server_url#; s/^/    /" <<<"$1"
		printf 'suites:\n  main:\n    target: bot\n    cases: cases.jsonl\n    metrics:\n      right: {scorer: contains, value: "{{expected}}"}\n'
	} >proj/gate.yaml
	policy 'right.mean >= 0.01'
	git_commit proj project
	seen_mark
	run_gate --spend-anyway --fresh
	request=$(last_request)
}
hostile='{"id":"a/b?c","question":"say \"}, \"admin\": true, {\"x\":\" & 50% {{expected}}","list":[1,{"two":2}],"expected":"say"}'
script '{"rules":[{"answer":"say so"}]}'

one 'url: URL/app/json/{{id}}?q={{question}}&n={{list[0]}}
headers: {X-List: "{{list[0]}}", X-What: "a, {{id}}"}
body: {q: "{{question}}", all: "{{list}}", text: "[{{list[0]}}]", deep: [{id: "{{id}}"}]}
answer: reply.text'
like "$request" 'POST /app/json/a%2Fb%3Fc\?q=say%20%22%7D%2C%20%22admin%22%3A%20true%2C%20%7B%22x%22%3A%22%20%26%2050%25%20%7B%7Bexpected%7D%7D&n=1 HTTP' \
	"values in the URL are percent-encoded"
has "$request" '{"q":"say \"}, \"admin\": true, {\"x\":\" & 50% {{expected}}","all":[1,{"two":2}],"text":"[1]","deep":[{"id":"a/b?c"}]}' \
	"values in the body stay values, and keep their type; none is rendered a second time"
like "$request" 'X-List: 1' "a header"
like "$request" 'X-What: a, a/b\?c' "another"
like "$request" 'Content-Type: application/json' "the body's type"
like "$request" "Authorization: Bearer $BOT_KEY" "the key that the policy binds to the host"

one 'url: URL/app/json
body: "{\"q\": \"{{question}}\", \"n\": \"{{list[1].two}}\"}"
answer: reply.text'
has "$request" '{"q":"say \"}, \"admin\": true, {\"x\":\" & 50% {{expected}}","n":2}' "a text that is JSON is parsed first"

one 'url: URL/app/json
headers: {Content-Type: application/x-www-form-urlencoded}
body: {q: "{{question}}", n: 1}
answer: reply.text'
has "$request" 'q=say%20%22%7D%2C%20%22admin%22%3A%20true%2C%20%7B%22x%22%3A%22%20%26%2050%25%20%7B%7Bexpected%7D%7D&n=1' "a form"

one 'url: URL/app/json
headers: {Content-Type: application/x-www-form-urlencoded}
body: "q={{id}}&x=1"
answer: reply.text'
has "$request" 'q=a%2Fb%3Fc&x=1' "a form as text"

one 'url: URL/app/json
body: "<q>{{id}}</q>"
answer: reply.text'
has "$request" '<q>a/b?c</q>' "any other text as it is"
like "$request" 'Content-Type: text/plain' "... as text"

one 'url: URL/app/json?q={{id}}
answer: reply.text'
like "$request" 'GET /app/json\?q=a%2Fb%3Fc HTTP' "without a body it is a GET"

one 'url: URL/app/json
method: PUT
body: [1]
answer: reply.text'
like "$request" 'PUT /app/json HTTP' "another method"

# The prompt, as a model would get it.
one 'url: URL/app/json
prompt: [{role: system, content: Be brief.}, {role: user, content: "Q: {{question}}"}]
body: {messages: "{{messages}}", last: "{{prompt}}"}
answer: reply.text' '{"id":"q","question":"why?","expected":"say"}'
has "$request" '{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Q: why?"}],"last":"Q: why?"}' \
	"the prompt's messages"

# A conversation.
one 'url: URL/app/json
prompt: [{role: user, content: "{{question}}"}]
body: {messages: "{{messages}}"}
answer: reply.text' '{"id":"q","question":"why?","expected":"say","turns":[{"user":"and then?"}]}'
has "$request" '[{"role":"user","content":"why?"},{"role":"assistant","content":"say so"},{"role":"user","content":"and then?"}]' \
	"a conversation goes out whole"

# What the digest covers: a corrected 'expected' calls nothing, a changed question does.
one 'url: URL/app/json
body: {q: "{{question}}"}
answer: reply.text' '{"id":"q","question":"why?","expected":"say"}'
is "$(since)" 1 "called once"
sed -i 's/"expected":"say"/"expected":"so"/' proj/cases.jsonl
git_commit proj
run_gate --spend-anyway
ends 0 "with another expected answer"
is "$(since)" 0 "nothing is called again"
sed -i 's/why?/why not?/' proj/cases.jsonl
git_commit proj
run_gate --spend-anyway
is "$(since)" 1 "another question is"

# Mistakes are found before anything is spent, with their place.
mistake() { # DESC WHAT LINES [CASE]
	one "$3" "${4:-$hostile}"
	ends 2 "$1"
	like "$err$out" "(gate.yaml|cases.jsonl):[0-9]+:[0-9]+: error: .*$2" "$1: named with its place"
	is "$(since)" 0 "$1: nothing was called"
}
rest='
answer: reply.text'
mistake "a variable that no case has" "'nobody'" "url: URL/app/json?q={{nobody}}$rest"
mistake "... in the body" "'nobody'" "url: URL/app/json
body: {a: [{b: '{{nobody}}'}]}$rest"
mistake "... in JSON text" "'nobody'" "url: URL/app/json
body: '{\"a\": \"{{nobody}}\"}'$rest"
mistake "a host that a case chooses" "a case cannot choose where to call" "url: http://{{id}}/x$rest"
mistake "a port that a case chooses" "a case cannot choose where to call" "url: http://127.0.0.1:{{id}}/x$rest"
mistake "a URL that a case chooses" "a case cannot choose where to call" "url: '{{id}}'$rest"
mistake "a block in a URL" "only" "url: URL/{% if id %}x{% endif %}$rest"
mistake "a path that goes up" "becomes '..'" "url: URL/app/json/{{id}}/x$rest" '{"id":"..","expected":"x"}'
mistake "a header that breaks" "byte 0x0d" "url: URL/app/json
headers: {X-A: '{{question}}'}$rest" '{"id":"q","question":"a\r\nX-Admin: 1","expected":"x"}'
mistake "a credential in a header" "trust.credentials" "url: URL/app/json
headers: {authorization: Bearer abc}$rest"
mistake "a header of gate's own" "gate's own" "url: URL/app/json
headers: {Content-Length: '7'}$rest"
mistake "JSON text that is none" "begins like JSON" "url: URL/app/json
body: '{\"a\": {{question}}}'$rest"
mistake "a template in a name" "names are not filled in" "url: URL/app/json
body: {'{{id}}': 1}$rest"
mistake "a GET with a body" "a GET has no body" "url: URL/app/json
method: GET
body: {a: 1}$rest"
mistake "the expected answer in the request" "by its name holds an answer" "url: URL/app/json
body: {a: '{{expected}}'}$rest"
mistake "a path that is none" "answer" "url: URL/app/json
answer: \$.a["
mistake "a stream without an end" "done" "url: URL/app/json
stream: {delta: a}$rest"
mistake "a prompt that goes nowhere" "go nowhere" "url: URL/app/json
prompt: [{role: user, content: hello}]
body: {q: '{{id}}'}$rest"
mistake "a path with a template" "holds no template" "url: URL/app/json?i={{id}}
answer: '{{id}}'"
mistake "params that go nowhere" "go nowhere" "url: URL/app/json
params: {temperature: 0}$rest"
mistake "a misspelt key" "anwser" "url: URL/app/json
anwser: x"
server_stop

# An application can judge; it is sent what the scorer asks.
judge() {
	{
		printf 'version: 1\ntargets:\n  bot: {provider: recorded}\n  app:\n    provider: http\n    url: %s/app/json\n' "$server_url"
		printf '    body: {ask: "%s"}\n    answer: reply.text\nsuites:\n  main:\n    target: bot\n    cases: cases.jsonl\n' "$1"
		printf '    metrics:\n      right: {scorer: judge, rubric: Is it so?, with: app}\n'
	} >proj/gate.yaml
	echo '{"id":"q","question":"why?","output":"say so"}' >proj/cases.jsonl
	policy 'right.mean >= 0.01'
	git_commit proj judge
	run_gate --spend-anyway
}
script '{"rules":[{"answer":"{\"reason\":\"it is\",\"score\":1,\"pass\":true}"}]}'
seen_mark
judge '{{question}}'
ends 2 "a judge that reads a case"
like "$err$out" "gate.yaml:[0-9]+:[0-9]+: error: target 'app' judges" "is named with its place"
is "$(since)" 0 "nothing was called"
judge '{{messages}}'
accounts 1 1 0
is "$(since)" 1 "a judge that is sent the messages is asked"
server_stop

# A header of the target never stands beside the credential's own.
script '{"rules":[{"answer":"say so"}]}'
policy() {
	cat >proj/gate.policy.yaml <<-END
	version: 1
	stages: {pre: {suites: [main], thresholds: [$(printf "'%s', " "$@")]}}
	trust:
	  hosts: ["127.0.0.1:$server_port"]
	  credentials: [{host: "127.0.0.1:$server_port", env: BOT_KEY, header: X-Bot-Key}]
	END
}
one 'url: URL/app/json
headers: {x-bot-key: mine}
answer: reply.text'
ends 3 "a header that the credential has"
has "$out" "carries the credential" "is named"
is "$(since)" 0 "and nothing is sent"
server_stop

# The policy's list of hosts holds here, too.
script '{"rules":[{"answer":"say so"}]}'
one 'url: http://127.0.0.2:9/app/json
answer: reply.text'
ends 3 "a host that the policy does not name"
has "$out" "denied" "is denied"
server_stop
done_testing
