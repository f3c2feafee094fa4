/* Plays the rows of all families.
 *   simulation          a short form, as TAP: the brief rows, and whether docs/design/stats.md names all
 *   simulation --full [TITLE]   the tables of docs/design/stats.md, as markdown; those whose title begins so
 * Exit 1 where a promise is broken. */
#include "sim.h"

#include <math.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAVED_AT_TWO 0.8
#define SAVED_AT_THREE 0.5
#define SEED 20261123
#define DOC "docs/design/stats.md"

enum { RUNS_MOST = 20000, RUNS_LEAST = 1000, RUNS_BRIEF = 400, SAMPLES_A_ROW = 1000000 };

static const struct sim_family *const families[] = { &sim_rates,  &sim_graded,	    &sim_times,
						     &sim_paired, &sim_judged,	    &sim_early,
						     &sim_stage,  &sim_early_stage, &sim_controls };

static const struct sim_at on_the_bar = { 0 };
static const struct sim_at losing[] = { { .unscored = 0.02 },
					{ .unscored = 0.1 },
					{ .unscored_poor = 0.5 } };

struct tally {
	double pass, fail, fixed, used;
	int runs;
};

static struct tally play(const struct sim_row *row, struct sim_at at, int runs)
{
	char name[200];
	struct arena scratch = ARENA_INIT, keep = ARENA_INIT;
	struct tally t = { .runs = runs };
	snprintf(name, sizeof(name), "%s/%s/%zu/%g/%g/%g/%g", row->rule, row->world, row->n,
		 row->bar, at.way, at.unscored, at.unscored_poor);
	struct sim s = { .r = rng_seed(SEED, str_c(name), "simulate"),
			 .a = &scratch,
			 .keep = &keep };
	for (int i = 0; i < runs; i++) {
		struct arena_mark mark = arena_mark(&scratch);
		struct sim_run r = row->play(row, at, &s);
		t.pass += (double)(r.decided == SIM_PASS) / runs;
		t.fail += (double)(r.decided == SIM_FAIL) / runs;
		t.fixed += (double)(r.fixed == SIM_PASS) / runs;
		t.used += r.used / runs;
		arena_rewind(&scratch, mark);
	}
	arena_release(&scratch);
	arena_release(&keep);
	return t;
}

/* Three standard errors above the risk. */
static double limit_of(int runs)
{
	return SIM_ALPHA + 3 * sqrt(SIM_ALPHA * (1 - SIM_ALPHA) / runs);
}

static bool holds(const struct sim_row *row, struct tally t)
{
	double limit = limit_of(t.runs);
	return (row->want == SIM_FAILS || t.pass <= limit) && t.fail <= limit;
}

/* A row on the bar: with all samples scored, and the worst of three ways to lose some. */
struct verdicts {
	struct tally whole, worst;
	bool kept;
};

static struct verdicts try(const struct sim_row *row, int runs)
{
	struct verdicts v = { .whole = play(row, on_the_bar, runs) };
	bool ok = holds(row, v.whole);
	for (size_t i = 0; i < ARRAY_LEN(losing); i++) {
		struct tally t = play(row, losing[i], runs / 2);
		ok = holds(row, t) && ok;
		v.worst.pass = fmax(v.worst.pass, t.pass);
		v.worst.fail = fmax(v.worst.fail, t.fail);
	}
	v.kept = ok != (row->want == SIM_CONTROL);
	return v;
}

static int runs_of(const struct sim_row *row)
{
	double runs = SAMPLES_A_ROW / ((double)row->n * row->cost);
	return runs > RUNS_MOST ? RUNS_MOST : runs < RUNS_LEAST ? RUNS_LEAST : (int)runs;
}

/* ---- the tables ---- */

/* What the document is searched for. */
static void row_name(char *out, size_t size, const struct sim_row *row)
{
	snprintf(out, size, "| %s | %s | %zu | %g |", row->rule, row->world, row->n, row->bar);
}

