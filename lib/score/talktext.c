#include "score/talktext.h"

#include "base/limits.h"
#include "call/talk.h"
#include "doc/jsonx.h"

static bool is_kind(const json_t *step, const char *kind)
{
	return str_eqc(json_get_str(step, "kind"), kind);
}

struct str talktext_said(const struct evidence *ev)
{
	struct buf b;
	size_t i;
	json_t *step;
	if (!ev->reply || ev->reply->calls < 2)
		return ev->answer;
	buf_init(&b, SIZE_MAX / 2); /* answers have their own ceilings */
	json_array_foreach((json_t *)(uintptr_t)ev->reply->trajectory, i, step) {
		struct str text = json_get_str(step, "text");
		if (!is_kind(step, "model") || !text.n)
			continue;
		buf_adds(&b, b.n ? "\n\n" : "");
		buf_add(&b, text);
	}
	struct str said = arena_str(ev->arena, buf_str(&b));
	buf_release(&b);
	return said;
}

static void add_value(struct buf *b, const char *before, const json_t *v)
{
	if (!v)
		return;
	buf_adds(b, before);
	if (json_is_string(v))
		buf_add(b, json_str(v));
	else
		json_write(b, v);
}

static void add_step(struct buf *b, const json_t *step)
{
	struct str kind = json_get_str(step, "kind"), name = json_get_str(step, "name");
	const json_t *text = json_object_get(step, "text");
	if (is_kind(step, "model") && text && !json_string_length(text))
		return; /* nothing but calls of tools, which follow */
	buf_add(b, is_kind(step, "model") ? STR("assistant") : kind);
	if (name.n && !is_kind(step, "model")) {
		buf_addc(b, ' ');
		buf_add(b, name);
	}
	add_value(b, " ", json_object_get(step, "arguments"));
	add_value(b, " gave: ", json_object_get(step, "result"));
	add_value(b, " failed: ", json_object_get(step, "error"));
	add_value(b, ": ", text);
	buf_addc(b, '\n');
}

int talktext_write(struct str *out, const struct evidence *ev, struct err *err)
{
	const json_t *trajectory = ev->reply ? ev->reply->trajectory : NULL;
	struct buf b;
	size_t i;
	json_t *step;
	*out = (struct str){ .p = NULL };
	if (talk_is_plain(trajectory))
		return 0;
	buf_init(&b, TALK_TEXT_MAX);
	json_array_foreach((json_t *)(uintptr_t)trajectory, i, step)
		add_step(&b, step);
	bool over = b.over;
	*out = arena_str(ev->arena, buf_str(&b));
	buf_release(&b);
	return over ? err_set(err, ERR_ARTIFACT, "conversation is longer than the %zu bytes a judge is shown",
			      TALK_TEXT_MAX) : 0;
}
