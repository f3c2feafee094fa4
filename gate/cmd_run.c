/* gate run: the main job. */
#include "gate/common.h"
#include "gate/exit.h"
#include "gate/outputs.h"
#include "gate/progress.h"

#include "base/fs.h"
#include "base/num.h"
#include "record/record_read.h"

#include <stdio.h>
#include <string.h>

struct run_args {
	struct common common;
	struct opt_list files, exit_map;
	const char *format, *record, *replay;
	int64_t timeout_ms;
	bool fresh, resume, spend_anyway, no_store, allow_exec;
};

static const struct opt run_opts[] = {
	OPT_COMMON(struct run_args),
	{ "jobs", 'j', OPT_COUNT, COMMON_AT(struct run_args, jobs), "N", "calls in flight; default 32" },
	{ "output", 'o', OPT_LIST, offsetof(struct run_args, files), "FILE",
	  "also write a report there, format by extension (repeatable)" },
	{ "format", 0, OPT_TEXT, offsetof(struct run_args, format), "NAME", "what standard output shows" },
	{ "timeout", 0, OPT_TIME, offsetof(struct run_args, timeout_ms), "TIME", "deadline of one call; default 120s" },
	{ "record", 0, OPT_TEXT, offsetof(struct run_args, record), "DIR", "export the replies there" },
	{ "replay", 0, OPT_TEXT, offsetof(struct run_args, replay), "DIR", "answer from there, call nothing" },
	{ "store", 0, OPT_TEXT, COMMON_AT(struct run_args, store), "DIR", "replies, history and records; default .gate" },
	{ "no-store", 0, OPT_FLAG, offsetof(struct run_args, no_store), NULL, "keep nothing" },
	{ "fresh", 0, OPT_FLAG, offsetof(struct run_args, fresh), NULL, "call again whatever the store has" },
	{ "resume", 0, OPT_FLAG, offsetof(struct run_args, resume), NULL, "go on with the run that was cut off" },
	{ "spend-anyway", 0, OPT_FLAG, offsetof(struct run_args, spend_anyway), NULL,
	  "call although a threshold cannot pass" },
	{ "allow-exec", 0, OPT_FLAG, offsetof(struct run_args, allow_exec), NULL,
	  "run programs although the policy is the commit's own" },
	{ "exit-map", 0, OPT_LIST, offsetof(struct run_args, exit_map), "WHAT=N",
	  "fail, undecided, usage or trust to another nonzero code" },
	OPT_END,
};

/* --- exit map --- */

static const struct {
	const char *name;
	int code;
} mappable[] = {
	{ "fail", EXIT_FAIL }, { "usage", EXIT_USAGE }, { "undecided", EXIT_UNDECIDED }, { "trust", EXIT_TRUST },
};

static int parse_map(const char *text, int *from, int *to, struct err *err)
{
	const char *equals = strchr(text, '=');
	int64_t n = 0;
	*from = -1;
	for (size_t i = 0; equals && i < ARRAY_LEN(mappable); i++)
		if (str_eqc((struct str){ .p = text, .n = (size_t)(equals - text) }, mappable[i].name))
			*from = mappable[i].code;
	if (*from < 0 || !num_parse_i64(str_c(equals + 1), &n) || n < 1 || n > 255)
		return err_set(err, ERR_USAGE, "--exit-map takes fail=N, undecided=N, usage=N or trust=N with N from 1 to 255, not '%s'", text);
	*to = (int)n;
	return 0;
}

static int check_maps(const struct run_args *a, struct err *err)
{
	int from, to;
	for (size_t i = 0; i < a->exit_map.v.n; i++)
		if (parse_map(a->exit_map.v.v[i], &from, &to, err))
			return -1;
	return 0;
}

static int mapped(const struct run_args *a, int code)
{
	struct err ignored = ERR_INIT;
	int from, to;
	for (size_t i = 0; i < a->exit_map.v.n; i++)
		if (!parse_map(a->exit_map.v.v[i], &from, &to, &ignored) && from == code)
			return to;
	return code;
}

/* --- the run --- */

