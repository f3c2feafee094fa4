/* struct tree: one commit's tree, read-only, by object id.  Paths are relative to the root, use
 * '/', and never leave the tree: "..", symlinks, submodules, LFS pointers and missing objects are
 * errors that name the remedy.  --index and --worktree give trees over the same verbs. */
#ifndef REPO_TREE_H
#define REPO_TREE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct repo;
struct tree;

enum { OID_HEX = 41 };

struct tree_file {
	const char *path;
	char oid[OID_HEX];
	size_t size;
};

/* Is there something other than a folder at this path?  Also true when that cannot be told (a
 * missing object): tree_read then says why, so that "absent" is never a guess. */
bool tree_has(const struct tree *t, const char *path);
/* Is there anything at this path, a folder too, or a link or submodule on the way to it? */
bool tree_covers(const struct tree *t, const char *path);
/* The blob's bytes, refused above `max`.  ERR_ARTIFACT when it is not there, is no plain file,
 * or is an LFS pointer. */
int tree_read(const struct tree *t, const char *path, size_t max, struct str *bytes,
	      char oid[OID_HEX], struct arena *a, struct err *err) MUST_USE;
/* Files that match a path, a folder (everything below it) or a glob (`*` within a name, `**`
 * across folders, `?`, `[a-z]`, `{a,b}`), sorted by path.  As in a shell, names with a leading
 * dot match only a pattern that has the dot.  Zero files is not an error. */
int tree_glob(const struct tree *t, const char *pattern, struct tree_file **file, size_t *n,
	      struct arena *a, struct err *err) MUST_USE;
/* Commit oid ("" for --index and --worktree), tree oid (likewise). */
const char *tree_commit(const struct tree *t);
const char *tree_oid(const struct tree *t);
/* Join `base`'s folder and a relative reference, normalised; -1 when it would leave the tree. */
int tree_resolve(const char **path, const char *base, struct str ref, struct arena *a,
		 struct err *err) MUST_USE;

/* How messages call it: "commit 3f2a9c1", "the index", "the work tree". */
const char *tree_label(const struct tree *t);

/* A tree that holds just these files, for tests and fuzzing.  Bytes are borrowed. */
struct tree_mem {
	const char *path;
	struct str bytes;
};
int tree_memory(struct tree **out, const struct tree_mem *file, size_t n, struct arena *a,
		struct err *err) MUST_USE;

#endif
