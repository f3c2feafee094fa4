/* struct http_slot: one pooled curl handle and the attempt that uses it.  For the http*.c files
 * alone.  A slot keeps its handle, its options and its memory between attempts, since building
 * them anew would cost more than the exchange. */
#ifndef NET_HTTP_SLOT_H
#define NET_HTTP_SLOT_H

#include "base/buf.h"
#include "net/http.h"
#include "net/proxy.h"
#include "wire/sigv4.h"
#include "wire/url.h"

#include <curl/curl.h>

enum http_route { ROUTE_NONE, ROUTE_PLAIN, ROUTE_TLS, ROUTE_PROXIED };

struct http {
	struct arena arena;
	struct http_opts o;
	CURLM *multi;
	struct loop_timer timer;
	struct loop_task drain;
	struct http_watch *free_watch;
	struct http_slot *free_slot, *all;
	struct proxy proxy;
	bool proxied;      /* an attempt was made through it */
	const char *ca_file;
	struct err ca_err; /* a variable names a file that cannot be read */
	struct str user_agent;
};

struct http_watch {
	struct loop_io io;
	struct http *http;
	struct http_watch *next;
};

struct http_header_span {
	size_t name, name_n, value, value_n; /* offsets into head */
};

enum { SLOT_NODES = 24 };

/* What authenticates an attempt: a header's line, or a signature's headers. */
struct http_auth {
	const char *line;
	struct sigv4 aws;
	struct str key_id;
	int64_t stamp_ms;
};

struct http_slot {
	CURL *easy;
	struct http *http;
	struct http_xfer *x; /* NULL: free */
	struct loop_timer deadline;
	struct http_slot *next, *next_all;
	struct buf head; /* the header lines of the answer, as received */
	VEC(struct http_header_span) span;
	VEC(struct wire_header) header;
	struct curl_slist node[SLOT_NODES];
	enum http_route route;
	const char *method;
	struct hosts_grant grant;
	struct str signed_host, signed_id; /* of the attempt's signature; absent: none */
	int64_t signed_ms;
	bool resend;
	char refused[64]; /* the address that was refused, or "" */
	bool head_done, stopped, too_large, head_too_large;
	char error[CURL_ERROR_SIZE];
};

/* When what is being read was ready: the turn's time; the clock itself where the request was written in this
 * very turn, and its answer came at once. */
int64_t http_slot_now(const struct http_slot *s);
/* A free slot with its constant options set; NULL when curl has no memory or handle. */
struct http_slot *http_slot_take(struct http *h);
void http_slot_give(struct http_slot *s);
/* Shape the attempt: URL, route, headers, body.  -1: something in it cannot be sent. */
int http_slot_shape(struct http_slot *s, const struct url *u, const struct http_auth *auth,
		    struct err *err) MUST_USE;
/* How it ended, from curl's code and what the callbacks saw. */
enum http_end http_slot_end(const struct http_slot *s, CURLcode code);

#endif