static int check_args(const struct run_args *a, struct err *err)
{
	if (a->record && a->replay)
		return err_set(err, ERR_USAGE, "--record and --replay exclude each other");
	if (a->no_store && a->resume)
		return err_set(err, ERR_USAGE, "--resume needs the store that --no-store leaves out");
	if (a->fresh && (a->resume || a->replay))
		return err_set(err, ERR_USAGE, "--fresh and --%s exclude each other", a->resume ? "resume" : "replay");
	return check_maps(a, err);
}

/* Reports are views of the record on disk; without a store, of the head alone. */
static int no_outcome(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err)
{
	(void)it;
	(void)o;
	(void)a;
	(void)err;
	return 0;
}

static int no_rewind(struct outcomes *it, struct err *err)
{
	(void)it;
	(void)err;
	return 0;
}

static int report(const struct gate *g, const struct outputs *outs, struct run *r, struct err *err)
{
	struct outcomes none = { .next = no_outcome, .rewind = no_rewind };
	struct record_file *f = arena_new(g->arena, struct record_file);
	if (!r->folder)
		return outputs_write(outs, g, &r->head, &none, NULL, err);
	if (record_open_own(f, r->folder, g->arena, err))
		return -1;
	return outputs_write(outs, g, &f->head, &f->outcomes, r->folder, err);
}

/* A blocking threshold that no answer could satisfy: nobody pays to learn that. */
static void refuse(struct run *r)
{
	r->head.stopped = "a blocking threshold cannot pass with the planned cases; no call was made";
	for (size_t i = 0; i < r->nsuite; i++)
		r->head.suite[i].unscored = r->head.suite[i].planned;
	r->refused = true;
}

/* After the first call a failing machine leaves the run undecided, with its cause on stderr. */
static int play(struct gate *g, const struct run_args *a, struct run *r, const struct outputs *outs,
		struct err *err)
{
	struct progress_view view;
	progress_init(&view, g, a->common.quiet);
	if (r->vplan.unreachable && !a->spend_anyway) {
		refuse(r);
	} else {
		int bad = run_execute(r, &view.progress, err);
		progress_end(&view);
		if (bad)
			return -1;
	}
	if (run_close(r, err) || report(g, outs, r, err))
		return -1;
	if (r->suspended && r->o.store)
		fputs("note: `gate run --resume` with the same words goes on from here; what was answered is"
		      " not paid again\n", stderr);
	return r->head.exit_code;
}

static int run_run(struct gate *g, int argc, char **argv, struct err *err)
{
	struct run_args a = { .common = { .store = ".gate" } };
	struct run_opts o;
	struct outputs outs;
	struct diags d;
	struct run *r = arena_new(g->arena, struct run);
	if (opt_parse(run_opts, "run", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate run: unexpected '%s'; the commit is given with --commit", argv[0]);
	if (check_args(&a, err) || common_opts(&o, g, &a.common, err) ||
	    outputs_init(&outs, g, &a.files, a.format, a.common.quiet, a.common.verbose, err))
		return mapped(&a, -1);
	o.deadline_ms = a.timeout_ms;
	o.store = a.no_store ? NULL : a.common.store;
	o.reply_dir = a.record ? a.record : a.replay;
	o.replay = a.replay != NULL;
	o.fresh = a.fresh;
	o.resume = a.resume;
	o.calls = true;
	o.allow_exec = a.allow_exec;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, &o, &d, err);
	show_diags(g, &d);
	if (bad && err->kind == ERR_NONE)
		return mapped(&a, EXIT_USAGE);
	if (bad)
		return -1;
	common_notes(g, r);
	int code = play(g, &a, r, &outs, err);
	if (code < 0) {
		fputs("error: ", stderr);
		show_text(g, err->msg);
		fputs("\n", stderr);
		code = exit_of(err, r->called);
	}
	return mapped(&a, code);
}

const struct cmd cmd_run = {
	.name = "run",
	.synopsis = "[--stage STAGE] [--commit REV] [--policy-ref REV] [-j N] [-o FILE]…",
	.help = "evaluate a commit and decide: the main job",
	.opt = run_opts,
	.run = run_run,
};
