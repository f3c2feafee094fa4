#include "wire/eventstream.h"

#include "base/crc.h"

/* total length, length of the headers, checksum of these two; at the end the message's checksum */
enum { PRELUDE = 12, CHECKSUM = 4, FRAME = PRELUDE + CHECKSUM };

enum { UUID_BYTES = 16 };

void eventstream_init(struct eventstream *s, size_t max, eventstream_fn *fn, void *ctx)
{
	*s = (struct eventstream){ .fn = fn, .ctx = ctx, .max = max < FRAME ? FRAME : max };
	buf_init(&s->message, s->max);
}

void eventstream_release(struct eventstream *s)
{
	buf_release(&s->message);
}

static uint64_t big_endian(const char *p, size_t n)
{
	uint64_t x = 0;
	for (size_t i = 0; i < n; i++)
		x = x << 8 | (unsigned char)p[i];
	return x;
}

static size_t length_at(struct str bytes, size_t at)
{
	return (size_t)big_endian(bytes.p + at, 4);
}

static bool sum_holds(struct str bytes, size_t at)
{
	return crc_32(str_sub(bytes, 0, at)) == big_endian(bytes.p + at, CHECKSUM);
}

/* --- headers ------------------------------------------------------------------------------- */

/* Take n bytes off *rest; false when there are fewer. */
static bool take(struct str *rest, size_t n, struct str *out)
{
	if (n > rest->n)
		return false;
	*out = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return true;
}

/* Bytes after a length in its own `n` bytes. */
static bool take_sized(struct str *rest, size_t n, struct str *out)
{
	struct str size;
	return take(rest, n, &size) && take(rest, (size_t)big_endian(size.p, n), out);
}

static bool take_number(struct str *rest, size_t n, int64_t *out)
{
	struct str bytes;
	if (!take(rest, n, &bytes))
		return false;
	uint64_t x = big_endian(bytes.p, n), sign = (uint64_t)1 << (8 * n - 1);
	*out = (int64_t)((x ^ sign) - sign);
	return true;
}

static bool take_value(struct str *rest, struct eventstream_header *h)
{
	switch (h->type) {
	case EVENTSTREAM_TRUE:
		h->number = 1;
		return true;
	case EVENTSTREAM_FALSE:
		return true;
	case EVENTSTREAM_I8:
		return take_number(rest, 1, &h->number);
	case EVENTSTREAM_I16:
		return take_number(rest, 2, &h->number);
	case EVENTSTREAM_I32:
		return take_number(rest, 4, &h->number);
	case EVENTSTREAM_I64:
	case EVENTSTREAM_TIME:
		return take_number(rest, 8, &h->number);
	case EVENTSTREAM_BYTES:
	case EVENTSTREAM_STRING:
		return take_sized(rest, 2, &h->value);
	case EVENTSTREAM_UUID:
		return take(rest, UUID_BYTES, &h->value);
	}
	return false;
}

static bool take_header(struct str *rest, struct eventstream_header *h)
{
	struct str type;
	*h = (struct eventstream_header){ .number = 0 };
	if (!take_sized(rest, 1, &h->name) || !h->name.n || !take(rest, 1, &type) ||
	    (unsigned char)type.p[0] > EVENTSTREAM_UUID)
		return false;
	h->type = (enum eventstream_type)type.p[0];
	return take_value(rest, h);
}

static bool seen_before(const struct eventstream *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s->header[i].name, s->header[n].name))
			return true;
	return false;
}

static enum eventstream_result read_headers(struct eventstream *s, struct str rest, size_t *n)
{
	for (*n = 0; rest.n; ++*n) {
		if (*n == EVENTSTREAM_HEADERS_MAX)
			return EVENTSTREAM_TOO_LARGE;
		if (!take_header(&rest, &s->header[*n]) || seen_before(s, *n))
			return EVENTSTREAM_CORRUPT;
	}
	return EVENTSTREAM_OK;
}

static void name_known(struct eventstream_message *m)
{
	const struct {
		const char *name;
		struct str *to;
	} known[] = {
		{ ":message-type", &m->message_type },     { ":event-type", &m->event_type },
		{ ":exception-type", &m->exception_type }, { ":content-type", &m->content_type },
		{ ":error-code", &m->error_code },         { ":error-message", &m->error_message },
	};
	for (size_t i = 0; i < m->nheader; i++)
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			if (m->header[i].type == EVENTSTREAM_STRING &&
			    str_eqc(m->header[i].name, known[k].name))
				*known[k].to = m->header[i].value;
}

/* --- messages ------------------------------------------------------------------------------ */

/* The first bytes promise how many follow: believed only when their own checksum holds. */
static enum eventstream_result check_prelude(const struct eventstream *s, struct str bytes)
{
	size_t total = length_at(bytes, 0), headers = length_at(bytes, 4);
	if (!sum_holds(bytes, PRELUDE - CHECKSUM))
		return EVENTSTREAM_CORRUPT;
	if (total < FRAME || headers > total - FRAME)
		return EVENTSTREAM_CORRUPT;
	if (total > s->max || headers > EVENTSTREAM_HEADER_BYTES_MAX)
		return EVENTSTREAM_TOO_LARGE;
	return EVENTSTREAM_OK;
}

static enum eventstream_result take_message(struct eventstream *s, struct str bytes)
{
	struct eventstream_message m = { .header = s->header };
	size_t end = PRELUDE + length_at(bytes, 4);
	if (!sum_holds(bytes, bytes.n - CHECKSUM))
		return EVENTSTREAM_CORRUPT;
	enum eventstream_result r = read_headers(s, str_sub(bytes, PRELUDE, end), &m.nheader);
	if (r)
		return r;
	m.payload = str_sub(bytes, end, bytes.n - CHECKSUM);
	name_known(&m);
	return s->fn(s->ctx, &m) ? EVENTSTREAM_STOPPED : EVENTSTREAM_OK;
}

/* Move bytes from *piece until the message under way has `n`; false when they do not suffice. */
static bool fill(struct eventstream *s, struct str *piece, size_t n)
{
	size_t missing = n - s->message.n, part = piece->n < missing ? piece->n : missing;
	buf_add(&s->message, str_sub(*piece, 0, part));
	*piece = str_sub(*piece, part, piece->n);
	return part == missing;
}

enum eventstream_result eventstream_feed(struct eventstream *s, struct str piece)
{
	while (!s->failed && piece.n) {
		if (s->message.n < PRELUDE) {
			if (fill(s, &piece, PRELUDE))
				s->failed = check_prelude(s, buf_str(&s->message));
			continue;
		}
		if (!fill(s, &piece, length_at(buf_str(&s->message), 0)))
			break;
		s->failed = take_message(s, buf_str(&s->message));
		buf_reset(&s->message);
	}
	return s->failed;
}

bool eventstream_pending(const struct eventstream *s)
{
	return s->message.n > 0;
}
