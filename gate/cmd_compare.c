/* gate compare: records side by side: differences, flips and what each costs. */
#include "gate/exit.h"
#include "gate/cmd.h"
#include "gate/commitref.h"
#include "gate/recordref.h"

#include "base/fs.h"
#include "base/suggest.h"
#include "record/record_read.h"
#include "report/compareview.h"
#include "verdict/compare.h"

#include <string.h>

struct compare_args {
	struct opt_list files;
	const char *format, *metric, *store, *repo, *config, *dir, *color;
	uint64_t flips;
	bool no_owner_check, verbose;
};

enum { FLIPS_MAX = 1000000 };

static const struct opt compare_opts[] = {
	{ "format", 0, OPT_TEXT, offsetof(struct compare_args, format), "NAME",
	  "what standard output shows: console json markdown" },
	{ "output", 'o', OPT_LIST, offsetof(struct compare_args, files), "FILE",
	  "also write it there, format by extension (repeatable)" },
	{ "flips", 0, OPT_COUNT, offsetof(struct compare_args, flips), "N",
	  "cases listed for each metric and direction; default 10" },
	{ "metric", 0, OPT_TEXT, offsetof(struct compare_args, metric), "[SUITE/]METRIC",
	  "what counts as quality; default: each suite's first" },
	{ "store", 0, OPT_TEXT, offsetof(struct compare_args, store), "DIR",
	  "where runs are looked up; default .gate" },
	{ "repo", 0, OPT_TEXT, offsetof(struct compare_args, repo), "DIR",
	  "the repository of commits; default: around here" },
	{ "config", 0, OPT_TEXT, offsetof(struct compare_args, config), "PATH",
	  "of a commit's runs, those of this gate.yaml" },
	{ "dir", 'C', OPT_TEXT, offsetof(struct compare_args, dir), "DIR", "go there first" },
	{ "no-owner-check", 0, OPT_FLAG, offsetof(struct compare_args, no_owner_check), NULL,
	  "read a repository of another user" },
	{ "verbose", 'v', OPT_FLAG, offsetof(struct compare_args, verbose), NULL, "every built-in metric" },
	{ "color", 0, OPT_TEXT, offsetof(struct compare_args, color), "WHEN", "auto, always or never" },
	OPT_END,
};

/* ---- outputs ---- */

struct target {
	const char *path;
	const struct compareview *view;
};

struct targets {
	VEC(struct target) v;
};

static const struct compareview *view_named(struct str name)
{
	for (const struct compareview *const *v = compareview_all(); *v; v++)
		if (str_eqc(name, (*v)->name))
			return *v;
	return NULL;
}

static const struct compareview *view_for(const char *path)
{
	for (const struct compareview *const *v = compareview_all(); *v; v++)
		if (str_ends(str_c(path), str_c((*v)->extension)))
			return *v;
	return NULL;
}

/* "json:FILE" names the format itself; else the extension does. */
static int add_target(struct targets *t, const struct gate *g, const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	struct target x = { .path = text, .view = view_for(text) };
	const struct compareview *named =
		colon ? view_named((struct str){ .p = text, .n = (size_t)(colon - text) }) : NULL;
	if (named)
		x = (struct target){ .path = colon + 1, .view = named };
	if (!x.view)
		return err_set(err, ERR_USAGE, "-o %s: no format of a comparison has that extension (.txt .json .md); write FORMAT:FILE",
			       text);
	if (fs_check_writable(x.path, err))
		return -1;
	*vec_push(&t->v, g->arena) = x;
	return 0;
}

