/* The whole record as one JSON document: the head, then its outcomes, streamed. */
#include "base/limits.h"
#include "record/record_write.h"
#include "report/textw.h"

static int write_json(struct sink *out, const struct record *head, struct outcomes *it,
		      const struct report_opts *o, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	struct outcome x;
	int got = 0;
	bool first = true;
	(void)o;
	buf_init(&b, OUTCOME_LINE_MAX);
	record_write_head(&b, head);
	sink_puts(out, "{\n\"record\": ");
	textw_put_json(out, str_trim(buf_str(&b)));
	sink_puts(out, ",\n\"outcomes\": [");
	while ((got = it->next(it, &x, &a, err)) > 0) {
		buf_reset(&b);
		record_write_outcome(&b, head, &x);
		sink_puts(out, first ? "\n" : ",\n");
		textw_put_json(out, str_trim(buf_str(&b)));
		arena_rewind(&a, (struct arena_mark){ .top = NULL });
		first = false;
	}
	sink_puts(out, first ? "]\n}\n" : "\n]\n}\n");
	bool over = b.over;
	buf_release(&b);
	arena_release(&a);
	if (over)
		return err_set(err, ERR_SYSTEM, "an outcome is larger than %zu bytes", OUTCOME_LINE_MAX);
	return got < 0 ? -1 : sink_check(out, err);
}

const struct reporter_ops report_json = {
	.name = "json",
	.help = "the whole record as one document",
	.extension = ".json",
	.write = write_json,
};
