#include "repo/policyref.h"

/* Where each CI says which branch a change goes to, and how a job there fetches a branch. */
static const struct ci {
	const char *name, *var, *fetch;
} known[] = {
	{ "GitHub Actions", "GITHUB_BASE_REF", "or set fetch-depth: 0 on actions/checkout" },
	{ "GitLab CI", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "or set GIT_DEPTH: 0" },
	{ "GitLab CI", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "or set GIT_DEPTH: 0" },
	{ "CodeBuild", "CODEBUILD_WEBHOOK_BASE_REF", "or set the project's Git clone depth to Full" },
	{ "Jenkins", "CHANGE_TARGET", "or turn off the shallow clone and add the refspec" },
	{ "Azure Pipelines", "SYSTEM_PULLREQUEST_TARGETBRANCH", "or set fetchDepth: 0 on checkout" },
	{ "Bitbucket Pipelines", "BITBUCKET_PR_DESTINATION_BRANCH", "or set clone: depth: full" },
	{ "Buildkite", "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
	  "or drop --depth from BUILDKITE_GIT_CLONE_FLAGS" },
};

static const char *value(env_fn *env, void *ctx, const char *name)
{
	const char *v = env ? env(ctx, name) : NULL;
	return v && *v ? v : NULL;
}

/* A merge queue builds refs/heads/gh-readonly-queue/BRANCH/pr-12-OID and names no base. */
static struct str queue_target(env_fn *env, void *ctx)
{
	static const struct str head = STR_INIT("refs/heads/gh-readonly-queue/");
	struct str ref = str_c(value(env, ctx, "GITHUB_REF"));
	struct str none = { .p = NULL };
	if (!str_starts(ref, head))
		return none;
	ptrdiff_t at, end = -1;
	for (at = (ptrdiff_t)head.n; (at = str_find(ref, STR("/pr-"), (size_t)at)) >= 0; at++)
		end = at;
	return end < 0 ? none : str_sub(ref, head.n, (size_t)end);
}

static struct str short_branch(struct str ref)
{
	if (str_starts(ref, STR("refs/heads/")))
		return str_sub(ref, strlen("refs/heads/"), ref.n);
	return ref;
}

static int take(struct policyref *out, const struct repo *r, const char *rev)
{
	struct err ignored = ERR_INIT;
	if (repo_resolve(out->commit, r, rev, &ignored)) {
		out->commit[0] = '\0';
		return -1;
	}
	out->ref = rev;
	return 0;
}

/* Any revision, as the user wrote it; a plain branch name may be the remote's only. */
static int named(struct policyref *out, const struct repo *r, const char *rev, struct arena *a,
		 struct err *err)
{
	const char *remote = arena_fmt(a, "refs/remotes/origin/%s", rev);
	if (!take(out, r, rev))
		return 0;
	if (!take(out, r, remote)) {
		out->ref = arena_fmt(a, "origin/%s", rev);
		return 0;
	}
	struct str branch = short_branch(str_c(rev));
	if (str_starts(branch, STR("origin/")))
		branch = str_sub(branch, strlen("origin/"), branch.n);
	return err_set(err, ERR_TRUST,
		       "the policy ref '%s' (%s) cannot be read in this clone%s; fetch it: git fetch "
		       "origin +refs/heads/%.*s:refs/remotes/origin/%.*s",
		       rev, out->named_by, repo_is_shallow(r) ? ", which is shallow" : "",
		       STR_ARGS(branch), STR_ARGS(branch));
}

static int by_ci(struct policyref *out, const struct repo *r, struct str branch, const char *fetch,
		 struct arena *a, struct err *err)
{
	branch = short_branch(branch);
	const char *name = arena_cstr(a, branch);
	out->source = POLICYREF_CI;
	/* Full names: what the environment says is never read as an expression. */
	if (!take(out, r, arena_fmt(a, "refs/remotes/origin/%s", name))) {
		out->ref = arena_fmt(a, "origin/%s", name);
		return 0;
	}
	if (!take(out, r, arena_fmt(a, "refs/heads/%s", name))) {
		out->ref = name;
		return 0;
	}
	return err_set(err, ERR_TRUST,
		       "the target branch '%s' (%s, %s) cannot be read in this clone; fetch it: git fetch "
		       "--depth=1 origin +refs/heads/%s:refs/remotes/origin/%s, %s",
		       name, out->ci, out->named_by, name, name, fetch);
}

static int from_ci(struct policyref *out, const struct repo *r, env_fn *env, void *ctx,
		   struct arena *a, struct err *err)
{
	struct str queue = queue_target(env, ctx);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const char *branch = value(env, ctx, known[i].var);
		/* Azure leaves the macro itself where a build has no pull request, Buildkite
		 * and others leave it empty. */
		if (!branch || *branch == '$')
			continue;
		out->ci = known[i].name;
		out->named_by = known[i].var;
		return by_ci(out, r, str_c(branch), known[i].fetch, a, err);
	}
	if (!queue.p)
		return 0;
	out->ci = known[0].name;
	out->named_by = "GITHUB_REF of the merge queue";
	return by_ci(out, r, queue, known[0].fetch, a, err);
}

int policyref_find(struct policyref *out, const struct repo *r, const char *option, env_fn *env,
		   void *env_ctx, struct arena *a, struct err *err)
{
	struct policyref found = { .source = POLICYREF_SELF };
	const char *configured = option ? NULL : repo_config_get(r, "gate.policyRef", a);
	int rc;
	if (option) {
		found.source = POLICYREF_OPTION;
		found.named_by = "--policy-ref";
		rc = named(&found, r, option, a, err);
	} else if (configured) {
		found.source = POLICYREF_CONFIG;
		found.named_by = "git config gate.policyRef";
		rc = named(&found, r, configured, a, err);
	} else {
		rc = from_ci(&found, r, env, env_ctx, a, err);
	}
	if (rc)
		return -1;
	*out = found;
	return 0;
}
