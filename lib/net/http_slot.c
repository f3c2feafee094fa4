#include "net/http_slot.h"

#include "base/limits.h"
#include "net/http_sign.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 15000 };
#define HEAD_BYTES_MAX (256 * KIB)

/* --- what curl calls ----------------------------------------------------------------------- */

/* Address bytes of a socket address; 0 when it is neither IPv4 nor IPv6. */
static size_t address_bytes(const struct sockaddr *sa, unsigned char out[16])
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		memcpy(out, &in.sin_addr, 4);
		return 4;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		memcpy(out, &in6.sin6_addr, 16);
		return 16;
	}
	return 0;
}

/* The last word on where a connection goes: names have been looked up by now, so a name that
 * points to a metadata service or into the private network stops here. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http_slot *s = ctx;
	unsigned char addr[16] = { 0 };
	size_t n = address_bytes(&to->addr, addr);
	enum url_net net = url_net_of(addr, n);
	bool near = net == URL_NET_LINK_LOCAL;
	bool ok = purpose == CURLSOCKTYPE_IPCXN && n && (!near || s->grant.link_local_ok) &&
		  (net == URL_NET_PUBLIC || s->grant.private_ok || s->route == ROUTE_PROXIED);
	if (!ok) {
		if (!n || !inet_ntop(to->addr.sa_family, addr, s->refused, sizeof(s->refused)))
			snprintf(s->refused, sizeof(s->refused), "unknown");
		return CURL_SOCKET_BAD;
	}
#ifdef SOCK_CLOEXEC
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
#else
	return socket(to->family, to->socktype, to->protocol);
#endif
}

/* A connection is ready and the request is about to be written on it. */
static int about_to_send(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	(void)ip, (void)local_ip, (void)port, (void)local_port;
	struct http_slot *s = ctx;
	if (s->x) {
		s->x->request_ns = loop_clock_ns(s->http->o.loop);
		s->x->sent = true;
	}
	return CURL_PREREQFUNC_OK;
}

int64_t http_slot_now(const struct http_slot *s)
{
	int64_t now = loop_now(s->http->o.loop);
	return now > s->x->request_ns ? now : loop_clock_ns(s->http->o.loop);
}

static void add_span(struct http_slot *s, struct str line)
{
	ptrdiff_t colon = str_chr(line, ':', 0);
	if (colon <= 0)
		return;
	struct str name = str_sub(line, 0, (size_t)colon);
	struct str value = str_trim(str_sub(line, (size_t)colon + 1, line.n));
	size_t at = s->head.n;
	buf_add(&s->head, name);
	buf_add(&s->head, value);
	*vec_push(&s->span, &s->http->arena) = (struct http_header_span){
		.name = at, .name_n = name.n, .value = at + name.n, .value_n = value.n
	};
}

static int code_of(struct str status_line)
{
	ptrdiff_t space = str_chr(status_line, ' ', 0);
	int code = 0;
	for (size_t i = 1; i <= 3; i++) {
		size_t at = (size_t)space + i;
		if (space < 0 || at >= status_line.n || status_line.p[at] < '0' ||
		    status_line.p[at] > '9')
			return 0;
		code = code * 10 + (status_line.p[at] - '0');
	}
	return code;
}

static int head_complete(struct http_slot *s)
{
	struct http_xfer *x = s->x;
	if (x->status < 200)
		return 0; /* 100 Continue, 103 Early Hints, or a proxy's answer to CONNECT */
	const char *base = buf_str(&s->head).p;
	s->header.n = 0;
	for (size_t i = 0; i < s->span.n; i++) {
		const struct http_header_span *p = &s->span.v[i];
		*vec_push(&s->header, &s->http->arena) = (struct wire_header){
			.name = { .p = base + p->name, .n = p->name_n },
			.value = { .p = base + p->value, .n = p->value_n },
		};
	}
	s->head_done = true;
	struct wire_status st = { .code = x->status, .header = s->header.v, .nheader = s->header.n };
	s->resend = s->signed_id.n && http_sign_resend(s, &st);
	if (!s->resend && !x->on_head(x, &st))
		return 0;
	s->stopped = true;
	return -1;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_slot *s = ctx;
	struct str line = { .p = p, .n = size * n };
	if (!s->x)
		return 0;
	if (s->head_done)
		return line.n; /* a trailer */
	if (!s->x->first_ns)
		s->x->first_ns = http_slot_now(s);
	if (str_starts(line, STR("HTTP/"))) {
		buf_reset(&s->head);
		s->span.n = 0;
		s->x->status = code_of(line);
		return line.n;
	}
	if (str_trim(line).n)
		add_span(s, line);
	else if (head_complete(s))
		return 0;
	s->head_too_large |= s->head.over;
	return s->head.over ? 0 : line.n;
}

