#include "gate/outputs.h"

#include "base/fs.h"
#include "base/suggest.h"

#include <string.h>

static int unknown_format(const char *format, struct err *err)
{
	struct suggest s = SUGGEST_INIT(str_c(format));
	struct buf list;
	buf_init(&list, sizeof(err->msg));
	for (const struct reporter_ops *const *r = reporter_all(); *r; r++) {
		suggest_offer(&s, str_c((*r)->name));
		buf_addf(&list, " %s", (*r)->name);
	}
	struct str best = suggest_best(&s);
	err_set(err, ERR_USAGE, "unknown format '%s'%s%.*s%s; there are:%s", format,
		best.p ? "; did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "", buf_cstr(&list));
	buf_release(&list);
	return -1;
}

/* "junit:FILE" names the format itself; else the extension does. */
static int add_file(struct outputs *o, const struct gate *g, const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	struct output x = { .path = text };
	if (colon && reporter_find((struct str){ .p = text, .n = (size_t)(colon - text) })) {
		x.reporter = reporter_find((struct str){ .p = text, .n = (size_t)(colon - text) });
		x.path = colon + 1;
	} else {
		x.reporter = reporter_for_file(text);
	}
	if (!x.reporter)
		return err_set(err, ERR_USAGE, "-o %s: no format has that extension; write FORMAT:FILE", text);
	if (fs_check_writable(x.path, err))
		return -1;
	*vec_push(&o->list, g->arena) = x;
	return 0;
}

int outputs_init(struct outputs *o, const struct gate *g, const struct opt_list *files,
		 const char *format, bool quiet, bool verbose, struct err *err)
{
	*o = (struct outputs){ .quiet = quiet, .verbose = verbose };
	o->screen = reporter_find(str_c(format ? format : "console"));
	if (!o->screen)
		return unknown_format(format ? format : "console", err);
	for (size_t i = 0; i < files->v.n; i++)
		if (add_file(o, g, files->v.v[i], err))
			return -1;
	return 0;
}

static int write_one(const struct output *x, const struct report_opts *opts,
		     const struct record *head, struct outcomes *it, struct err *err)
{
	struct sink_file f;
	if (it->rewind(it, err) || sink_file_open(&f, x->path, err))
		return -1;
	if (x->reporter->write(&f.sink, head, it, opts, err)) {
		sink_file_abort(&f);
		return -1;
	}
	return sink_file_commit(&f, err);
}

int outputs_write(const struct outputs *o, const struct gate *g, const struct record *head,
		  struct outcomes *it, const char *folder, struct err *err)
{
	struct report_opts file = { .utf8 = true, .verbose = o->verbose, .folder = folder };
	struct report_opts screen = {
		.color = g->out.color,
		.utf8 = g->out.utf8,
		.width = g->out.width,
		.quiet = o->quiet,
		.verbose = o->verbose,
		.folder = folder,
	};
	for (size_t i = 0; i < o->list.n; i++)
		if (write_one(&o->list.v[i], &file, head, it, err))
			return -1;
	struct output last = { .path = "-", .reporter = o->screen };
	return write_one(&last, &screen, head, it, err);
}
