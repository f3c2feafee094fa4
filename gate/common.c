#include "gate/common.h"

#include "run/forecast.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int check_words(const struct common *c, struct err *err)
{
	if (c->index && c->worktree)
		return err_set(err, ERR_USAGE, "--index and --worktree exclude each other");
	if (c->commit && (c->index || c->worktree))
		return err_set(err, ERR_USAGE, "--commit and --%s exclude each other",
			       c->index ? "index" : "worktree");
	if (c->measure && c->baseline)
		return err_set(err, ERR_USAGE, "--measure decides nothing: it takes no --baseline");
	if (c->measure && c->stage)
		return err_set(err, ERR_USAGE, "--measure decides nothing: it takes no --stage");
	if (c->color && strcmp(c->color, "auto") && strcmp(c->color, "always") && strcmp(c->color, "never"))
		return err_set(err, ERR_USAGE, "--color takes auto, always or never, not '%s'", c->color);
	if (c->jobs > 4096)
		return err_set(err, ERR_USAGE, "-j takes at most 4096");
	if (c->seed > INT64_MAX)
		return err_set(err, ERR_USAGE, "--seed is too large");
	return 0;
}

int common_opts(struct run_opts *out, const struct gate *g, const struct common *c, struct err *err)
{
	if (check_words(c, err))
		return -1;
	if (c->dir && chdir(c->dir)) {
		int why = errno;
		return err_set(err, ERR_USAGE, "cannot go to '%s': %s", c->dir, strerror(why));
	}
	*out = (struct run_opts){
		.arena = g->arena,
		.clock = g->clock,
		.env = g->env,
		.gate_version = GATE_VERSION,
		.repo = c->repo,
		.commit = c->commit,
		.source = c->worktree ? RUN_WORKTREE : c->index ? RUN_INDEX : RUN_COMMIT,
		.config = c->config,
		.no_owner_check = c->no_owner_check,
		.policy_ref = c->policy_ref,
		.baseline = c->baseline,
		.stage = c->stage,
		.measure = c->measure,
		.only = c->only.v.v,
		.nonly = c->only.v.n,
		.filter = c->filter,
		.sample = c->sample,
		.seed = c->seed,
		.jobs = (unsigned)c->jobs,
	};
	return 0;
}

void common_notes(const struct gate *g, const struct run *r)
{
	const struct record *h = &r->head;
	if (h->worktree)
		fprintf(stderr, "note: judging the %s, not a commit: this verdict cannot be attested\n",
			r->o.source == RUN_INDEX ? "index" : "work tree");
	if (h->policy_self && !h->measure)
		fprintf(stderr, "note: policy: %s: the change is judged by its own rules%s\n", h->policy_self,
			r->policyref.source == POLICYREF_SELF ?
				"; name a protected ref with --policy-ref or `git config gate.policyRef`" :
				"");
	size_t i;
	json_t *v;
	struct forecast f = forecast_run(r);
	const char *usd = r->prices ? forecast_usd(&f, g->arena) : NULL;
	if (usd) {
		show_text(g, arena_fmt(g->arena, "note: estimated cost: %s, less what is reused", usd));
		fputs("\n", stderr);
	}
	json_array_foreach ((json_t *)(uintptr_t)h->notes, i, v) {
		fputs("note: ", stderr);
		show_text(g, json_string_value(v));
		fputs("\n", stderr);
	}
}
