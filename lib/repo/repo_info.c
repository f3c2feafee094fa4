/* What a repository says about itself: names, configuration, the commit's own words. */
#include "repo/gitauto.h"
#include "repo/repo.h"

const char *repo_branch_name(const struct repo *r, struct arena *a)
{
	AUTO(auto_reference) git_reference *head = NULL;
	if (git_repository_head_detached(r->git) == 1 || git_repository_head(&head, r->git))
		return NULL;
	return arena_cstr(a, str_c(git_reference_shorthand(head)));
}

const char *repo_config_get(const struct repo *r, const char *name, struct arena *a)
{
	AUTO(auto_config) git_config *config = NULL;
	const char *value = NULL;
	if (git_repository_config_snapshot(&config, r->git) ||
	    git_config_get_string(&value, config, name))
		return NULL;
	return arena_cstr(a, str_c(value));
}

static int find(git_object **out, const struct repo *r, const char *commit)
{
	return git_revparse_single(out, r->git, commit);
}

const char *repo_short(const struct repo *r, const char *commit, struct arena *a)
{
	AUTO(auto_object) git_object *o = NULL;
	AUTO(auto_git_buf) git_buf text = { .ptr = NULL };
	if (find(&o, r, commit) || git_object_short_id(&text, o))
		return arena_fmt(a, "%.7s", commit);
	return arena_cstr(a, (struct str){ .p = text.ptr, .n = text.size });
}

int repo_commit_info(struct str *subject, int64_t *when_ms, const struct repo *r, const char *commit,
		     struct arena *a, struct err *err)
{
	AUTO(auto_object) git_object *o = NULL;
	AUTO(auto_object) git_object *peeled = NULL;
	if (find(&o, r, commit) || git_object_peel(&peeled, o, GIT_OBJECT_COMMIT))
		return err_set(err, ERR_USAGE, "'%s' is not a commit here: %s", commit, git_words());
	git_commit *c = (git_commit *)peeled;
	const char *line = git_commit_summary(c);
	*subject = arena_str(a, line ? str_c(line) : STR(""));
	*when_ms = (int64_t)git_commit_time(c) * 1000;
	return 0;
}

const char *repo_describe(const struct repo *r, const char *commit, struct arena *a)
{
	AUTO(auto_object) git_object *o = NULL;
	AUTO(auto_git_buf) git_buf text = { .ptr = NULL };
	git_describe_options how;
	git_describe_format_options form;
	git_describe_result *result = NULL;
	if (git_describe_options_init(&how, GIT_DESCRIBE_OPTIONS_VERSION) ||
	    git_describe_format_options_init(&form, GIT_DESCRIBE_FORMAT_OPTIONS_VERSION))
		return NULL;
	how.describe_strategy = GIT_DESCRIBE_TAGS;
	if (find(&o, r, commit) || git_describe_commit(&result, o, &how))
		return NULL;
	int rc = git_describe_format(&text, result, &form);
	git_describe_result_free(result);
	return rc ? NULL : arena_cstr(a, (struct str){ .p = text.ptr, .n = text.size });
}

const char *repo_workdir(const struct repo *r)
{
	return git_repository_workdir(r->git);
}

const char *repo_gitdir(const struct repo *r)
{
	return git_repository_path(r->git);
}

/* Everything between "://" and the last "@" before the path may be a password. */
const char *repo_origin(const struct repo *r, struct arena *a)
{
	const char *url = repo_config_get(r, "remote.origin.url", a);
	const char *scheme = url ? strstr(url, "://") : NULL;
	if (!scheme)
		return url;
	const char *host = scheme + 3, *path = host + strcspn(host, "/");
	for (const char *p = path; p > host; p--)
		if (p[-1] == '@')
			return arena_fmt(a, "%.*s%s", (int)(host - url), url, p);
	return url;
}

bool repo_is_shallow(const struct repo *r)
{
	return r->shallow;
}

bool repo_is_partial(const struct repo *r)
{
	return r->partial;
}

bool repo_is_bare(const struct repo *r)
{
	return git_repository_is_bare(r->git) == 1;
}
