/* Failures by likely cause, the largest group first, with the worst cases of each. */
#include "base/num.h"
#include "doc/jsonx.h"
#include "record/past.h"
#include "report/console.h"
#include "report/failview.h"

#include <inttypes.h>

enum { GROUPS_SHOWN = 5, REASON_COLUMNS = 100, ID_COLUMNS = 40, GROUP_TEXT = 65536 };

static unsigned columns_after(const struct console *c, unsigned used)
{
	unsigned width = c->w.o->width;
	return !width ? REASON_COLUMNS : width > used + 20 ? width - used : 20;
}

static unsigned put_id(struct console *c, struct str id)
{
	unsigned columns = columns_after(c, 40) < ID_COLUMNS ? columns_after(c, 40) : ID_COLUMNS;
	textw_safe(&c->w, id, columns);
	unsigned cells = text_width(id);
	return cells < columns ? cells : columns;
}

static void put_case(struct console *c, const json_t *g, const json_t *x)
{
	const char *flaky = past_flaky(c->r, json_get_str(g, "suite"), json_get_str(x, "case"),
				       json_get_str(g, "metric"), &c->arena);
	sink_puts(c->w.out, "      ");
	unsigned cells = put_id(c, json_get_str(x, "case"));
	sink_puts(c->w.out, ": ");
	textw_safe(&c->w, json_get_str(x, "reason"), columns_after(c, 8 + cells + (flaky ? 32 : 0)));
	if (flaky)
		textw_put(&c->w, PAINT_YELLOW, arena_fmt(&c->arena, " (%s)", flaky));
	sink_puts(c->w.out, "\n");
	struct str answer = json_get_str(x, "answer");
	if (!answer.n || !c->w.o->verbose)
		return;
	sink_puts(c->w.out, "        answer: ");
	textw_safe(&c->w, answer, columns_after(c, 16));
	sink_puts(c->w.out, "\n");
}

static void put_line(struct console *c, struct buf *b)
{
	if (!b->n)
		return;
	sink_puts(c->w.out, "      ");
	textw_wrap(&c->w, buf_str(b), 6, 8);
	sink_puts(c->w.out, "\n");
	buf_reset(b);
}

/* How many, of what, what they make of the gap, and what they share. */
static void put_group(struct console *c, const json_t *g)
{
	size_t i;
	json_t *x;
	struct buf b;
	const char *count = arena_fmt(&c->arena, "%" JSON_INTEGER_FORMAT " %s ",
				      json_integer_value(json_object_get(g, "count")),
				      c->w.o->utf8 ? "×" : "x");
	buf_init(&b, GROUP_TEXT);
	sink_puts(c->w.out, "\n  ");
	textw_put(&c->w, PAINT_BOLD, count);
	failview_name(&b, g);
	textw_safe(&c->w, buf_str(&b), columns_after(c, 2 + text_width(str_c(count))));
	sink_puts(c->w.out, "\n");
	buf_reset(&b);
	failview_gap(&b, c->r, failview_first(g));
	put_line(c, &b);
	failview_where(&b, g);
	put_line(c, &b);
	buf_release(&b);
	json_array_foreach (json_object_get(g, "cases"), i, x)
		put_case(c, g, x);
}

void console_failures(struct console *c)
{
	size_t i, n = json_array_size(c->r->failures);
	json_t *g;
	json_array_foreach ((json_t *)(uintptr_t)c->r->failures, i, g) {
		if (i == GROUPS_SHOWN)
			break;
		put_group(c, g);
	}
	if (n > GROUPS_SHOWN)
		sink_printf(c->w.out, "\n  and %zu more group%s of failures in the record\n",
			    n - GROUPS_SHOWN, num_s(n - GROUPS_SHOWN));
}
