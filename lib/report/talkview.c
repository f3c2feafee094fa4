#include "report/talkview.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "call/talk.h"
#include "doc/jsonx.h"

static bool is_kind(const json_t *step, const char *kind)
{
	return str_eqc(json_get_str(step, "kind"), kind);
}

static void add_text(struct buf *b, struct str s, size_t max)
{
	struct str shown = max ? utf8_prefix(s, max) : s;
	buf_add(b, shown);
	if (shown.n < s.n)
		buf_addf(b, "… (%zu more bytes)", s.n - shown.n);
}

static void add_value(struct buf *b, const json_t *v, size_t max)
{
	struct buf text;
	if (json_is_string(v)) {
		add_text(b, json_str(v), max);
		return;
	}
	buf_init(&text, OUTCOME_LINE_MAX);
	json_write(&text, v);
	add_text(b, buf_str(&text), max);
	buf_release(&text);
}

static void add_tool(struct buf *b, const json_t *step, size_t max)
{
	const json_t *arguments = json_object_get(step, "arguments"), *result = json_object_get(step, "result");
	struct str error = json_get_str(step, "error");
	buf_adds(b, "tool ");
	add_text(b, json_get_str(step, "name"), max);
	if (arguments) {
		buf_addc(b, ' ');
		add_value(b, arguments, max);
	}
	if (result) {
		buf_adds(b, " gave ");
		add_value(b, result, max);
	}
	if (error.n) {
		buf_adds(b, ", failed: ");
		add_text(b, error, max);
	}
	if (!result && !error.n)
		buf_adds(b, ", without a result");
}

static void add_step(struct buf *b, const json_t *step, size_t max)
{
	struct str finish = json_get_str(step, "finish");
	struct str name = json_get_str(step, "name"), text = json_get_str(step, "text");
	if (is_kind(step, "tool")) {
		add_tool(b, step, max);
	} else {
		add_text(b, is_kind(step, "model") ? STR("assistant") : json_get_str(step, "kind"), max);
		if (name.n && !is_kind(step, "model")) {
			buf_addc(b, ' ');
			add_text(b, name, max);
		}
		if (finish.n && !str_eqc(finish, "stop"))
			buf_addf(b, " (%.*s)", STR_ARGS(finish));
		buf_adds(b, text.n ? ": " : "");
		add_text(b, text, max);
		if (json_object_get(step, "result")) {
			buf_adds(b, ": ");
			add_value(b, json_object_get(step, "result"), max);
		}
	}
	buf_addc(b, '\n');
}

void talkview_write(struct buf *out, const json_t *trajectory, size_t step_max)
{
	size_t i;
	json_t *step;
	if (talk_is_plain(trajectory))
		return;
	json_array_foreach((json_t *)(uintptr_t)trajectory, i, step)
		add_step(out, step, step_max);
}
