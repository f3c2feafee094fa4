/* Any bytes as a record: the head up to the first LF LF (or all of it), then lines as its outcomes.
 * What is read is written and read again the same, a report of it is always valid UTF-8, and deciding it
 * again ends. */
#include "base/limits.h"
#include "base/utf8.h"
#include "record/record_read.h"
#include "record/record_write.h"
#include "report/report.h"
#include "verdict/redecide.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct lines {
	const struct record *head;
	struct str all, rest;
};

static int next_line(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err)
{
	struct lines *l = it->ctx;
	struct str line;
	if (!str_line(&l->rest, &line))
		return 0;
	return record_read_outcome(o, l->head, line, a, err) ? -1 : 1;
}

static int rewind_lines(struct outcomes *it, struct err *err)
{
	struct lines *l = it->ctx;
	(void)err;
	l->rest = l->all;
	return 0;
}

/* Written, read and written again: the same bytes. */
static void again(const struct record *head, const struct outcome *o, struct arena *a)
{
	struct err err = ERR_INIT;
	struct outcome back;
	struct buf one, two;
	buf_init(&one, MIB);
	buf_init(&two, MIB);
	record_write_outcome(&one, head, o);
	if (!one.over) {
		must(!record_read_outcome(&back, head, str_trim(buf_str(&one)), a, &err));
		record_write_outcome(&two, head, &back);
		must(str_eq(buf_str(&one), buf_str(&two)));
	}
	buf_release(&one);
	buf_release(&two);
}

static void report_all(const struct record *head, struct outcomes *it)
{
	struct report_opts o = { .utf8 = true, .width = 80, .verbose = true };
	for (const struct reporter_ops *const *r = reporter_all(); *r; r++) {
		struct err err = ERR_INIT;
		struct buf b;
		buf_init(&b, 16 * MIB);
		struct sink s = sink_to_buf(&b);
		must(!it->rewind(it, &err));
		if (!(*r)->write(&s, head, it, &o, &err))
			must(utf8_bad(buf_str(&b)) < 0);
		buf_release(&b);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { .p = (const char *)data, .n = size };
	ptrdiff_t cut = str_find(all, STR("\n\n"), 0);
	struct str head_text = cut < 0 ? all : str_sub(all, 0, (size_t)cut);
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record head;
	struct outcome o;
	if (!record_read_head(&head, head_text, "fuzz", &a, &err)) {
		struct lines l = { .head = &head, .all = str_sub(all, head_text.n + 2, all.n) };
		struct outcomes it = { .next = next_line, .rewind = rewind_lines, .ctx = &l };
		for (l.rest = l.all; it.next(&it, &o, &a, &err) > 0;)
			again(&head, &o, &a);
		report_all(&head, &it);
		struct redecision d;
		size_t planned = 0;
		for (size_t i = 0; i < head.nsuite; i++)
			planned = head.suite[i].planned > 1000 - planned ? 1000 : planned + head.suite[i].planned;
		if (planned < 1000) /* more is memory, not a decision */
			(void)!redecide(&d, &head, &it, &a, &err);
	}
	arena_release(&a);
	return 0;
}
