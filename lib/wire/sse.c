#include "wire/sse.h"

#include <string.h>

/* Room in a line for the field's name, its colon, its space and a byte order mark. */
enum { FIELD_ROOM = 32 };

enum { AFTER_CR = 1, PAST_FIRST_LINE = 2, TOO_LARGE = 4 };

void sse_init(struct sse *s, size_t max, sse_fn *fn, void *ctx)
{
	*s = (struct sse){ .fn = fn, .ctx = ctx, .max = max };
	buf_init(&s->line, max + FIELD_ROOM);
	buf_init(&s->data, max + 1);
	buf_init(&s->event, max);
	buf_init(&s->id, max);
}

void sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
	buf_release(&s->event);
	buf_release(&s->id);
}

static enum sse_result failure(struct sse *s, enum sse_result why)
{
	s->failed = true;
	if (why == SSE_TOO_LARGE)
		s->state |= TOO_LARGE;
	return why;
}

static enum sse_result dispatch(struct sse *s)
{
	struct sse_event ev = { .event = { .p = NULL } };
	bool wanted = s->has_data;
	if (wanted) {
		ev.data = str_sub(buf_str(&s->data), 0, s->data.n - 1); /* less the last LF */
		if (s->has_event && s->event.n)
			ev.event = buf_str(&s->event);
		if (s->has_id)
			ev.id = buf_str(&s->id);
	}
	int stop = wanted ? s->fn(s->ctx, &ev) : 0;
	buf_reset(&s->data);
	buf_reset(&s->event);
	s->has_data = s->has_event = false;
	return stop ? failure(s, SSE_STOPPED) : SSE_OK;
}

static void field(struct sse *s, struct str name, struct str value)
{
	if (str_eqc(name, "data")) {
		buf_add(&s->data, value);
		buf_addc(&s->data, '\n');
		s->has_data = true;
	} else if (str_eqc(name, "event")) {
		buf_reset(&s->event);
		buf_add(&s->event, value);
		s->has_event = true;
	} else if (str_eqc(name, "id") && str_chr(value, '\0', 0) < 0) {
		buf_reset(&s->id);
		buf_add(&s->id, value);
		s->has_id = true;
	}
}

static enum sse_result take_line(struct sse *s, struct str line)
{
	if (line.n > s->line.max)
		return failure(s, SSE_TOO_LARGE);
	if (!(s->state & PAST_FIRST_LINE)) {
		s->state |= PAST_FIRST_LINE;
		if (str_starts(line, STR("\xef\xbb\xbf")))
			line = str_sub(line, 3, line.n);
	}
	if (!line.n)
		return dispatch(s);
	ptrdiff_t colon = str_chr(line, ':', 0);
	if (colon == 0)
		return SSE_OK; /* a comment */
	size_t at = colon < 0 ? line.n : (size_t)colon;
	struct str value = str_sub(line, at + 1, line.n);
	if (value.n && value.p[0] == ' ')
		value = str_sub(value, 1, value.n);
	field(s, str_sub(line, 0, at), value);
	if (s->data.over || s->event.over || s->id.over)
		return failure(s, SSE_TOO_LARGE);
	return SSE_OK;
}

/* The line ends here: what an earlier piece left, and the rest of it. */
static enum sse_result end_line(struct sse *s, struct str rest)
{
	if (!s->line.n)
		return take_line(s, rest);
	buf_add(&s->line, rest);
	if (s->line.over)
		return failure(s, SSE_TOO_LARGE);
	enum sse_result r = take_line(s, buf_str(&s->line));
	buf_reset(&s->line);
	return r;
}

/* A line that a CR ended is taken at the next byte: only that tells CR from CRLF, and so an event
 * whose last CR ends the stream is unfinished, as eventsource-parser has it. */
static enum sse_result after_cr(struct sse *s, char next, size_t *i)
{
	s->state &= (unsigned char)~AFTER_CR;
	*i += next == '\n';
	return end_line(s, STR(""));
}

static enum sse_result keep(struct sse *s, struct str part)
{
	buf_add(&s->line, part);
	return s->line.over ? failure(s, SSE_TOO_LARGE) : SSE_OK;
}

enum sse_result sse_feed(struct sse *s, struct str piece)
{
	enum sse_result r = SSE_OK;
	if (s->failed)
		return s->state & TOO_LARGE ? SSE_TOO_LARGE : SSE_STOPPED;
	for (size_t i = 0; i < piece.n && !r; ) {
		if (s->state & AFTER_CR) {
			r = after_cr(s, piece.p[i], &i);
			continue;
		}
		size_t from = i;
		while (i < piece.n && piece.p[i] != '\n' && piece.p[i] != '\r')
			i++;
		struct str part = str_sub(piece, from, i);
		if (i == piece.n)
			return keep(s, part);
		if (piece.p[i++] == '\n') {
			r = end_line(s, part);
			continue;
		}
		s->state |= AFTER_CR;
		r = keep(s, part);
	}
	return r;
}
