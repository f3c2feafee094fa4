/* struct http: every HTTP exchange of the program, over one curl multi in one loop.  Keep-alive,
 * HTTP/2 where TLS offers it, certificates always verified, no redirects, proxies only from
 * HTTPS_PROXY and NO_PROXY.  One http_xfer is one attempt: it is owned by whoever starts it and
 * lives until its done (or http_cancel).  Each attempt
 * is signed anew where AWS asks for it; an attempt that AWS refuses for a wrong clock or an expired
 * token is sent once more by itself.  No other retry, no codec, no queue lives here.  Callbacks come
 * from the loop, never from http_start. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "net/creds.h"
#include "net/hosts.h"
#include "net/loop.h"
#include "wire/wire.h"

struct http;
struct http_slot;

struct http_opts {
	struct loop *loop;
	const struct hosts *hosts;  /* borrowed */
	const struct creds *creds;  /* borrowed */
	struct redactor *redactor;  /* learns a proxy's password; may be NULL */
	/* HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, CURL_CA_BUNDLE, AWS_CA_BUNDLE; NULL: none is set. */
	const char *(*getenv)(void *ctx, const char *name);
	void *getenv_ctx;
	unsigned max_connections;   /* kept alive; 0 = 64 */
	int64_t connect_ms;         /* 0 = 15 s */
	const char *user_agent;     /* NULL = "gate/VERSION" */
};

enum http_end {
	HTTP_DONE,      /* status, headers and the whole body were read */
	HTTP_DENIED,    /* host not allowed, address refused or credential missing: nothing was sent */
	HTTP_UNTRUSTED, /* the server's certificate does not hold */
	HTTP_NETWORK,   /* name, connect, TLS, reset before the answer's head */
	HTTP_CUT,       /* the body ended before its end */
	HTTP_MALFORMED, /* what came is no HTTP */
	HTTP_TOO_LARGE, /* body_max was passed */
	HTTP_STOPPED,   /* a callback returned -1 */
	HTTP_DEADLINE,  /* deadline_ns passed */
};

struct http_xfer {
	/* In. */
	const struct wire_req *req;
	struct arena *arena;      /* for headers and texts */
	const struct hosts_grant *door; /* the credential chain's own way out: no list is asked; else NULL */
	size_t body_max;
	int64_t deadline_ns;      /* on the loop's clock; 0 = none */
	/* Status and headers are known (interim 1xx are not shown).  -1 stops. */
	int (*on_head)(struct http_xfer *x, const struct wire_status *st);
	/* A piece of the body; `now_ns` is when it was ready.  -1 stops. */
	int (*on_body)(struct http_xfer *x, struct str piece, int64_t now_ns);
	void (*on_done)(struct http_xfer *x);
	void *ctx;
	/* Out. */
	enum http_end end;
	const char *why;          /* one line, redacted; NULL when HTTP_DONE */
	int status;               /* 0 before the head */
	size_t body_bytes;
	bool sent;                /* the request was given to a connection: it may have been served */
	bool no_key;              /* HTTP_DEADLINE: still waiting for a credential */
	int64_t start_ns, request_ns, first_ns, end_ns; /* 0 = did not happen */
	unsigned resent;          /* sent once more by itself: another clock, another AWS key */
	/* http's. */
	struct http *http;
	struct http_slot *slot;
	struct creds_aws_wait wait; /* for an AWS key: nothing has been sent yet */
	struct loop_timer wait_end;
	bool skewed, renewed;       /* why it was resent */
};

struct http *http_new(const struct http_opts *o, struct err *err) MUST_USE;
/* Cancels what is in flight without calling back. */
void http_free(struct http *h);
/* Fails only before anything is sent, with x->end = HTTP_DENIED and *err; on_done is not called. */
int http_start(struct http *h, struct http_xfer *x, struct err *err) MUST_USE;
/* Forget x: no callback comes any more.  Not from on_head or on_body: return -1 there. */
void http_cancel(struct http *h, struct http_xfer *x);
/* Where certificates were found; NULL when nowhere (https then fails, saying so). */
const char *http_ca_file(const struct http *h);
/* The proxy that attempts went through, without its login, for the record; NULL when none did. */
const char *http_proxy(const struct http *h);

#endif
