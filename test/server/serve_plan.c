#include "serve_plan.h"

enum { BYTES_MAX = 256 * 1024 * 1024 };

void plan_init(struct plan *p, struct arena *a)
{
	*p = (struct plan){ .arena = a };
	buf_init(&p->bytes, BYTES_MAX);
}

void plan_release(struct plan *p)
{
	buf_release(&p->bytes);
}

void plan_clear(struct plan *p)
{
	buf_reset(&p->bytes);
	p->step.n = 0;
	p->tail = TAIL_KEEP;
	p->drip = NULL;
	p->chunked = false;
}

/* The last step is open until the bytes' end; it is closed here and by the player. */
void plan_pause(struct plan *p, int64_t ms)
{
	if (ms <= 0)
		return;
	if (p->step.n)
		p->step.v[p->step.n - 1].end = p->bytes.n;
	else
		*vec_push(&p->step, p->arena) = (struct plan_step){ .end = p->bytes.n };
	*vec_push(&p->step, p->arena) = (struct plan_step){ .delay_ms = ms };
}

static const char *reason(int status)
{
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 429: return "Too Many Requests";
	case 500: return "Internal Server Error";
	case 503: return "Service Unavailable";
	default: return "Status";
	}
}

void plan_head(struct plan *p, int status, const char *type, const char *headers, int64_t length)
{
	p->chunked = length < 0;
	buf_addf(&p->bytes, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%s", status, reason(status), type,
		 headers);
	if (length < 0)
		buf_adds(&p->bytes, "Transfer-Encoding: chunked\r\n\r\n");
	else
		buf_addf(&p->bytes, "Content-Length: %lld\r\n\r\n", (long long)length);
}

void plan_body(struct plan *p, struct str bytes)
{
	if (!bytes.n)
		return;
	if (p->chunked)
		buf_addf(&p->bytes, "%zx\r\n", bytes.n);
	buf_add(&p->bytes, bytes);
	if (p->chunked)
		buf_adds(&p->bytes, "\r\n");
}

void plan_end(struct plan *p)
{
	if (p->chunked)
		buf_adds(&p->bytes, "0\r\n\r\n");
}

void plan_cut(struct plan *p, size_t at)
{
	if (at >= p->bytes.n)
		return;
	p->bytes.n = at;
	while (p->step.n > 1 && p->step.v[p->step.n - 2].end >= at)
		p->step.n--;
	for (size_t i = 0; i < p->step.n; i++)
		if (p->step.v[i].end > at)
			p->step.v[i].end = at;
}
