#include "provider/bedrock_stream.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"

const json_t *bedrock_stream_json(struct bedrock_stream *s, struct str payload, struct arena *scratch)
{
	const json_t *root = answering_event(&s->in, payload, scratch);
	if (root && !json_is_object(root))
		reply_fail(s->in.reply, FAIL_MALFORMED, false, "an event of the stream is no object, but %s",
			   json_type_name(root));
	return json_is_object(root) ? root : NULL;
}

/* --- messages ------------------------------------------------------------------------------- */

static void take_exception(struct bedrock_stream *s, const struct eventstream_message *m)
{
	struct arena scratch = ARENA_INIT;
	const char *why;
	bedrock_fail(s->in.reply, 0, m->exception_type, json_lenient(&scratch, m->payload, &why), s->in.token);
	arena_release(&scratch);
}

static void take_error(struct bedrock_stream *s, const struct eventstream_message *m)
{
	struct arena scratch = ARENA_INIT;
	json_t *body = arena_json(&scratch, json_object());
	json_object_set_new(body, "message", json_from_str(m->error_message));
	bedrock_fail(s->in.reply, 0, m->error_code, body, s->in.token);
	arena_release(&scratch);
}

static int take_event(struct bedrock_stream *s, const struct eventstream_message *m)
{
	if (!s->reader->object)
		return s->reader->event(s, m->event_type, m->payload);
	struct arena scratch = ARENA_INIT;
	const json_t *root = bedrock_stream_json(s, m->payload, &scratch);
	int result = root ? s->reader->object(s, m->event_type, root) : -1;
	arena_release(&scratch);
	return result;
}

static int on_message(void *ctx, const struct eventstream_message *m)
{
	struct bedrock_stream *s = ctx;
	if (str_eqc(m->message_type, "event"))
		return take_event(s, m);
	if (str_eqc(m->message_type, "exception"))
		take_exception(s, m);
	else if (str_eqc(m->message_type, "error"))
		take_error(s, m);
	else
		reply_fail(s->in.reply, FAIL_MALFORMED, false,
			   "a message of the stream has the :message-type '%.*s'; expected event, exception or error",
			   STR_ARGS(str_sub(m->message_type, 0, 64)));
	return -1;
}

static int feed_frames(struct bedrock_stream *s, struct str piece)
{
	struct reply *r = s->in.reply;
	switch (eventstream_feed(&s->frames, piece)) {
	case EVENTSTREAM_OK:
		return 0;
	case EVENTSTREAM_STOPPED:
		break;
	case EVENTSTREAM_TOO_LARGE:
		reply_fail(r, FAIL_TOO_LARGE, false, "a message of the stream, or its headers, is larger than gate reads");
		break;
	case EVENTSTREAM_CORRUPT:
		reply_fail(r, FAIL_MALFORMED, false,
			   "a message of the stream is corrupt: a checksum, a length or a header does not hold");
		break;
	}
	return -1;
}

/* --- public --------------------------------------------------------------------------------- */

static void release_frames(void *p)
{
	eventstream_release(p);
}

static bool is_frames(const struct wire_status *st, const struct call *c)
{
	struct str type = wire_header_get(st, "content-type"), want = STR("application/vnd.amazon.eventstream");
	return type.n ? str_ieq(str_trim(str_sub(type, 0, want.n)), want) : c->endpoint->stream;
}

void bedrock_stream_begin(struct bedrock_stream *s, const struct bedrock_reader *reader, void *state, struct reply *r,
			  const struct wire_status *st, const struct call *c)
{
	answering_begin(&s->in, r, st, c, NULL, NULL);
	s->reader = reader;
	s->state = state;
	s->framed = s->in.body != ANSWER_ERROR && is_frames(st, c);
	if (s->in.body == ANSWER_SSE)
		s->in.body = ANSWER_JSON;
	s->error_type = arena_str(r->arena, str_sub(wire_header_get(st, "x-amzn-errortype"), 0, 256));
	eventstream_init(&s->frames, EVENTSTREAM_MESSAGE_MAX, on_message, s);
	arena_defer(r->arena, release_frames, &s->frames);
	r->streamed = s->framed;
}

int bedrock_stream_feed(struct bedrock_stream *s, struct reply *r, struct str piece, unsigned *events)
{
	if (!s->framed)
		return answering_feed(&s->in, r, piece, events);
	s->in.reply = r;
	s->in.events = 0;
	int result = feed_frames(s, piece);
	*events = s->in.events;
	return result;
}

static void finish_whole(struct bedrock_stream *s)
{
	struct reply *r = s->in.reply;
	struct arena scratch = ARENA_INIT;
	const char *why = "";
	const json_t *root = json_lenient(&scratch, buf_str(&s->in.text), &why);
	if (s->error_type.n || json_get_str(root, "__type").n)
		bedrock_fail(r, 0, s->error_type, root, false);
	else if (s->reader->text)
		s->reader->text(s, buf_str(&s->in.text));
	else if (!root)
		reply_fail(r, FAIL_MALFORMED, false, "the answer is no JSON: %s", why);
	else if (!json_is_object(root))
		reply_fail(r, FAIL_MALFORMED, false, "the answer is no JSON object, but %s", json_type_name(root));
	else
		s->reader->whole(s, root);
	arena_release(&scratch);
}

static void finish_error(struct bedrock_stream *s)
{
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_json(&s->in, &scratch);
	bedrock_fail(s->in.reply, s->in.reply->http_status, s->error_type, root, false);
	arena_release(&scratch);
}

void bedrock_stream_finish(struct bedrock_stream *s, struct reply *r)
{
	s->in.reply = r;
	if (s->in.body == ANSWER_ERROR)
		finish_error(s);
	else if (!s->framed)
		finish_whole(s);
	else if (eventstream_pending(&s->frames))
		reply_fail(r, FAIL_CUT, false, "the stream ended inside of a message");
	else
		s->reader->end(s);
}
