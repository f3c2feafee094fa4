/* gate log: the runs that the store remembers, newest first. */
#include "gate/cmd.h"
#include "gate/exit.h"
#include "gate/flaky.h"
#include "gate/recordref.h"

#include "base/limits.h"
#include "doc/jsonw.h"
#include "record/record_read.h"
#include "report/textw.h"

#include <inttypes.h>
#include <math.h>

enum { RUNS_SHOWN = 20, RUNS_MAX = 100000, METRICS_SHOWN = 3, SHORT_OID = 7, WHEN = 16 };

struct log_args {
	const char *format, *store, *dir, *color, *suite;
	uint64_t limit;
	bool flaky;
};

static const struct opt log_opts[] = {
	{ "limit", 'n', OPT_COUNT, offsetof(struct log_args, limit), "N", "how many; default 20" },
	{ "flaky", 0, OPT_FLAG, offsetof(struct log_args, flaky), NULL,
	  "cases that one candidate and suite let pass and fail, instead of runs" },
	{ "suite", 0, OPT_TEXT, offsetof(struct log_args, suite), "NAME", "with --flaky: of this suite alone" },
	{ "format", 0, OPT_TEXT, offsetof(struct log_args, format), "console|json", "what is printed; default console" },
	{ "store", 0, OPT_TEXT, offsetof(struct log_args, store), "DIR", "the store; default .gate" },
	{ "dir", 'C', OPT_TEXT, offsetof(struct log_args, dir), "DIR", "go there first" },
	{ "color", 0, OPT_TEXT, offsetof(struct log_args, color), "WHEN", "auto, always or never" },
	OPT_END,
};

struct row {
	const struct store_run *run;
	struct record head; /* of no suite when it cannot be read */
	enum verdict_kind verdict;
	const char *when, *commit, *branch, *stage, *metrics;
};

static const char *safe(const struct gate *g, const char *s)
{
	struct buf b;
	struct str from = str_c(s ? s : "");
	buf_init(&b, from.n * 10 + 64);
	text_safe(&b, from, g->out.utf8);
	const char *out = arena_cstr(g->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* The blocking thresholds first: they are what a trend is looked for in. */
static const char *metrics_of(const struct gate *g, const struct record *r)
{
	const char *text = "";
	size_t n = 0;
	for (int blocking = 1; blocking >= 0; blocking--)
		for (size_t i = 0; i < r->nfinding && n < METRICS_SHOWN; i++) {
			const struct finding *f = &r->finding[i];
			if (f->blocking != blocking || !f->observed_text)
				continue;
			text = arena_fmt(g->arena, "%s%s%s %s", text, n ? ", " : "", safe(g, f->label),
					 safe(g, f->observed_text));
			n++;
		}
	return text;
}

static void fill(const struct gate *g, struct row *row, const struct store_run *run)
{
	struct err ignored = ERR_INIT;
	char stamp[CLOCK_TEXT];
	int verdict = verdict_parse(str_c(run->verdict));
	*row = (struct row){ .run = run, .verdict = verdict < 0 ? VERDICT_UNDECIDED : (enum verdict_kind)verdict };
	if (!run->head_json ||
	    record_read_head(&row->head, str_c(run->head_json), run->run_id, g->arena, &ignored))
		row->head = (struct record){ .nsuite = 0 };
	clock_rfc3339(run->start_ms, stamp);
	stamp[10] = ' ';
	row->when = arena_fmt(g->arena, "%.*s", WHEN, stamp);
	row->commit = run->commit ? safe(g, arena_fmt(g->arena, "%.*s", SHORT_OID, run->commit)) : "work tree";
	row->branch = safe(g, run->branch);
	row->stage = run->stage ? safe(g, run->stage) : "(measured)";
	row->metrics = metrics_of(g, &row->head);
}

static void widen(int *width, const char *s)
{
	int n = (int)text_width(str_c(s));
	*width = n > *width ? n : *width;
}

static void put_rows(struct textw *w, const struct row *row, size_t n)
{
	static const enum paint paints[] = { PAINT_GREEN, PAINT_RED, PAINT_YELLOW, PAINT_DIM };
	int id = 3, commit = 6, branch = 6, stage = 5;
	for (size_t i = 0; i < n; i++) {
		widen(&id, row[i].run->run_id);
		widen(&commit, row[i].commit);
		widen(&branch, row[i].branch);
		widen(&stage, row[i].stage);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned used = (unsigned)(id + commit + branch + stage) + WHEN + 9 + 10;
		textw_cell(w, PAINT_BOLD, row[i].run->run_id, id + 2);
		textw_cell(w, PAINT_NONE, row[i].when, WHEN + 2);
		textw_cell(w, PAINT_NONE, row[i].commit, commit + 2);
		textw_cell(w, PAINT_NONE, row[i].branch, branch + 2);
		textw_cell(w, PAINT_NONE, row[i].stage, stage + 2);
		bool metrics = *row[i].metrics != 0;
		textw_cell(w, paints[row[i].verdict], verdict_name(row[i].verdict), metrics ? 11 : 0);
		if (metrics && w->o->width && used + 20 > w->o->width)
			sink_puts(w->out, "\n    ");
		if (metrics)
			textw_safe(w, str_c(row[i].metrics),
				   !w->o->width			 ? 0 :
				   used + 20 > w->o->width	 ? w->o->width - 4 :
								   w->o->width - used);
		sink_puts(w->out, "\n");
	}
}

/* --- json --- */

static void put_finding(struct jsonw *w, const struct finding *f)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "label", f->label);
	jsonw_text(w, "observed", f->observed_text);
	if (f->has_estimate)
		jsonw_num(w, "estimate", f->estimate);
	jsonw_int(w, "n", (int64_t)f->n);
	jsonw_text(w, "verdict", verdict_name(f->verdict));
	jsonw_close(w, '}');
}