static size_t on_piece(char *p, size_t size, size_t n, void *ctx)
{
	struct http_slot *s = ctx;
	struct http_xfer *x = s->x;
	struct str piece = { .p = p, .n = size * n };
	if (!x || !s->head_done)
		return 0;
	if (piece.n > x->body_max - x->body_bytes) {
		s->too_large = true;
		return 0;
	}
	x->body_bytes += piece.n;
	if (!x->on_body(x, piece, http_slot_now(s)))
		return piece.n;
	s->stopped = true;
	return 0;
}

/* --- the pool ------------------------------------------------------------------------------ */

#define SET(option, value) (failed |= curl_easy_setopt(e, (option), (value)) != CURLE_OK)

static bool set_constants(struct http_slot *s)
{
	CURL *e = s->easy;
	const struct http *h = s->http;
	bool failed = false;
	SET(CURLOPT_PRIVATE, s);
	SET(CURLOPT_ERRORBUFFER, s->error);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PATH_AS_IS, 1L); /* the bytes that were signed */
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_NOPROXY, "");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_PATH_AS_IS, 1L); /* what was checked and signed is what is sent */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(h->o.connect_ms ? h->o.connect_ms : CONNECT_MS));
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_USERAGENT, h->user_agent.p);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, s);
	SET(CURLOPT_PREREQFUNCTION, about_to_send);
	SET(CURLOPT_PREREQDATA, s);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, s);
	SET(CURLOPT_WRITEFUNCTION, on_piece);
	SET(CURLOPT_WRITEDATA, s);
	if (h->ca_file) {
		SET(CURLOPT_CAINFO, h->ca_file);
		SET(CURLOPT_PROXY_CAINFO, h->ca_file);
	}
	return !failed;
}

static struct http_slot *slot_new(struct http *h)
{
	struct http_slot *s = arena_new(&h->arena, struct http_slot);
	s->http = h;
	s->easy = curl_easy_init();
	buf_init(&s->head, HEAD_BYTES_MAX);
	s->next_all = h->all;
	h->all = s;
	return s->easy && set_constants(s) ? s : NULL;
}

struct http_slot *http_slot_take(struct http *h)
{
	struct http_slot *s = h->free_slot;
	if (!s)
		return slot_new(h);
	h->free_slot = s->next;
	return s;
}

void http_slot_give(struct http_slot *s)
{
	s->x = NULL;
	buf_reset(&s->head);
	s->span.n = 0;
	s->head_done = s->stopped = s->too_large = s->head_too_large = s->resend = false;
	s->signed_host = s->signed_id = (struct str){ .p = NULL };
	s->refused[0] = s->error[0] = '\0';
	s->next = s->http->free_slot;
	s->http->free_slot = s;
}

/* --- one attempt's options ----------------------------------------------------------------- */

