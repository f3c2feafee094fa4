#include "gate/matrixrun.h"

#include "gate/exit.h"
#include "gate/progress.h"

#include "base/limits.h"
#include "base/num.h"
#include "repo/repo.h"
#include "run/estimate.h"
#include "run/forecast.h"

#include <math.h>
#include <stdio.h>

struct play {
	const struct gate *g;
	const struct matrixrun *m;
	struct run_opts o;
	struct matrix matrix;
	const char *oid; /* of the matrix file */
	struct run *run; /* one for each combination */
};

/* --- the file --- */

static int open_tree(struct tree **t, struct play *p, struct err *err)
{
	const struct repo_opts opts = { .path = p->o.repo, .no_owner_check = p->o.no_owner_check };
	char found[OID_HEX];
	struct repo *r;
	if (repo_open(&r, &opts, p->g->arena, err))
		return -1;
	if (p->o.source == RUN_WORKTREE)
		return repo_tree_worktree(t, r, p->g->arena, err);
	/* By oid, so that all combinations are of one commit. */
	if (repo_resolve(found, r, p->o.commit ? p->o.commit : "HEAD", err))
		return -1;
	p->o.commit = arena_cstr(p->g->arena, str_c(found));
	return repo_tree(t, r, p->o.commit, p->g->arena, err);
}

static int read_matrix(struct play *p, struct diags *d, struct err *err)
{
	struct arena *a = p->g->arena;
	struct tree *t;
	struct str text;
	const char *path;
	char oid[OID_HEX];
	if (open_tree(&t, p, err) || tree_resolve(&path, "", str_c(p->m->file), a, err) ||
	    tree_read(t, path, ARTIFACT_BYTES_MAX, &text, oid, a, err))
		return err_wrap(err, "--matrix");
	p->oid = arena_cstr(a, str_c(oid));
	return matrix_read(&p->matrix, text, path, a, d);
}

/* --- before any call --- */

/* A mistake that several combinations share is told once. */
static bool is_told(const struct diags *d, const struct diag *x)
{
	for (size_t i = 0; i < d->list.n; i++) {
		const struct diag *y = &d->list.v[i];
		if (y->sev == x->sev && y->at.line == x->at.line && y->at.col == x->at.col &&
		    !strcmp(y->rule, x->rule) && !strcmp(y->msg, x->msg) &&
		    !strcmp(y->at.file ? y->at.file : "", x->at.file ? x->at.file : ""))
			return true;
	}
	return false;
}

static void tell(struct diags *d, const struct diags *from)
{
	for (size_t i = 0; i < from->list.n; i++) {
		const struct diag *x = &from->list.v[i];
		if (is_told(d, x))
			continue;
		if (x->sev == SEV_ERROR)
			diag_add(d, x->at, x->rule, "%s", x->msg);
		else
			diag_warn(d, x->at, x->rule, "%s", x->msg);
		if (x->hint)
			diag_hint(d, "%s", x->hint);
	}
	d->dropped += from->dropped;
}

/* Run ids are made of the time: two that were prepared in one instant could share theirs. */
static bool has_own_id(const struct play *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (p->run[i].head.run_id && !strcmp(p->run[k].head.run_id, p->run[i].head.run_id))
			return false;
	return true;
}

static int prepare_one(struct play *p, size_t i, struct diags *d, struct err *err)
{
	struct run_opts o = p->o;
	struct diags own;
	diags_init(&own, p->g->arena);
	json_t *about = arena_json(p->g->arena, json_object());
	o.overlay = &p->matrix.combination[i];
	json_object_set_new(about, "matrix", json_string(p->matrix.file));
	json_object_set_new(about, "oid", json_string(p->oid));
	json_object_set_new(about, "name", json_string(o.overlay->name));
	o.combination = about;
	int bad;
	do
		bad = run_prepare(&p->run[i], &o, &own, err);
	while (!bad && !has_own_id(p, i));
	tell(d, &own);
	return bad && err->kind != ERR_NONE ? err_wrap(err, "%s", o.overlay->name) : 0;
}

static int prepare_all(struct play *p, struct diags *d, struct err *err)
{
	p->run = arena_array(p->g->arena, struct run, p->matrix.n);
	for (size_t i = 0; i < p->matrix.n; i++)
		if (prepare_one(p, i, d, err))
			return -1;
	return 0;
}

struct total {
	size_t calls, reused, judge;
	struct forecast f;
};

static int add_estimate(struct total *t, struct run *r, struct err *err)
{
	struct estimate *e = arena_array(r->arena, struct estimate, r->nsuite);
	struct forecast f = forecast_run(r);
	if (estimate_suites(e, r, err))
		return -1;
	for (size_t i = 0; i < r->nsuite; i++) {
		t->calls += e[i].calls - e[i].reused;
		t->reused += e[i].reused;
		t->judge += e[i].judge_calls;
	}
	t->f.calls += f.calls;
	t->f.low += f.low;
	t->f.high += f.high;
	return 0;
}

