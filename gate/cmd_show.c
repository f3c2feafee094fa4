/* gate show: one run, or one case of it. */
#include "gate/exit.h"
#include "gate/flaky.h"
#include "gate/outputs.h"
#include "gate/recordref.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "record/record_read.h"
#include "record/record_write.h"
#include "report/caseview.h"

#include <string.h>
#include <unistd.h>

struct show_args {
	const char *format, *store, *dir, *color;
};

static const struct opt show_opts[] = {
	{ "format", 0, OPT_TEXT, offsetof(struct show_args, format), "console|json", "what is printed; default console" },
	{ "store", 0, OPT_TEXT, offsetof(struct show_args, store), "DIR", "the store; default .gate" },
	{ "dir", 'C', OPT_TEXT, offsetof(struct show_args, dir), "DIR", "go there first" },
	{ "color", 0, OPT_TEXT, offsetof(struct show_args, color), "WHEN", "auto, always or never" },
	OPT_END,
};

/* A path as it is; else the run before the first slash and the case behind it. */
static void split(const char *word, const char **run, const char **tcase, struct arena *a)
{
	const char *slash = strchr(word, '/');
	*run = word;
	*tcase = NULL;
	if (!slash || !access(word, F_OK))
		return;
	*run = arena_cstr(a, (struct str){ .p = word, .n = (size_t)(slash - word) });
	*tcase = slash + 1;
}

/* "CASE" or "SUITE/CASE"; a twin's case only by the twin's own name, "answers@baseline/q7". */
static bool is_meant(const struct record *r, const struct outcome *o, struct str word)
{
	struct str suite = str_c(r->suite[o->suite].name);
	if (str_eq(o->case_id, word))
		return r->suite[o->suite].role == SUITE_PLAIN;
	return str_starts(word, suite) && word.n > suite.n && word.p[suite.n] == '/' &&
	       str_eq(o->case_id, str_sub(word, suite.n + 1, word.n));
}

static void put_case(struct textw *w, const struct record *r, const struct outcome *o, bool json, size_t seen)
{
	struct buf b;
	if (!json) {
		sink_puts(w->out, seen ? "\n" : "");
		caseview_write(w, r, o);
		return;
	}
	buf_init(&b, OUTCOME_LINE_MAX);
	record_write_outcome(&b, r, o);
	sink_write(w->out, buf_str(&b));
	buf_release(&b);
}

/* The nearest id seen so far, kept by value since an outcome's memory is given back. */
struct nearest {
	struct suggest suggest;
	char id[64];
};

static void offer(struct nearest *n, struct str id)
{
	struct str before = n->suggest.best;
	suggest_offer(&n->suggest, id);
	if (n->suggest.best.p == before.p || id.n > sizeof(n->id))
		return;
	memcpy(n->id, id.p, id.n);
	n->suggest.best.p = n->id;
}

static int no_case(const struct nearest *n, struct str word, struct err *err)
{
	struct buf b;
	struct str best = suggest_best(&n->suggest);
	buf_init(&b, sizeof(err->msg));
	if (best.p) {
		buf_adds(&b, "; did you mean '");
		text_safe(&b, best, true);
		buf_adds(&b, "'?");
	}
	err_set(err, ERR_USAGE, "this run has no case '%.*s'%s", STR_ARGS(word), buf_cstr(&b));
	buf_release(&b);
	return -1;
}

/* A record alone is enough to show a case: without a store that can be read there is no history of it. */
static struct store *history_store(const struct gate *g, const char *folder)
{
	struct err ignored = ERR_INIT;
	struct store *s;
	return recordref_store(&s, folder, g->arena, &ignored) ? NULL : s;
}

static int show_case(const struct gate *g, struct record_file *f, struct str word, const char *store, bool json,
		     struct err *err)
{
	struct report_opts o = { .color = g->out.color, .utf8 = g->out.utf8, .width = g->out.width };
	struct nearest near = { .suggest = SUGGEST_INIT(word) };
	struct arena scratch = ARENA_INIT;
	struct sink_file file;
	struct outcome x;
	size_t seen = 0;
	int got;
	if (sink_file_open(&file, "-", err))
		return -1;
	struct textw w = { .out = &file.sink, .o = &o };
	struct store *s = json ? NULL : history_store(g, store);
	while ((got = f->outcomes.next(&f->outcomes, &x, &scratch, err)) > 0) {
		offer(&near, x.case_id);
		if (is_meant(&f->head, &x, word)) {
			put_case(&w, &f->head, &x, json, seen++);
			if (!json && x.sample + 1 == f->head.suite[x.suite].repeats)
				flaky_case(g, &w, s, &f->head, &x);
		}
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	arena_release(&scratch);
	if (got == 0 && !seen)
		got = no_case(&near, word, err);
	if (got < 0) {
		sink_file_abort(&file);
		return -1;
	}
	return sink_file_commit(&file, err) ? -1 : EXIT_PASS;
}

static int show_run(const struct gate *g, struct record_file *f, const char *format, struct err *err)
{
	struct outputs outs;
	struct opt_list none = { .v = { .v = NULL } };
	if (outputs_init(&outs, g, &none, format, false, true, err) ||
	    outputs_write(&outs, g, &f->head, &f->outcomes, f->folder, err))
		return -1;
	return EXIT_PASS;
}

static int run_show(struct gate *g, int argc, char **argv, struct err *err)
{
	struct show_args a = { .store = ".gate" };
	struct record_file *f = arena_new(g->arena, struct record_file);
	const char *run, *tcase, *path;
	if (opt_parse(show_opts, "show", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc > 2)
		return err_set(err, ERR_USAGE, "gate show takes RUN, RUN/CASE or RECORD CASE, or nothing for the last run");
	bool json = a.format && !strcmp(a.format, "json");
	if (a.format && !json && strcmp(a.format, "console"))
		return err_set(err, ERR_USAGE, "gate show: unknown format '%s'; there are: console json", a.format);
	if (recordref_go(a.dir, err))
		return -1;
	split(argc ? argv[0] : "last", &run, &tcase, g->arena);
	if (argc == 2) {
		run = argv[0];
		tcase = argv[1];
	}
	if (recordref_find(&path, run, a.store, g->arena, err) || record_open(f, path, g->arena, err))
		return -1;
	if (tcase)
		return show_case(g, f, str_c(tcase), a.store, json, err);
	return show_run(g, f, a.format, err);
}

const struct cmd cmd_show = {
	.name = "show",
	.synopsis = "[RUN[/CASE]]",
	.help = "show a run, or one case with its prompt, answer and scores",
	.opt = show_opts,
	.run = run_show,
};