static bool set_route(struct http_slot *s, enum http_route route)
{
	CURL *e = s->easy;
	bool failed = false;
	if (s->route == route)
		return true;
	s->route = route;
	SET(CURLOPT_PROTOCOLS_STR, route == ROUTE_PLAIN ? "http" : "https");
	SET(CURLOPT_HTTP_VERSION,
	    (long)(route == ROUTE_PLAIN ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	/* Wait for the first connection's answer to "HTTP/2?" rather than open many. */
	SET(CURLOPT_PIPEWAIT, route == ROUTE_PLAIN ? 0L : 1L);
	SET(CURLOPT_PROXY, route == ROUTE_PROXIED ? s->http->proxy.url : "");
	return !failed;
}

static bool set_method(struct http_slot *s, const struct wire_req *req)
{
	CURL *e = s->easy;
	bool failed = false, get = !strcmp(req->method, "GET");
	if (!s->method || strcmp(s->method, req->method)) {
		s->method = req->method;
		SET(CURLOPT_CUSTOMREQUEST, NULL);
		if (get)
			SET(CURLOPT_HTTPGET, 1L);
		else
			SET(CURLOPT_POST, 1L);
		if (!get && strcmp(req->method, "POST") != 0)
			SET(CURLOPT_CUSTOMREQUEST, req->method);
	}
	if (get)
		return !failed;
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n);
	SET(CURLOPT_POSTFIELDS, req->body.n ? req->body.p : "");
	return !failed;
}

static bool header_ok(struct wire_header h)
{
	for (size_t i = 0; i < h.name.n; i++)
		if (h.name.p[i] <= 0x20 || h.name.p[i] >= 0x7f || h.name.p[i] == ':')
			return false;
	for (size_t i = 0; i < h.value.n; i++) {
		unsigned char c = (unsigned char)h.value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return h.name.n > 0;
}

/* curl takes "Name;" for a header without a value. */
static char *header_line(struct wire_header h, struct arena *a)
{
	if (!h.value.n)
		return arena_fmt(a, "%.*s;", STR_ARGS(h.name));
	return arena_fmt(a, "%.*s: %.*s", STR_ARGS(h.name), STR_ARGS(h.value));
}

/* The credential's own header beside one of the target's: the server would pick. */
static bool is_doubled(const char *line, struct str name)
{
	return line && str_ieq(str_sub(str_c(line), 0, name.n), name) && line[name.n] == ':';
}

/* curl only reads the list, so its nodes can live in the slot and its texts in the arena. */
static int set_headers(struct http_slot *s, const struct http_auth *auth, struct err *err)
{
	const struct wire_req *req = s->x->req;
	size_t n = 0;
	char *const no_expect = arena_cstr(s->x->arena, STR("Expect:"));
	s->node[n++].data = no_expect; /* no round trip before a large body */
	if (auth->line)
		s->node[n++].data = (char *)(uintptr_t)auth->line;
	for (size_t i = 0; i < auth->aws.nheader; i++)
		s->node[n++].data = header_line(auth->aws.header[i], s->x->arena);
	for (size_t i = 0; i < req->header.n; i++) {
		struct wire_header h = req->header.v[i];
		if (!header_ok(h) || n == SLOT_NODES)
			return err_set(err, ERR_ARTIFACT,
				       "header '%.*s' cannot be sent: too many headers, or a control byte "
				       "in it",
				       STR_ARGS(str_sub(h.name, 0, 60)));
		if (is_doubled(auth->line, h.name))
			return err_set(err, ERR_ARTIFACT, "header '%.*s' is the one that carries the credential; remove "
							  "it from the target", STR_ARGS(h.name));
		s->node[n++].data = header_line(h, s->x->arena);
	}
	for (size_t i = 0; i < n; i++)
		s->node[i].next = i + 1 < n ? &s->node[i + 1] : NULL;
	CURL *e = s->easy;
	bool failed = false;
	SET(CURLOPT_HTTPHEADER, s->node);
	return failed ? err_set(err, ERR_SYSTEM, "curl refuses the headers") : 0;
}

int http_slot_shape(struct http_slot *s, const struct url *u, const struct http_auth *auth,
		    struct err *err)
{
	const struct wire_req *req = s->x->req;
	bool proxied = !s->grant.no_proxy && proxy_applies(&s->http->proxy, u->host);
	enum http_route route = !u->tls ? ROUTE_PLAIN : proxied ? ROUTE_PROXIED : ROUTE_TLS;
	CURL *e = s->easy;
	bool failed = !set_route(s, route) || !set_method(s, req);
	s->http->proxied |= route == ROUTE_PROXIED;
	SET(CURLOPT_URL, arena_cstr(s->x->arena, req->url));
	if (failed)
		return err_set(err, ERR_SYSTEM, "curl refuses the request for '%.*s'",
			       STR_ARGS(u->host));
	return set_headers(s, auth, err);
}

enum http_end http_slot_end(const struct http_slot *s, CURLcode code)
{
	if (s->stopped)
		return HTTP_STOPPED;
	if (s->too_large)
		return HTTP_TOO_LARGE;
	if (s->head_too_large)
		return HTTP_MALFORMED;
	if (code == CURLE_OK)
		return s->head_done ? HTTP_DONE : HTTP_MALFORMED;
	if (s->refused[0] && !s->x->sent)
		return HTTP_DENIED;
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_UNTRUSTED;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_CONTENT_ENCODING:
		return HTTP_MALFORMED;
	default:
		return s->head_done ? HTTP_CUT : HTTP_NETWORK;
	}
}
