/* Scope-bound release of libgit2's handles, and the one place where its errors become ours.
 * Private to lib/repo. */
#ifndef REPO_GITAUTO_H
#define REPO_GITAUTO_H

#include "base/auto.h"
#include "base/err.h"
#include "repo/repo.h"

#include <git2.h>
#if __has_include(<git2/sys/errors.h>) /* libgit2 1.8 moved git_error_clear there */
#include <git2/sys/errors.h>
#endif

struct repo {
	git_repository *git;
	git_odb *odb;
	struct arena *arena;
	bool shallow, partial;
};

static inline void auto_object(git_object **p)
{
	git_object_free(*p);
}

static inline void auto_commit(git_commit **p)
{
	git_commit_free(*p);
}

static inline void auto_tree(git_tree **p)
{
	git_tree_free(*p);
}

static inline void auto_entry(git_tree_entry **p)
{
	git_tree_entry_free(*p);
}

static inline void auto_odb_object(git_odb_object **p)
{
	git_odb_object_free(*p);
}

static inline void auto_reference(git_reference **p)
{
	git_reference_free(*p);
}

static inline void auto_config(git_config **p)
{
	git_config_free(*p);
}

static inline void auto_git_buf(git_buf *p)
{
	git_buf_dispose(p);
}

/* libgit2's words for its last failure on this thread; "unknown cause" when it has none. */
const char *git_words(void);
/* An object that should be here is not: say why that may be and what to do. */
int repo_missing(const struct repo *r, const char *what, const char *oid, struct err *err);
/* The raw bytes of a blob, its size checked before it is read. */
int repo_blob(const struct repo *r, const git_oid *id, const char *path, size_t max,
	      struct str *bytes, struct arena *a, struct err *err);
int repo_blob_size(const struct repo *r, const git_oid *id, const char *path, size_t *size,
		   struct err *err);
/* The blob id these bytes would have. */
int repo_hash(char oid[OID_HEX], struct str bytes, struct err *err);
/* Start libgit2 and stop it with the arena. */
int repo_library(struct arena *a, struct err *err);

struct tree *tree_of_commit(const struct repo *r, git_tree *root, struct arena *a);

#endif
