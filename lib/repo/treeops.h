/* struct tree_ops: what a kind of tree (commit, index, work tree, memory) must be able to do;
 * tree.c builds every public verb on these three.  Private to lib/repo. */
#ifndef REPO_TREEOPS_H
#define REPO_TREEOPS_H

#include "repo/tree.h"

enum entry_kind { ENTRY_NONE, ENTRY_FILE, ENTRY_FOLDER, ENTRY_SYMLINK, ENTRY_SUBMODULE };

struct tree_entry {
	const char *name; /* set by list only: the last component */
	enum entry_kind kind;
	char oid[OID_HEX];
	size_t size;      /* files; set by find, and by list where it costs nothing */
};

struct tree_ops {
	/* What is at this path; ENTRY_NONE also where a parent is no folder. */
	int (*find)(const struct tree *t, const char *path, struct tree_entry *out,
		    struct err *err);
	/* The bytes of an ENTRY_FILE; fills e->oid where find left it empty. */
	int (*read)(const struct tree *t, const char *path, struct tree_entry *e, size_t max,
		    struct str *bytes, struct arena *a, struct err *err);
	/* What lies directly in a folder ("" is the root), in any order. */
	int (*list)(const struct tree *t, const char *folder, struct tree_entry **entry, size_t *n,
		    struct arena *a, struct err *err);
};

struct tree {
	const struct tree_ops *ops;
	void *ctx;
	struct arena *arena;
	const char *label;
	char commit[OID_HEX], oid[OID_HEX];
};

/* Another file's words for the same mistakes. */
int tree_too_large(const char *path, size_t size, size_t max, struct err *err);

/* One file of a flat tree; bytes are there already or read by oid. */
struct flat_file {
	const char *path;
	enum entry_kind kind;
	char oid[OID_HEX];
	struct str bytes;
};

/* A tree over a list of paths; `read` fetches what has no bytes yet, or is NULL. */
typedef int flat_read(void *ctx, const struct flat_file *f, size_t max, struct str *bytes,
		      struct arena *a, struct err *err);
typedef int flat_size(void *ctx, const struct flat_file *f, size_t *size, struct err *err);
struct tree *tree_flat(struct flat_file *file, size_t n, flat_read *read, flat_size *size, void *ctx,
		       const char *label, struct arena *a);

#endif