static void head(const struct sim_family *f)
{
	printf("\n### %s\n\n%s\n\n| rule | world | n | bar | pass | fail | pass, unscored | fail, "
	       "unscored |",
	       f->title, f->intro);
	if (f->row[0].early)
		printf(" used at 2 | used at 3 | power at 2 | fixed "
		       "|\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
	else
		printf(" power 1/4 | power 1/2 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
}

/* Is there room for three half-widths between the bar and 1? */
static bool has_room(const struct sim_row *row)
{
	double half = SIM_Z * sqrt(row->bar * (1 - row->bar) / (double)row->n);
	return row->n >= 100 && row->bar + 3 * half < 1;
}

static bool early_columns(const struct sim_row *row, int runs)
{
	struct tally two = play(row, (struct sim_at){ .way = 2 }, runs);
	struct tally three = play(row, (struct sim_at){ .way = 3 }, runs);
	bool enough = !row->saves || !has_room(row) ||
		      (two.used <= SAVED_AT_TWO && three.used <= SAVED_AT_THREE);
	printf(" %.2f | %.2f | %.3f | %.3f |%s", two.used, three.used, two.pass, two.fixed,
	       enough ? "" : " SAVES TOO LITTLE");
	return enough;
}

static void power_columns(const struct sim_row *row, int runs)
{
	for (int k = 1; k <= 2; k++) {
		struct tally t = play(row, (struct sim_at){ .way = k / 4.0 }, runs);
		printf(" %.3f |", row->want == SIM_FAILS ? t.fail : t.pass);
	}
}

/* "not below" passes whenever no drop is proven: no promise, nothing to show. */
static void pass_column(const struct sim_row *row, double pass)
{
	if (row->want == SIM_FAILS)
		printf(" - |");
	else
		printf(" %.4f |", pass);
}

static bool print_row(const struct sim_row *row, double *worst)
{
	char name[200];
	int runs = runs_of(row);
	struct verdicts v = try(row, runs);
	row_name(name, sizeof(name), row);
	printf("%s", name);
	pass_column(row, v.whole.pass);
	printf(" %.4f |", v.whole.fail);
	pass_column(row, v.worst.pass);
	printf(" %.4f |", v.worst.fail);
	bool ok = v.kept;
	if (row->early)
		ok = early_columns(row, runs / 4) && ok;
	else
		power_columns(row, runs / 4);
	printf("%s\n", v.kept ? "" : " BROKEN");
	fflush(stdout);
	if (row->want != SIM_CONTROL)
		*worst = fmax(*worst, row->want == SIM_FAILS ? v.whole.fail
							     : fmax(v.whole.pass, v.whole.fail));
	return ok;
}

/* `only`: the families whose title begins so. */
static int tables(const char *only)
{
	int broken = 0, rows = 0;
	double worst = 0;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		clock_t start = clock();
		if (strncmp(families[i]->title, only, strlen(only)) != 0)
			continue;
		head(families[i]);
		for (size_t k = 0; k < families[i]->n; k++, rows++)
			broken += !print_row(&families[i]->row[k], &worst);
		fprintf(stderr, "%s: %.0f s\n", families[i]->title,
			(double)(clock() - start) / CLOCKS_PER_SEC);
	}
	printf("\n%d rows of %d to %d runs; a promise is broken above %.4f to %.4f. The largest "
	       "share on the bar: %.4f.\n",
	       rows, RUNS_LEAST, RUNS_MOST, limit_of(RUNS_MOST), limit_of(RUNS_LEAST), worst);
	return broken ? 1 : 0;
}

/* ---- the short form ---- */

static char *slurp(const char *path, struct arena *a)
{
	enum { MOST = 1 << 20 };
	FILE *f = fopen(path, "re");
	if (!f)
		return NULL;
	char *text = arena_array(a, char, MOST);
	text[fread(text, 1, MOST - 1, f)] = 0;
	fclose(f);
	return text;
}

/* Every row is in the document, and the document has no other. */
static bool documented(struct arena *a)
{
	char name[200];
	const char *doc = slurp(DOC, a), *from = doc ? strstr(doc, "\n### ") : NULL;
	int rows = 0, lines = 0;
	if (!from)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		for (size_t k = 0; k < families[i]->n; k++, rows++) {
			row_name(name, sizeof(name), &families[i]->row[k]);
			if (strstr(from, name))
				continue;
			printf("# %s has no row '%s': make simulate WRITE=1\n", DOC, name);
			return false;
		}
	for (const char *p = from; (p = strstr(p, "\n| ")); p++)
		lines++;
	printf("# %d rows, %d in %s\n", rows, lines - (int)ARRAY_LEN(families), DOC);
	return lines - (int)ARRAY_LEN(families) == rows;
}

static int tap(void)
{
	int broken = 0, test = 0;
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		for (size_t k = 0; k < families[i]->n; k++) {
			const struct sim_row *row = &families[i]->row[k];
			if (!row->brief)
				continue;
			struct verdicts v = try(row, row->cost > 10 ? RUNS_BRIEF / 4 : RUNS_BRIEF);
			broken += !v.kept;
			printf("%sok %d - %s, %s, n %zu, bar %g: pass %.4f fail %.4f, unscored "
			       "%.4f %.4f%s\n",
			       v.kept ? "" : "not ", ++test, row->rule, row->world, row->n,
			       row->bar, v.whole.pass, v.whole.fail, v.worst.pass, v.worst.fail,
			       row->want == SIM_CONTROL ? ", wrong as it must be" : "");
		}
	bool ok = documented(&a);
	printf("%sok %d - %s shows every row\n1..%d\n", ok ? "" : "not ", test + 1, DOC, test + 1);
	arena_release(&a);
	return broken || !ok ? 1 : 0;
}

int main(int argc, char **argv)
{
#ifdef __GLIBC__
	/* Each run gives its memory back; the system need not have it. */
	mallopt(M_MMAP_THRESHOLD, 1 << 26);
	mallopt(M_TRIM_THRESHOLD, 1 << 28);
#endif
	if (argc > 1 && strcmp(argv[1], "--full") == 0)
		return tables(argc > 2 ? argv[2] : "");
	return tap();
}
