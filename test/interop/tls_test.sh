# TLS: certificates are checked against the CA that was named, always; HTTP/2 where it is offered.
# The servers are node's and nginx's, the certificates OpenSSL's.
. "$TOP/test/interop/interop.inc"
need_node
need_tool openssl jq curl

certificate good IP:127.0.0.1,DNS:localhost && certificate other DNS:other.example &&
	certificate old IP:127.0.0.1,DNS:localhost expired || fail "certificates were made"
PROJECT_BAR='right.mean >= 0.5'

# refused NAME WHAT [ENV…]: the run is undecided, nothing reached the server, the cause is named.
refused() {
	local name=$1 what=$2
	shift 2
	project 20 "$PROJECT_BAR"
	run env "$@" "$GATE" run -C proj
	ends 3 "$name"
	accounts 20 0 20
	like "$out" "$what" "$name: the certificate's fault is named"
	is "$(wc -l <"$seen_log")" 0 "$name: no request, no key went out"
	[ -n "${again:-}" ] || is "$(each 'map(.times.attempts) | max')" 1 "$name: not tried again"
}
accepted() {
	local name=$1
	shift
	project 20 "$PROJECT_BAR"
	: >"$seen_log"
	run env "$@" "$GATE" run -C proj
	ends 0 "$name"
	accounts 20 20 0
	is "$(each 'map(.scores.right.value) | add')" 20 "$name: scores"
}

origin good.key good.pem h1
refused "an unknown CA" 'self-signed certificate|unable to get local issuer' A=b
has "$out" "SSL_CERT_FILE" "an unknown CA: what to set is said"
refused "another CA in SSL_CERT_FILE" 'certificate' SSL_CERT_FILE="$PWD/other.pem"
has "$out" "$PWD/other.pem" "another CA: the file that was used is named"
for variable in SSL_CERT_FILE CURL_CA_BUNDLE AWS_CA_BUNDLE; do
	accepted "$variable names the CA" "$variable=$PWD/ca.pem"
done
is "$(jq -rs 'map(.v) | unique | @csv' "$seen_log")" '"1.1"' "HTTP/1.1 where only that is spoken"
refused_before=$(wc -l <"$seen_log")
project 20 "$PROJECT_BAR"
run env SSL_CERT_FILE="$PWD/none.pem" "$GATE" run -C proj
isnt "$rc" 0 "SSL_CERT_FILE names nothing: no pass"
has "$out$err" "none.pem" "SSL_CERT_FILE names nothing: said"
: >empty.pem
run env SSL_CERT_FILE="$PWD/empty.pem" "$GATE" run -C proj
isnt "$rc" 0 "SSL_CERT_FILE is empty: no pass"
has "$out$err" "empty.pem" "SSL_CERT_FILE is empty: said"
is "$(wc -l <"$seen_log")" "$refused_before" "neither sent anything"
# Names that other programs take as "do not verify" are none here.
refused_before=$(wc -l <"$seen_log")
run env SSL_VERIFY=0 PYTHONHTTPSVERIFY=0 NODE_TLS_REJECT_UNAUTHORIZED=0 GIT_SSL_NO_VERIFY=1 \
	CURL_INSECURE=1 "$GATE" run -C proj
ends 3 "no variable switches checking off"
is "$(wc -l <"$seen_log")" "$refused_before" "and nothing was sent"
for word in --insecure -k --no-verify --no-check-certificate; do
	run "$GATE" run -C proj "$word"
	is "$rc" 2 "there is no '$word'"
done
unlike "$("$GATE" help run; "$GATE" schema; "$GATE" schema policy)" \
	'insecure|verify_ssl|tls_verify|skip.?verif|rejectUnauthorized' "no option or key speaks of it"
server_stop "$spawn_pid"

origin other.key other.pem h1
refused "a certificate for another name" 'does not match|subject name|no alternative' \
	SSL_CERT_FILE="$PWD/ca.pem"
server_stop "$spawn_pid"
origin old.key old.pem h1
refused "an expired certificate" 'expired' SSL_CERT_FILE="$PWD/ca.pem"
server_stop "$spawn_pid"
# A server that speaks no TLS at all.
origin
server_url=https://127.0.0.1:$server_port
again=1 refused "no TLS on the other side" 'SSL|TLS|wrong version|record' SSL_CERT_FILE="$PWD/ca.pem"
server_stop "$spawn_pid"
# One that ends at TLS 1.1.
spawn 'ACCEPT ([^:]*):' openssl s_server -accept 127.0.0.1:0 -key good.key -cert good.pem -www \
	-tls1_1 -cipher 'ALL:@SECLEVEL=0'
