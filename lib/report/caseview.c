#include "report/caseview.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "record/past.h"
#include "report/talkview.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <math.h>

static void put_status(struct textw *w, enum paint paint, const struct outcome *o)
{
	struct buf status, safe;
	buf_init(&status, ROW_BYTES_MAX);
	buf_init(&safe, ROW_BYTES_MAX);
	past_status(&status, o);
	text_safe(&safe, buf_str(&status), w->o->utf8);
	textw_put(w, paint, buf_cstr(&safe));
	buf_release(&safe);
	buf_release(&status);
}

static void put_title(struct textw *w, const struct record *r, const struct outcome *o)
{
	static const enum paint paints[] = { PAINT_NONE, PAINT_YELLOW, PAINT_DIM, PAINT_DIM };
	const struct suite_head *s = &r->suite[o->suite];
	textw_safe(w, str_c(s->name), 0);
	sink_puts(w->out, "/");
	textw_safe(w, o->case_id, 0);
	if (s->repeats > 1)
		sink_printf(w->out, "  sample %u of %u", o->sample + 1, s->repeats);
	sink_puts(w->out, "  ");
	put_status(w, paints[o->status], o);
	if (o->at.file) {
		sink_puts(w->out, "  ");
		textw_safe(w, str_c(o->at.file), 0);
		sink_printf(w->out, ":%u", o->at.line);
	}
	sink_puts(w->out, "\n");
	for (size_t i = 0; i < o->ntag; i++) {
		sink_puts(w->out, "  ");
		textw_safe(w, o->tag[i].key, 0);
		sink_puts(w->out, "=");
		textw_safe(w, o->tag[i].value, w->o->width ? w->o->width : 200);
		sink_puts(w->out, "\n");
	}
}

static void put_text(struct textw *w, const char *title, const char *aside, struct str text)
{
	sink_puts(w->out, "\n  ");
	textw_put(w, PAINT_BOLD, title);
	if (aside && *aside) {
		sink_puts(w->out, "  ");
		textw_safe(w, str_c(aside), 0);
	}
	sink_puts(w->out, "\n");
	if (text.n)
		textw_block(w, text, 4);
	else
		sink_puts(w->out, "    (empty)\n");
}

/* The record keeps a case's own message; the text around it is the committed prompt's. */
static void put_prompts(struct textw *w, const struct record *r, const struct suite_head *s)
{
	size_t i;
	json_t *x;
	json_array_foreach ((json_t *)(uintptr_t)r->artifacts, i, x) {
		struct str of = json_get_str(x, "of"), path = json_get_str(x, "path");
		if (!str_eqc(json_get_str(x, "role"), "prompt") || !s->target || !str_eqc(of, s->target))
			continue;
		sink_puts(w->out, "\n  ");
		textw_put(w, PAINT_BOLD, "prompt");
		sink_puts(w->out, "  ");
		textw_safe(w, path, 0);
		sink_puts(w->out, "  ");
		textw_safe(w, json_get_str(x, "oid"), 0);
		sink_puts(w->out, "\n");
	}
}

static void put_json(struct textw *w, const char *title, const json_t *j)
{
	struct buf b;
	if (!j)
		return;
	buf_init(&b, OUTCOME_LINE_MAX);
	json_write(&b, j);
	put_text(w, title, NULL, buf_str(&b));
	buf_release(&b);
}

/* Everything up to the answer, where there was more than a question. */
static void put_talk(struct textw *w, const struct outcome *o)
{
	const json_t *how = json_object_get(o->reply.detail, "conversation");
	struct buf b;
	buf_init(&b, OUTCOME_LINE_MAX);
	talkview_write(&b, o->reply.trajectory, 0);
	if (b.n)
		put_text(w, how ? "conversation" : "trajectory",
			 json_string_value(json_object_get(how, "ended")), buf_str(&b));
	buf_release(&b);
}

static void put_answer(struct textw *w, const struct outcome *o, struct arena *a)
{
	if (o->reply.fail == FAIL_NONE) {
		put_talk(w, o);
		const char *aside = arena_fmt(a, "%s%s%.*s", finish_name(o->reply.finish),
					      o->reply.model.n ? " by " : "", STR_ARGS(o->reply.model));
		put_text(w, "answer", aside, o->answer);
		if (json_array_size(o->reply.tool_calls))
			put_json(w, "tool calls", o->reply.tool_calls);
		return;
	}
	const char *aside = fail_name(o->reply.fail);
	if (o->reply.http_status)
		aside = arena_fmt(a, "%s, HTTP %d", aside, o->reply.http_status);
	put_text(w, "no answer", aside, o->reply.fail_text);
}

