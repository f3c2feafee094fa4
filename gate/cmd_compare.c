/* gate compare: records side by side: differences, flips and what each costs. */
#include "gate/exit.h"
#include "gate/commitref.h"
#include "gate/comparerun.h"
#include "gate/matrixrun.h"
#include "gate/recordref.h"

#include "base/fs.h"
#include "base/num.h"
#include "base/suggest.h"
#include "record/record_read.h"
#include "report/compareview.h"
#include "verdict/compare.h"

#include <string.h>

struct compare_args {
	struct opt_list files;
	struct common common; /* store, repo, config, no_owner_check; the rest with --run */
	const char *format, *metric, *dir, *budget, *matrix;
	uint64_t flips;
	int64_t timeout_ms;
	bool run, fresh, allow_exec;
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
	{ "run", 0, OPT_FLAG, offsetof(struct compare_args, run), NULL,
	  "measure two commits now, their calls alternating" },
	{ "matrix", 0, OPT_TEXT, offsetof(struct compare_args, matrix), "FILE",
	  "measure all combinations of prompts, models and parameters that FILE names" },
	{ "commit", 'c', OPT_TEXT, COMMON_AT(struct compare_args, commit), "REV",
	  "with --matrix, what is measured; default HEAD" },
	{ "worktree", 0, OPT_FLAG, COMMON_AT(struct compare_args, worktree), NULL,
	  "with --matrix, measure the files as they lie" },
	{ "only", 0, OPT_LIST, COMMON_AT(struct compare_args, only), "SUITE", "with --run, this suite alone (repeatable)" },
	{ "filter", 0, OPT_TEXT, COMMON_AT(struct compare_args, filter), "PATTERN",
	  "measuring, cases whose id matches a glob, or key=value" },
	{ "sample", 0, OPT_COUNT, COMMON_AT(struct compare_args, sample), "N", "measuring, N cases of each suite, drawn" },
	{ "seed", 0, OPT_COUNT, COMMON_AT(struct compare_args, seed), "N", "measuring, seed of the draw; default 0" },
	{ "jobs", 'j', OPT_COUNT, COMMON_AT(struct compare_args, jobs), "N", "measuring, calls in flight; default 32" },
	{ "timeout", 0, OPT_TIME, offsetof(struct compare_args, timeout_ms), "TIME",
	  "measuring, deadline of one call; default 120s" },
	{ "budget-usd", 0, OPT_TEXT, offsetof(struct compare_args, budget), "N",
	  "measuring, dollars that its calls may cost" },
	{ "fresh", 0, OPT_FLAG, offsetof(struct compare_args, fresh), NULL, "measuring, call again whatever the store has" },
	{ "allow-exec", 0, OPT_FLAG, offsetof(struct compare_args, allow_exec), NULL,
	  "measuring, run programs although the policy is the commit's own" },
	{ "store", 0, OPT_TEXT, COMMON_AT(struct compare_args, store), "DIR",
	  "where runs are looked up and kept; default .gate" },
	{ "repo", 0, OPT_TEXT, COMMON_AT(struct compare_args, repo), "DIR",
	  "the repository of commits; default: around here" },
	{ "config", 0, OPT_TEXT, COMMON_AT(struct compare_args, config), "PATH",
	  "gate.yaml's path in the tree" },
	{ "dir", 'C', OPT_TEXT, offsetof(struct compare_args, dir), "DIR", "go there first" },
	{ "no-owner-check", 0, OPT_FLAG, COMMON_AT(struct compare_args, no_owner_check), NULL,
	  "read a repository of another user" },
	{ "quiet", 'q', OPT_FLAG, COMMON_AT(struct compare_args, quiet), NULL, "no progress" },
	{ "verbose", 'v', OPT_FLAG, COMMON_AT(struct compare_args, verbose), NULL, "every built-in metric" },
	{ "color", 0, OPT_TEXT, COMMON_AT(struct compare_args, color), "WHEN", "auto, always or never" },
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
	struct report_opts file = { .utf8 = true, .verbose = a->common.verbose };
	struct report_opts screen = { .color = g->out.color, .utf8 = g->out.utf8, .width = g->out.width,
				      .verbose = a->common.verbose };
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
	return i < 26 ? arena_fmt(a, "%c", (int)('A' + i)) :
			arena_fmt(a, "%c%c", (int)('A' + i / 26 - 1), (int)('A' + i % 26));
}