/* What all of it would take, said before the first call. */
static int show_estimate(const struct play *p, struct err *err)
{
	struct arena *a = p->g->arena;
	struct total t = { .calls = 0 };
	for (size_t i = 0; i < p->matrix.n; i++) {
		/* One handle for all of them; each run opens its own when it begins. */
		p->run[i].store = i ? p->run[0].store : NULL;
		if (add_estimate(&t, &p->run[i], err))
			return -1;
	}
	for (size_t i = 0; i < p->matrix.n; i++)
		p->run[i].store = NULL;
	const char *usd = p->run[0].prices ? forecast_usd(&t.f, a) : NULL;
	const char *text = arena_fmt(a, "note: %s: %zu combinations of target '%s': %zu call%s", p->matrix.file,
				     p->matrix.n, p->matrix.combination[0].target, t.calls, num_s(t.calls));
	if (t.judge)
		text = arena_fmt(a, "%s + at least %zu of judges", text, t.judge);
	if (t.reused)
		text = arena_fmt(a, "%s, %zu reused", text, t.reused);
	if (usd)
		text = arena_fmt(a, "%s; estimated cost: %s, less what is reused", text, usd);
	show_text(p->g, text);
	fputs("\n", stderr);
	return 0;
}

/* What they have to say besides which of them they are: each text once. */
static void show_notes(const struct play *p)
{
	struct arena *a = p->g->arena;
	VEC(const char *) told = { .n = 0 };
	if (p->run[0].head.worktree)
		fputs("note: measuring the work tree, not a commit\n", stderr);
	for (size_t i = 0; i < p->matrix.n; i++) {
		size_t at;
		json_t *v;
		json_array_foreach ((json_t *)(uintptr_t)p->run[i].head.notes, at, v) {
			bool again = at == 0;
			for (size_t k = 0; k < told.n && !again; k++)
				again = !strcmp(told.v[k], json_string_value(v));
			if (again)
				continue;
			*vec_push(&told, a) = json_string_value(v);
			fputs("note: ", stderr);
			show_text(p->g, json_string_value(v));
			fputs("\n", stderr);
		}
	}
}

/* --- the calls --- */

static int play_one(struct play *p, size_t i, struct matrixrun_out *out, struct err *err)
{
	struct run *r = &p->run[i];
	struct progress_view view;
	if (!p->m->common.quiet) {
		show_text(p->g, arena_fmt(p->g->arena, "%zu/%zu  %s", i + 1, p->matrix.n,
					  p->matrix.combination[i].name));
		fputs("\n", stderr);
	}
	r->head.start_ms = p->o.clock.wall_ms(p->o.clock.ctx); /* not when it was prepared */
	progress_init(&view, p->g, p->m->common.quiet);
	int bad = run_execute(r, &view.progress, err);
	progress_end(&view);
	if (bad || run_close(r, err)) {
		/* After the first call a failing machine leaves it open, and never says "mistake". */
		if ((i || r->called) && err->kind == ERR_SYSTEM)
			err->kind = ERR_REMOTE;
		return -1;
	}
	out->record[i] = arena_new(p->g->arena, struct record_file);
	out->name[i] = p->matrix.combination[i].name;
	return record_open_own(out->record[i], r->folder, p->g->arena, err);
}

/* What is left of the ceiling; the least there is when nothing is: then only the store answers. */
static int64_t left_of(int64_t budget, int64_t paid)
{
	return !budget ? 0 : budget > paid ? budget - paid : 1;
}

static int play_all(struct play *p, struct matrixrun_out *out, struct err *err)
{
	int64_t paid = 0;
	int code = EXIT_PASS;
	for (size_t i = 0; i < p->matrix.n; i++) {
		struct run *r = &p->run[i];
		r->o.budget_micro = left_of(p->m->budget_micro, paid);
		if (play_one(p, i, out, err))
			return -1;
		paid += r->paid_micro;
		code = r->head.exit_code > code ? r->head.exit_code : code;
		if (r->suspended) {
			show_text(p->g, "interrupted: what was answered is in the store, and the same command goes on from there");
			fputs("\n", stderr);
			return code;
		}
	}
	out->n = p->matrix.n;
	return code;
}

int matrixrun_play(struct matrixrun_out *out, const struct gate *g, const struct matrixrun *m, struct err *err)
{
	struct play *p = arena_new(g->arena, struct play);
	struct common common = m->common;
	struct diags d;
	*p = (struct play){ .g = g, .m = m };
	common.measure = true;
	out->n = 0;
	diags_init(&d, g->arena);
	if (common_opts(&p->o, g, &common, err))
		return -1;
	p->o.deadline_ms = m->timeout_ms;
	p->o.store = common.store;
	p->o.fresh = m->fresh;
	p->o.allow_exec = m->allow_exec;
	p->o.calls = true;
	p->o.by_policy = true;
	p->o.budget_micro = m->budget_micro;
	int bad = read_matrix(p, &d, err);
	if (!bad || err->kind == ERR_NONE)
		bad = bad || prepare_all(p, &d, err);
	show_diags(g, &d);
	if (err->kind != ERR_NONE)
		return -1;
	if (bad || d.errors)
		return EXIT_USAGE;
	if (show_estimate(p, err))
		return -1;
	show_notes(p);
	return play_all(p, out, err);
}