/* On the bad side of its cut. */
static enum paint paint_of(const struct metric_head *m, const struct cell *x)
{
	if (x->state == CELL_UNSCORED)
		return PAINT_YELLOW;
	if (m->builtin || m->kind == METRIC_VALUE || m->direction == NO_DIRECTION)
		return PAINT_NONE;
	bool high = x->value >= m->cut;
	return high == (m->direction == HIGHER_IS_BETTER) ? PAINT_GREEN : PAINT_RED;
}

static void put_scores(struct textw *w, const struct suite_head *s, const struct outcome *o,
		       struct arena *a)
{
	int width = 0;
	for (size_t i = 0; i < s->nmetric; i++) {
		int n = (int)text_width(str_c(s->metric[i].name));
		width = n > width && n <= 40 ? n : width;
	}
	sink_puts(w->out, "\n  ");
	textw_put(w, PAINT_BOLD, "scores");
	sink_puts(w->out, "\n");
	for (size_t i = 0; i < s->nmetric; i++) {
		const struct cell *x = &o->cell[i];
		const struct metric_head *m = &s->metric[i];
		if (x->state == CELL_ABSENT)
			continue;
		sink_puts(w->out, "    ");
		textw_safe(w, str_c(m->name), 0);
		for (int n = (int)text_width(str_c(m->name)); n < width + 2; n++)
			sink_puts(w->out, " ");
		bool scored = x->state == CELL_SCORED && isfinite(x->value);
		const char *value = !scored		      ? "unscored" :
				    m->kind == METRIC_BINARY ? arena_fmt(a, "%g", x->value) :
							       verdict_value_text(x->value, m->unit, a);
		struct buf b;
		buf_init(&b, KIB);
		text_safe(&b, str_c(value), w->o->utf8);
		textw_cell(w, paint_of(m, x), buf_cstr(&b), x->reason.n ? 10 : 0);
		buf_release(&b);
		textw_wrap(w, x->reason, (unsigned)width + 16, (unsigned)width + 16);
		sink_puts(w->out, "\n");
	}
}

static void put_count(struct textw *w, bool *begun, const char *name, int64_t n)
{
	if (n < 0)
		return;
	sink_printf(w->out, "%s%" PRId64 " %s", *begun ? ", " : "tokens ", n, name);
	*begun = true;
}

static void put_cost(struct textw *w, const struct record *r, const struct outcome *o, struct arena *a)
{
	const struct usage *u = &o->reply.usage;
	bool begun = false;
	sink_puts(w->out, "\n  ");
	put_count(w, &begun, "in", u->in);
	put_count(w, &begun, "out", u->out);
	put_count(w, &begun, "from cache", u->cache_read);
	put_count(w, &begun, "to cache", u->cache_write);
	put_count(w, &begun, "of reasoning", u->reasoning);
	if (!begun)
		sink_puts(w->out, "tokens unknown");
	if (isfinite(o->cost_usd))
		sink_printf(w->out, "  %s", verdict_value_text(o->cost_usd, "usd", a));
	if (isfinite(o->judge_usd) && o->judge_usd > 0)
		sink_printf(w->out, "  judge %s", verdict_value_text(o->judge_usd, "usd", a));
	sink_printf(w->out, "\n  %u attempt%s%s", o->reply.attempts, o->reply.attempts == 1 ? "" : "s",
		    !o->reply.reused ? "" : r->replayed ? ", replayed" : ", reply reused from the store");
	if (o->reply.time.connect >= 0)
		sink_printf(w->out, ", connected in %s", verdict_value_text((double)o->reply.time.connect / 1e6, "ms", a));
	if (o->reply.time.wait > 0)
		sink_printf(w->out, ", waited %s", verdict_value_text((double)o->reply.time.wait / 1e6, "ms", a));
	if (o->reply.request_id.n) {
		sink_puts(w->out, ", request ");
		textw_safe(w, o->reply.request_id, 0);
	}
	char hex[DIGEST_HEX];
	sink_printf(w->out, "\n  call %.12s\n", digest_hex(&o->call, hex));
}

void caseview_write(struct textw *w, const struct record *r, const struct outcome *o)
{
	struct arena a = ARENA_INIT;
	put_title(w, r, o);
	put_prompts(w, r, &r->suite[o->suite]);
	put_text(w, "input", NULL, o->input);
	put_answer(w, o, &a);
	put_scores(w, &r->suite[o->suite], o, &a);
	put_json(w, "detail", o->detail);
	put_cost(w, r, o, &a);
	arena_release(&a);
}