static void put_run(struct jsonw *w, const struct row *row)
{
	char stamp[CLOCK_TEXT], hex[DIGEST_HEX];
	const struct store_run *r = row->run;
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "run", r->run_id);
	jsonw_text(w, "start", clock_rfc3339(r->start_ms, stamp));
	jsonw_text(w, "commit", r->commit);
	jsonw_text(w, "branch", r->branch);
	jsonw_text(w, "stage", r->stage);
	jsonw_text(w, "verdict", r->verdict);
	jsonw_int(w, "exit_code", r->exit_code);
	jsonw_text(w, "candidate_id", digest_hex(&r->candidate_id, hex));
	jsonw_text(w, "plan", digest_hex(&r->plan, hex));
	jsonw_text(w, "folder", r->folder);
	jsonw_open(w, "findings", '[');
	for (size_t i = 0; i < row->head.nfinding; i++)
		put_finding(w, &row->head.finding[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void put_json(struct sink *out, const struct row *row, size_t n)
{
	sink_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		struct buf b;
		buf_init(&b, RECORD_HEAD_MAX);
		struct jsonw w = { .out = &b };
		put_run(&w, &row[i]);
		sink_puts(out, i ? ",\n" : "\n");
		sink_write(out, buf_str(&b));
		buf_release(&b);
	}
	sink_puts(out, "\n]\n");
}

static int show(const struct gate *g, const struct store_run *run, size_t n, bool json, struct err *err)
{
	struct report_opts o = { .color = g->out.color, .utf8 = g->out.utf8, .width = g->out.width };
	struct row *row = arena_array(g->arena, struct row, n + 1);
	struct sink_file f;
	if (sink_file_open(&f, "-", err))
		return -1;
	for (size_t i = 0; i < n; i++)
		fill(g, &row[i], &run[i]);
	struct textw w = { .out = &f.sink, .o = &o };
	if (json)
		put_json(&f.sink, row, n);
	else
		put_rows(&w, row, n);
	return sink_file_commit(&f, err) ? -1 : EXIT_PASS;
}

static int run_log(struct gate *g, int argc, char **argv, struct err *err)
{
	struct log_args a = { .store = ".gate", .limit = RUNS_SHOWN };
	struct store_run *run;
	size_t n;
	if (opt_parse(log_opts, "log", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate log: unexpected '%s'; `gate show %s` shows one run", argv[0], argv[0]);
	bool json = a.format && !strcmp(a.format, "json");
	if (a.format && !json && strcmp(a.format, "console"))
		return err_set(err, ERR_USAGE, "gate log: unknown format '%s'; there are: console json", a.format);
	if (a.limit > RUNS_MAX)
		return err_set(err, ERR_USAGE, "gate log: -n takes at most %d", RUNS_MAX);
	if (a.suite && !a.flaky)
		return err_set(err, ERR_USAGE, "gate log: --suite goes with --flaky");
	if (recordref_go(a.dir, err))
		return -1;
	if (a.flaky)
		return flaky_list(g, a.store, a.suite, (size_t)a.limit, json, err);
	if (recordref_history(&run, &n, a.store, (size_t)a.limit, g->arena, err))
		return -1;
	return show(g, run, n, json, err);
}

const struct cmd cmd_log = {
	.name = "log",
	.synopsis = "[-n N] [--flaky [--suite NAME]] [--format console|json] [--store DIR]",
	.help = "list earlier runs and what they decided",
	.opt = log_opts,
	.run = run_log,
};