server_port=$(sed -n 's/^ACCEPT .*:\([0-9][0-9]*\)$/\1/p' "$spawn_out")
server_url=https://127.0.0.1:$server_port seen_log=/dev/null
again=1 refused "TLS 1.1" 'version|protocol|alert' SSL_CERT_FILE="$PWD/ca.pem"
server_stop "$spawn_pid"

# HTTP/2 by ALPN, from node.
origin good.key good.pem h2
accepted "node's HTTP/2" SSL_CERT_FILE="$PWD/ca.pem"
is "$(jq -rs 'map(.v) | unique | @csv' "$seen_log")" '"2.0"' "node's HTTP/2 was negotiated"
server_stop "$spawn_pid"

# nginx in front: HTTP/2 and HTTP/1.1, 200 cases, 64 at a time.
[ -x "$there/nginx" ] || { skip "no nginx"; done_testing; exit; }
origin
back=$server_port log=$PWD/access.log
for try in 1 2 3 4 5; do
	front=$((20000 + RANDOM % 20000))
	cat >nginx.conf <<-END
	daemon off;
	pid $PWD/nginx.pid;
	error_log $PWD/error.log notice;
	worker_processes 1;
	events { worker_connections 512; }
	http {
		access_log $PWD/access.log combined;
		log_format h '\$server_protocol \$connection \$status';
		client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3;
		uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
		ssl_certificate $PWD/good.pem; ssl_certificate_key $PWD/good.key;
		server { listen 127.0.0.1:$front ssl http2; access_log $log h;
			location / { proxy_pass http://127.0.0.1:$back; proxy_buffering off; } }
		server { listen 127.0.0.1:$((front + 1)) ssl; access_log $log h;
			location / { proxy_pass http://127.0.0.1:$back; proxy_buffering off; } }
	}
	END
	"$there/nginx" -p "$PWD" -e "$PWD/error.log" -c "$PWD/nginx.conf" 2>nginx.said &
	nginx_pid=$!
	tap_pids+=("$nginx_pid")
	for ((i = 0; i < 150; i++)); do
		! get --cacert ca.pem "https://127.0.0.1:$front/" >up 2>&1 || break 2
		kill -0 "$nginx_pid" 2>/dev/null || break
		sleep 0.02
	done
done
[ -s "$log" ] || { fail "nginx started"; diag "$(cat nginx.said error.log)"; }
for http in 2.0 1.1; do
	server_port=$front
	[ "$http" = 2.0 ] || server_port=$((front + 1))
	server_url=https://127.0.0.1:$server_port
	: >"$log"
	project 200 'right.mean >= 0.9' 'ttft.p95 < 30s'
	run env SSL_CERT_FILE="$PWD/ca.pem" "$GATE" run -C proj -j 64
	ends 0 "nginx, HTTP/$http, 64 at a time"
	accounts 200 200 0
	is "$(each 'map(.scores.right.value) | add')" 200 "nginx, HTTP/$http: scores"
	sleep 0.2
	is "$(awk '{ print $1 }' "$log" | sort | uniq -c | tr -s ' ')" " 200 HTTP/$http" \
		"nginx counted 200 requests in HTTP/$http"
	connections=$(awk '{ print $2 }' "$log" | sort -u | wc -l)
	diag "nginx, HTTP/$http: 200 requests over $connections connections"
	if [ "$http" = 2.0 ]; then
		ok "they share few connections ($connections)" test "$connections" -le 8
	else
		ok "one connection for each in flight at most ($connections)" test "$connections" -le 64
	fi
	cp -R "$(record)" "run-$http"
done
times='del(.times, .call) | del(.scores.ttft, .scores.latency)'
is "$(jq -c "$times" run-2.0/outcomes.jsonl | sha256sum)" "$(jq -c "$times" run-1.1/outcomes.jsonl | sha256sum)" \
	"HTTP/2 and HTTP/1.1 give the same outcomes but for times"
done_testing