static int find_targets(struct targets *t, const struct gate *g, const struct compare_args *a, struct err *err)
{
	struct suggest s = SUGGEST_INIT(str_c(a->format));
	for (size_t i = 0; i < a->files.v.n; i++)
		if (add_target(t, g, a->files.v.v[i], err))
			return -1;
	struct target last = { .path = "-", .view = view_named(str_c(a->format ? a->format : "console")) };
	for (const struct compareview *const *v = compareview_all(); *v; v++)
		suggest_offer(&s, str_c((*v)->name));
	struct str best = suggest_best(&s);
	if (!last.view)
		return err_set(err, ERR_USAGE, "unknown format '%s'%s%.*s%s; a comparison has: console json markdown",
			       a->format, best.p ? "; did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "");
	*vec_push(&t->v, g->arena) = last;
	return 0;
}

static int write_one(const struct gate *g, const struct compare_args *a, const struct target *t,
		     const struct compare *c, struct err *err)
{
	struct report_opts file = { .utf8 = true, .verbose = a->verbose };
	struct report_opts screen = { .color = g->out.color, .utf8 = g->out.utf8, .width = g->out.width,
				      .verbose = a->verbose };
	struct sink_file f;
	bool is_screen = !strcmp(t->path, "-");
	if (sink_file_open(&f, t->path, err))
		return -1;
	if (t->view->write(&f.sink, c, is_screen ? &screen : &file, err)) {
		sink_file_abort(&f);
		return -1;
	}
	return sink_file_commit(&f, err);
}

/* ---- records ---- */

static const char *label_of(size_t i, struct arena *a)
{
	return arena_fmt(a, "%c", (int)('A' + i));
}

static int open_side(struct compare_side *s, const struct gate *g, const struct compare_args *a,
		     const char *word, size_t i, struct err *err)
{
	const struct commitref_place place = { .store = a->store, .repo = a->repo, .config = a->config,
					       .no_owner_check = a->no_owner_check };
	struct record_file *f = arena_new(g->arena, struct record_file);
	const char *path;
	if (commitref_find(&path, word, &place, g->arena, err) || record_open(f, path, g->arena, err))
		return -1;
	*s = (struct compare_side){ .head = &f->head, .outcomes = &f->outcomes, .label = label_of(i, g->arena),
				    .name = word };
	return 0;
}

/* One record alone is set against what its own baseline answered. */
static void add_baseline(struct compare_side *side, int *n, struct arena *a)
{
	side[1] = side[0];
	side[0].role = SUITE_BASELINE;
	side[1].label = label_of(1, a);
	*n = 2;
}

static int run_compare(struct gate *g, int argc, char **argv, struct err *err)
{
	struct compare_args a = { .store = ".gate", .flips = COMPARE_FLIPS };
	struct compare_side side[COMPARE_RECORDS_MAX];
	struct targets targets = { .v = { .n = 0 } };
	struct compare c;
	if (opt_parse(compare_opts, "compare", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc < 1)
		return err_set(err, ERR_USAGE, "gate compare takes records or commits: folders, run ids, 'last' or revisions");
	if (argc > COMPARE_RECORDS_MAX)
		return err_set(err, ERR_USAGE, "gate compare takes at most %d records", COMPARE_RECORDS_MAX);
	if (a.flips > FLIPS_MAX)
		return err_set(err, ERR_USAGE, "gate compare: --flips takes at most %d", FLIPS_MAX);
	if (recordref_go(a.dir, err) || find_targets(&targets, g, &a, err))
		return -1;
	for (int i = 0; i < argc; i++)
		if (open_side(&side[i], g, &a, argv[i], (size_t)i, err))
			return -1;
	if (argc == 1)
		add_baseline(side, &argc, g->arena);
	struct compare_opts opts = { .flips = (size_t)a.flips, .metric = a.metric };
	if (compare_records(&c, side, (size_t)argc, &opts, g->arena, err))
		return -1;
	for (size_t i = 0; i < targets.v.n; i++)
		if (write_one(g, &a, &targets.v.v[i], &c, err))
			return -1;
	return EXIT_PASS;
}

const struct cmd cmd_compare = {
	.name = "compare",
	.synopsis = "A [B …] [--format NAME] [-o FILE]… [--flips N] [--metric M]",
	.help = "set records side by side: paired differences, flips, pareto",
	.opt = compare_opts,
	.more = "A, B … are records (a folder, its record.json, a run id, 'last') or commits, whose newest\n"
		"finished run in the store is taken.  Each is compared with the first; one alone, with\n"
		"what its own baseline answered.  It shows and decides nothing: exit 0.\n",
	.run = run_compare,
};
