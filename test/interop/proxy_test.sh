# Proxies: from HTTPS_PROXY and NO_PROXY and from nothing else, by CONNECT, certificates checked
# through them as ever, and shown in the record without their login.
. "$TOP/test/interop/interop.inc"
need_node
need_tool openssl jq
certificate good DNS:origin.example,IP:127.0.0.1 || fail "a certificate was made"
export SSL_CERT_FILE=$PWD/ca.pem

proxy() {
	proxy_log=$PWD/proxy.$((${#tap_pids[@]} + 1))
	: >"$proxy_log"
	spawn 'listening on port ([0-9]+)' "$node" "$TOP/test/interop/connect.cjs" "$proxy_log" "$@"
	proxy_port=$spawned
}
# through HOST [ENV…]: a run of 20 cases against HOST.
through() {
	local host=$1
	shift
	server_url=https://$host
	project 20
	sed -i "s/127\.0\.0\.1:$server_port/$host/g" proj/gate.policy.yaml
	git_commit proj host
	: >"$proxy_log"
	: >"$seen_log"
	run env "$@" "$GATE" run -C proj -o "$PWD/out.md" -o "$PWD/out.json"
}

origin good.key good.pem h2
proxy
through "origin.example:$server_port" "HTTPS_PROXY=http://127.0.0.1:$proxy_port"
ends 0 "through a proxy that alone knows the name"
accounts 20 20 0
like "$(cat "$proxy_log")" "^CONNECT origin\.example:$server_port " "the proxy was asked to connect"
is "$(jq -rs 'length' "$seen_log")" 20 "the server got the twenty requests"
is "$(jq -rs 'map(.v) | unique | @csv' "$seen_log")" '"2.0"' "HTTP/2 inside the tunnel"
is "$(head_q .proxy)" "http://127.0.0.1:$proxy_port" "the record names the proxy"
hasnt "$(cat "$proxy_log")" "$BOT_KEY" "the proxy does not see the key"
hasnt "$(tr A-Z a-z <"$proxy_log")" authorization "nor any header of the request"

through "127.0.0.1:$server_port" "HTTPS_PROXY=http://127.0.0.1:$proxy_port" NO_PROXY=example.org,127.0.0.1
ends 0 "NO_PROXY names the host"
is "$(wc -l <"$proxy_log")" 0 "NO_PROXY: the proxy saw nothing"
is "$(head_q 'has("proxy")')" false "NO_PROXY: the record names none"
through "127.0.0.1:$server_port" "https_proxy=http://127.0.0.1:$proxy_port" no_proxy='*'
is "$(wc -l <"$proxy_log")" 0 "in lower case too"
through "127.0.0.1:$server_port" "HTTP_PROXY=http://127.0.0.1:$proxy_port" \
	"http_proxy=http://127.0.0.1:$proxy_port" "ALL_PROXY=http://127.0.0.1:$proxy_port"
ends 0 "other variables"
is "$(wc -l <"$proxy_log")" 0 "HTTP_PROXY and ALL_PROXY lead nowhere"

# A proxy that breaks the tunnel open with its own certificate is not believed.
through "origin.example:$server_port" "HTTPS_PROXY=http://127.0.0.1:$proxy_port" \
	SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ends 3 "a certificate that does not hold, behind the proxy"
is "$(wc -l <"$seen_log")" 0 "nothing was sent"
server_stop "$spawn_pid"

# A proxy with a login: right, wrong, none.
login=canary-user:canary-proxy-password-77
proxy "$login"
through "origin.example:$server_port" "HTTPS_PROXY=http://$login@127.0.0.1:$proxy_port"
ends 0 "a proxy with a login"
is "$(head_q .proxy)" "http://127.0.0.1:$proxy_port" "the record names it without its login"
hasnt "$(cat -- proj/.gate/runs/*/* out.md out.json)$out$err" canary-proxy "the password is nowhere"
through "origin.example:$server_port" "HTTPS_PROXY=http://x:canary-wrong-88@127.0.0.1:$proxy_port"
ends 3 "a wrong login"
accounts 20 0 20
has "$out" 407 "a wrong login: the proxy's answer is named"
hasnt "$(cat -- proj/.gate/runs/*/* out.md out.json)$out$err" canary-wrong "the password is nowhere"
is "$(wc -l <"$seen_log")" 0 "nothing came to the server"
server_stop "$spawn_pid"
through "origin.example:$server_port" "HTTPS_PROXY=http://127.0.0.1:$proxy_port"
ends 3 "a proxy that is gone"
accounts 20 0 20
done_testing
