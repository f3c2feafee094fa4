/* struct repo: one opened git repository, read-only.  It runs no hook, no filter, no config
 * command and no network fetch: objects are read raw by id, so looking at a stranger's commit is
 * safe.  Each way a repository can be unusable (none here, someone else's, SHA-256, shallow,
 * partial) is its own error with the remedy.  The repository lives in the arena given to
 * repo_open and closes with it; trees made from it must not outlive that arena. */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "repo/tree.h"

#include <stdint.h>

struct repo_opts {
	const char *path;    /* work tree or git folder; NULL: search upward from the current folder */
	const char *cwd;     /* where that search starts; NULL: the process's own folder */
	bool no_owner_check; /* read a repository that belongs to another user */
	bool from_env;       /* inside a git hook: obey GIT_DIR, GIT_OBJECT_DIRECTORY … */
};

int repo_open(struct repo **out, const struct repo_opts *o, struct arena *a,
	      struct err *err) MUST_USE;

/* The commit that a revision names: branch, tag (of a tag), HEAD~2, an oid. */
int repo_resolve(char oid[OID_HEX], const struct repo *r, const char *rev, struct err *err) MUST_USE;
/* Is there such a revision here at all?  Never an error. */
bool repo_knows(const struct repo *r, const char *rev);
/* The tree of a commit; what is staged; the files as they lie in the work tree. */
int repo_tree(struct tree **out, const struct repo *r, const char *rev, struct arena *a,
	      struct err *err) MUST_USE;
int repo_tree_index(struct tree **out, const struct repo *r, struct arena *a,
		    struct err *err) MUST_USE;
int repo_tree_worktree(struct tree **out, const struct repo *r, struct arena *a,
		       struct err *err) MUST_USE;

/* The one best common ancestor; several are an error, none too. */
int repo_merge_base(char oid[OID_HEX], const struct repo *r, const char *one, const char *two,
		    struct err *err) MUST_USE;
/* The commit's first parent: 1; 0 when it is the first commit of all; -1 when it cannot be read here. */
int repo_parent(char oid[OID_HEX], const struct repo *r, const char *rev, struct err *err) MUST_USE;
/* Short name of the branch HEAD is on; NULL when detached or unborn. */
const char *repo_branch_name(const struct repo *r, struct arena *a);
/* A value of the repository's git configuration, NULL when unset. */
const char *repo_config_get(const struct repo *r, const char *name, struct arena *a);
/* First 7 or more hex digits that name the commit here. */
const char *repo_short(const struct repo *r, const char *commit, struct arena *a);
/* First line of the commit's message, its committer's time in milliseconds. */
int repo_commit_info(struct str *subject, int64_t *when_ms, const struct repo *r, const char *commit,
		     struct arena *a, struct err *err) MUST_USE;
/* Nearest annotated or light tag and distance ("v1.2-3-gabc1234"), or NULL. */
const char *repo_describe(const struct repo *r, const char *commit, struct arena *a);

/* Absolute folder of the work tree, NULL when bare; absolute git folder. */
const char *repo_workdir(const struct repo *r);
const char *repo_gitdir(const struct repo *r);
/* URL of `origin` without any credentials in it, NULL when there is none. */
const char *repo_origin(const struct repo *r, struct arena *a);
/* Could a folder of this machine hold what a commit brought: is it, or anything in or around it,
 * tracked by `t`, by HEAD or by the index?  False where it does not exist or lies outside. */
bool repo_tracks_folder(const struct repo *r, const struct tree *t, const char *folder,
			struct arena *a);
bool repo_is_shallow(const struct repo *r);
bool repo_is_partial(const struct repo *r);
bool repo_is_bare(const struct repo *r);

#endif
