# A key goes to the host it is bound to and nowhere else: not to another host, not after a
# redirect, not into a file, a report or a message, even when the server says it back.
. "$TOP/test/interop/interop.inc"
need_node
need_tool jq
export BOT_KEY=sk-canary-8f3a61c09d72e54b OPENAI_API_KEY=sk-usual-canary-55d1e07ab93c462f

# Every spelling of a key that must be nowhere: itself, and inside base64 at each alignment.
spellings() {
	local key=$1 pad text
	echo "$key"
	for pad in '' x xx; do
		text=$(printf '%s%s' "$pad" "$key" | base64 -w0)
		[ -z "$pad" ] || text=${text:4}
		echo "${text:0:$((${#text} - 5))}"
	done
}
# nowhere NAME: neither key is in the store, the record, the reports, or what was printed.
nowhere() {
	local name=$1 key found
	{ spellings "$BOT_KEY"; spellings "$OPENAI_API_KEY"; } >spellings
	found=$(grep -rlaFf spellings proj/.gate replies out.* "$tap_dir/out" "$tap_dir/err")
	is "$found" "" "$name: the keys are in no file and no output"
}
everything() {
	rm -rf replies out.*
	run_gate --spend-anyway --verbose --record "$PWD/replies" -o "$PWD/out.json" -o "$PWD/out.md" \
		-o "$PWD/out.xml" "$@"
}
# credentials HOST…: bind BOT_KEY to these hosts alone; every origin may be called.
credentials() {
	local host list=
	for host; do list+="{host: \"$host\", env: BOT_KEY}, "; done
	sed -i -e "s/^  hosts:.*/  hosts: [\"127.0.0.1:$port_a\", \"127.0.0.1:$port_b\"]/" \
		-e "s/^  credentials:.*/  credentials: [$list]/" proj/gate.policy.yaml
	git_commit proj credentials
}
# at URL: the target's base_url.
at() {
	server_url=$1
	project 20
	sed -i "s|$1/v1|$1|" proj/gate.yaml
	: >"$log_a"
	: >"$log_b"
}
origin
port_a=$server_port log_a=$seen_log
origin
port_b=$server_port log_b=$seen_log
a=http://127.0.0.1:$port_a b=http://127.0.0.1:$port_b

at "$a/v1"
credentials "127.0.0.1:$port_a"
everything
ends 0 "the host that the key is bound to"
is "$(jq -rs 'map(.headers.authorization) | unique | @csv' "$log_a")" "\"Bearer $BOT_KEY\"" \
	"it gets that key and no other"
nowhere "an ordinary run"

at "$b/v1"
credentials "127.0.0.1:$port_a"
everything
ends 0 "another host of the list"
accounts 20 20 0
is "$(jq -rs 'map(.headers.authorization) | unique | @csv' "$log_b")" "" "it gets no key at all"
hasnt "$(cat "$log_b")" canary "nor is one elsewhere in the request"

at "$b/v1"
sed -i "s/^  hosts:.*/  hosts: [\"127.0.0.1:$port_a\"]/" proj/gate.policy.yaml
git_commit proj hosts
everything
isnt "$rc" 0 "a host outside the list: no pass"
is "$(wc -l <"$log_b")" 0 "a host outside the list: nothing is sent there"

# The change binds the key to its own host; the policy ref's word counts.
at "$a/v1"
credentials "127.0.0.1:$port_a"
git -C proj branch -q protected
credentials "127.0.0.1:$port_b"
sed -i "s|$a/v1|$b/v1|" proj/gate.yaml
git_commit proj steal
everything --policy-ref protected
hasnt "$(cat "$log_b")" canary "a change cannot bind the key to a host of its own"
nowhere "a change that tries"

for code in 301 302 303 307 308; do
	at "$a/redirect/$code/$(jq -rn --arg u "$b/v1/chat/completions" '$u | @uri')"
	credentials "127.0.0.1:$port_a" "127.0.0.1:$port_b"
	everything
	ends 3 "redirect $code"
	accounts 20 0 20
	like "$out" "$code|redirect" "redirect $code is named"
	is "$(wc -l <"$log_b")" 0 "redirect $code: nothing was sent there"
	nowhere "redirect $code"
done

for code in 400 401 429 500; do
	at "$a/echo/$code"
	credentials "127.0.0.1:$port_a"
	[ "$code" = 400 ] || [ "$code" = 401 ] || cases 1 && git_commit proj few
	everything --only main
	ends 3 "the key said back in a $code"
	has "$(cat "$log_a")" "$BOT_KEY" "$code: it had been sent"
	like "$(cat proj/.gate/runs/*/outcomes.jsonl)" 'redacted' "$code: it is struck out"
	nowhere "$code that says it back"
done

at "$a/parrot"
credentials "127.0.0.1:$port_a"
printf '      told: {scorer: secrets}\n' >>proj/gate.yaml
git_commit proj secrets
everything
accounts 20 20 0
has "$(grep -rla marker-4711 proj/.gate replies out.json | tr '\n' ' ')" outcomes.jsonl \
	"the answer that says it back is kept"
has "$(grep -rla marker-4711 proj/.gate replies | tr '\n' ' ')" store.db "and this search sees into the store"
is "$(each 'map(.scores.told.value) | add')" 20 "what is struck out still counts as a leak"
nowhere "an answer that says it back"
run_gate --spend-anyway --verbose
has "$out" "replies reused" "the answer comes out of the store again"
is "$(each 'map(.scores.told.value) | add')" 20 "what is struck out still counts as a leak, also then"
nowhere "an answer out of the store"
gate show -C proj last/q1
has "$out" marker-4711 "show prints the answer"
nowhere "show"

# Neither does a key go where a URL or a template asks for it.
project 20
server_url=http://canary-user:canary-pass@127.0.0.1:$port_a
config
git_commit proj userinfo
: >"$log_a"
everything
isnt "$rc" 0 "a login in base_url: no pass"
is "$(wc -l <"$log_a")" 0 "a login in base_url: nothing is sent"
done_testing