static int open_side(struct compare_side *s, const struct gate *g, const struct compare_args *a,
		     const char *word, size_t i, struct err *err)
{
	const struct common *c = &a->common;
	const struct commitref_place place = { .store = c->store, .repo = c->repo, .config = c->config,
					       .no_owner_check = c->no_owner_check };
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

/* ---- --run ---- */

static int check_measuring(const struct compare_args *a, int argc, struct err *err)
{
	const struct common *c = &a->common;
	bool of_both = c->filter || c->sample || c->seed || c->jobs || a->timeout_ms || a->fresh || a->allow_exec ||
		       a->budget;
	if (a->run && a->matrix)
		return err_set(err, ERR_USAGE, "gate compare: --run and --matrix exclude each other");
	if (a->run && argc != 2)
		return err_set(err, ERR_USAGE, "gate compare --run takes two commits, the older one first");
	if (a->matrix && argc)
		return err_set(err, ERR_USAGE, "gate compare --matrix takes no records; --commit names what is measured");
	if (!a->run && !a->matrix && of_both)
		return err_set(err, ERR_USAGE, "gate compare: nothing is called without --run or --matrix; -j, --timeout, --budget-usd, --fresh, --allow-exec, --filter, --sample and --seed belong to them");
	if (!a->run && c->only.v.n)
		return err_set(err, ERR_USAGE, "gate compare: --only belongs to --run; a matrix names its suites itself");
	if (!a->matrix && (c->commit || c->worktree))
		return err_set(err, ERR_USAGE, "gate compare: --commit and --worktree belong to --matrix");
	return 0;
}

static int check_words(const struct compare_args *a, int argc, struct err *err)
{
	if (check_measuring(a, argc, err))
		return -1;
	if (argc < 1 && !a->matrix)
		return err_set(err, ERR_USAGE, "gate compare takes records or commits: folders, run ids, 'last' or revisions");
	if (argc > COMPARE_RECORDS_MAX)
		return err_set(err, ERR_USAGE, "gate compare takes at most %d records", COMPARE_RECORDS_MAX);
	if (a->flips > FLIPS_MAX)
		return err_set(err, ERR_USAGE, "gate compare: --flips takes at most %d", FLIPS_MAX);
	return 0;
}

/* "0.50" in micro-dollars; 0 without one. */
static int read_budget(int64_t *micro, const char *text, struct err *err)
{
	static const char *const unit[] = { "" };
	static const double factor[] = { 1e6 };
	*micro = 0;
	if (!text || (num_scaled(str_c(text), unit, factor, 1, micro) && *micro > 0))
		return 0;
	return err_set(err, ERR_USAGE, "--budget-usd takes dollars above 0, as 0.50, not '%s'", text);
}

/* Both sides from calls of now.  The code of the measurement, EXIT_USAGE when there is nothing to show. */
static int measure_sides(struct compare_side side[2], const struct gate *g, const struct compare_args *a,
			 char **argv, struct err *err)
{
	struct comparerun run = { .common = a->common, .before = argv[0], .after = argv[1],
					.timeout_ms = a->timeout_ms, .fresh = a->fresh, .allow_exec = a->allow_exec };
	struct record_file *f = arena_new(g->arena, struct record_file);
	if (read_budget(&run.budget_micro, a->budget, err))
		return -1;
	int code = comparerun_play(f, g, &run, err);
	for (size_t i = 0; i < 2; i++)
		side[i] = (struct compare_side){ .head = &f->head, .outcomes = &f->outcomes,
						 .role = i ? SUITE_PLAIN : SUITE_BASELINE,
						 .label = label_of(i, g->arena), .name = argv[i] };
	return code;
}

/* Every combination; *n stays 0 when there is nothing to show. */
static int measure_matrix(struct compare_side *side, int *n, const struct gate *g, const struct compare_args *a,
			  struct err *err)
{
	struct matrixrun m = { .common = a->common, .file = a->matrix, .timeout_ms = a->timeout_ms, .fresh = a->fresh,
			       .allow_exec = a->allow_exec };
	struct matrixrun_out out;
	if (read_budget(&m.budget_micro, a->budget, err))
		return -1;
	int code = matrixrun_play(&out, g, &m, err);
	for (size_t i = 0; code >= 0 && i < out.n; i++)
		side[i] = (struct compare_side){ .head = &out.record[i]->head, .outcomes = &out.record[i]->outcomes,
						 .label = label_of(i, g->arena), .name = out.name[i], .combination = true };
	*n = (int)out.n;
	return code;
}

static int open_sides(struct compare_side *side, int *n, const struct gate *g, const struct compare_args *a,
		      char **argv, struct err *err)
{
	if (a->run)
		return measure_sides(side, g, a, argv, err);
	if (a->matrix)
		return measure_matrix(side, n, g, a, err);
	for (int i = 0; i < *n; i++)
		if (open_side(&side[i], g, a, argv[i], (size_t)i, err))
			return -1;
	if (*n == 1)
		add_baseline(side, n, g->arena);
	return EXIT_PASS;
}

static int run_compare(struct gate *g, int argc, char **argv, struct err *err)
{
	struct compare_args a = { .common = { .store = ".gate" }, .flips = COMPARE_FLIPS };
	struct compare_side side[COMPARE_SIDES_MAX];
	struct targets targets = { .v = { .n = 0 } };
	struct compare c;
	if (opt_parse(compare_opts, "compare", &argc, argv, &a, g->arena, err))
		return -1;
	if (check_words(&a, argc, err) || recordref_go(a.dir, err) || find_targets(&targets, g, &a, err))
		return -1;
	int code = open_sides(side, &argc, g, &a, argv, err);
	if (code < 0 || code == EXIT_USAGE || !argc)
		return code;
	struct compare_opts opts = { .flips = (size_t)a.flips, .metric = a.metric };
	if (compare_records(&c, side, (size_t)argc, &opts, g->arena, err))
		return -1;
	for (size_t i = 0; i < targets.v.n; i++)
		if (write_one(g, &a, &targets.v.v[i], &c, err))
			return -1;
	return code;
}

const struct cmd cmd_compare = {
	.name = "compare",
	.synopsis = "A [B …] [--run] [--format NAME] [-o FILE]… [--flips N] [--metric M]",
	.help = "set records side by side: paired differences, flips, pareto",
	.opt = compare_opts,
	.more = "A, B … are records (a folder, its record.json, a run id, 'last') or commits, whose newest\n"
		"finished run in the store is taken.  Each is compared with the first; one alone, with\n"
		"what its own baseline answered.  --run measures two commits now; --matrix, every\n"
		"combination of prompts, models and parameters that a committed file names.  It shows and\n"
		"decides nothing: exit 0; measuring 3 when not every sample was scored.\n",
	.run = run_compare,
};
