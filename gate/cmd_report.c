/* gate report: a record rendered again, and with --decide its verdict taken again. */
#include "gate/exit.h"
#include "gate/outputs.h"
#include "gate/recordref.h"

#include "record/record_read.h"
#include "verdict/redecide.h"

struct report_args {
	struct opt_list files;
	const char *format, *store, *dir, *color;
	bool decide, quiet, verbose;
};

static const struct opt report_opts[] = {
	{ "format", 0, OPT_TEXT, offsetof(struct report_args, format), "NAME",
	  "what standard output shows: console json junit markdown summary" },
	{ "output", 'o', OPT_LIST, offsetof(struct report_args, files), "FILE",
	  "also write a report there, format by extension (repeatable)" },
	{ "decide", 0, OPT_FLAG, offsetof(struct report_args, decide), NULL,
	  "decide again from the outcomes and exit by that verdict" },
	{ "store", 0, OPT_TEXT, offsetof(struct report_args, store), "DIR",
	  "where run ids are looked up; default .gate" },
	{ "dir", 'C', OPT_TEXT, offsetof(struct report_args, dir), "DIR", "go there first" },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct report_args, quiet), NULL, "failures only" },
	{ "verbose", 'v', OPT_FLAG, offsetof(struct report_args, verbose), NULL, "more detail" },
	{ "color", 0, OPT_TEXT, offsetof(struct report_args, color), "WHEN", "auto, always or never" },
	OPT_END,
};

enum { DIFFERENCES_SHOWN = 20 };

/* What a record says and its outcomes do not; its texts may be anybody's. */
static int refuse(const struct gate *g, const struct redecision *d, const char *path, struct err *err)
{
	for (size_t i = 0; i < d->differences.n && i < DIFFERENCES_SHOWN; i++) {
		fputs("  ", stderr);
		show_text(g, d->differences.v[i]);
		fputs("\n", stderr);
	}
	if (d->differences.n > DIFFERENCES_SHOWN)
		fprintf(stderr, "  and %zu more\n", d->differences.n - DIFFERENCES_SHOWN);
	return err_set(err, ERR_TRUST, "'%s' does not follow from its outcomes and its policy: it was changed, or another version of gate decided it",
		       path);
}

static int decide(const struct gate *g, struct record_file *f, const char *path, struct redecision *d,
		  struct err *err)
{
	if (redecide(d, &f->head, &f->outcomes, g->arena, err))
		return -1;
	if (d->differences.n)
		return refuse(g, d, path, err);
	fputs("note: decided again from the outcomes: the same\n", stderr);
	return 0;
}

static int run_report(struct gate *g, int argc, char **argv, struct err *err)
{
	struct report_args a = { .store = ".gate" };
	struct outputs outs;
	struct redecision d = { .exit_code = EXIT_PASS };
	struct record_file *f = arena_new(g->arena, struct record_file);
	const char *path;
	if (opt_parse(report_opts, "report", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "gate report takes one record: a folder, its record.json, a run id or 'last'");
	if (recordref_go(a.dir, err) || recordref_find(&path, argv[0], a.store, g->arena, err) ||
	    outputs_init(&outs, g, &a.files, a.format, a.quiet, a.verbose, err) ||
	    record_open(f, path, g->arena, err))
		return -1;
	if (a.decide && decide(g, f, path, &d, err))
		return -1;
	if (outputs_write(&outs, g, &f->head, &f->outcomes, f->folder, err))
		return -1;
	return d.exit_code;
}

const struct cmd cmd_report = {
	.name = "report",
	.synopsis = "RECORD [--format NAME] [-o FILE]… [--decide]",
	.help = "render a record again, or decide it again",
	.opt = report_opts,
	.run = run_report,
};
