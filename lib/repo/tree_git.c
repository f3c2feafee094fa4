#include "repo/gitauto.h"
#include "repo/treeops.h"

struct git_side {
	const struct repo *repo;
	git_tree *root;
};

static enum entry_kind kind_of(const git_tree_entry *e)
{
	switch (git_tree_entry_filemode(e)) {
	case GIT_FILEMODE_TREE:
		return ENTRY_FOLDER;
	case GIT_FILEMODE_LINK:
		return ENTRY_SYMLINK;
	case GIT_FILEMODE_COMMIT:
		return ENTRY_SUBMODULE;
	case GIT_FILEMODE_BLOB:
	case GIT_FILEMODE_BLOB_EXECUTABLE:
		return ENTRY_FILE;
	case GIT_FILEMODE_UNREADABLE:
	default:
		return ENTRY_NONE;
	}
}

static int load(git_tree **out, const struct git_side *g, const git_oid *id, const char *path,
		struct err *err)
{
	char hex[OID_HEX];
	if (!git_tree_lookup(out, g->repo->git, id))
		return 0;
	return repo_missing(g->repo, path, git_oid_tostr(hex, sizeof(hex), id), err);
}

/* Walks one component at a time, so that a missing object is told from a missing name.
 * 1 with *out filled (caller frees), 0 when there is no such name, -1. */
static int descend(git_tree_entry **out, const struct git_side *g, const char *path,
		   struct err *err)
{
	AUTO(auto_tree) git_tree *below = NULL;
	struct str rest = str_c(path), part;
	const git_tree *at = g->root;
	char name[4096];
	while (str_cut(&rest, '/', &part)) {
		if (!part.n || part.n >= sizeof(name))
			return 0;
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		const git_tree_entry *e = git_tree_entry_byname(at, name);
		if (!e)
			return 0;
		if (!rest.n)
			return git_tree_entry_dup(out, e) ? err_set(err, ERR_SYSTEM, "%s", git_words()) :
							    1;
		if (kind_of(e) != ENTRY_FOLDER)
			return 0;
		git_tree *next = NULL;
		if (load(&next, g, git_tree_entry_id(e), path, err))
			return -1;
		git_tree_free(below);
		at = below = next;
	}
	return 0;
}

static int git_find(const struct tree *t, const char *path, struct tree_entry *out,
		    struct err *err)
{
	const struct git_side *g = t->ctx;
	AUTO(auto_entry) git_tree_entry *e = NULL;
	out->kind = ENTRY_NONE;
	int found = descend(&e, g, path, err);
	if (found <= 0)
		return found;
	out->kind = kind_of(e);
	git_oid_tostr(out->oid, OID_HEX, git_tree_entry_id(e));
	if (out->kind != ENTRY_FILE)
		return 0;
	return repo_blob_size(g->repo, git_tree_entry_id(e), path, &out->size, err);
}

static int git_read(const struct tree *t, const char *path, struct tree_entry *e, size_t max,
		    struct str *bytes, struct arena *a, struct err *err)
{
	const struct git_side *g = t->ctx;
	git_oid id;
	if (git_oid_fromstr(&id, e->oid))
		return err_set(err, ERR_BUG, "'%s' is no object id", e->oid);
	return repo_blob(g->repo, &id, path, max, bytes, a, err);
}

static int git_list(const struct tree *t, const char *folder, struct tree_entry **entry, size_t *n,
		    struct arena *a, struct err *err)
{
	const struct git_side *g = t->ctx;
	AUTO(auto_entry) git_tree_entry *e = NULL;
	AUTO(auto_tree) git_tree *below = NULL;
	const git_tree *at = g->root;
	*n = 0;
	if (*folder) {
		int found = descend(&e, g, folder, err);
		if (found < 0)
			return -1;
		if (!found || kind_of(e) != ENTRY_FOLDER)
			return 0;
		if (load(&below, g, git_tree_entry_id(e), folder, err))
			return -1;
		at = below;
	}
	size_t count = git_tree_entrycount(at);
	struct tree_entry *out = arena_array(a, struct tree_entry, count);
	for (size_t i = 0; i < count; i++) {
		const git_tree_entry *x = git_tree_entry_byindex(at, i);
		out[i].name = arena_cstr(a, str_c(git_tree_entry_name(x)));
		out[i].kind = kind_of(x);
		git_oid_tostr(out[i].oid, OID_HEX, git_tree_entry_id(x));
	}
	*entry = out;
	*n = count;
	return 0;
}

static const struct tree_ops git_ops = { .find = git_find, .read = git_read, .list = git_list };

static void free_root(void *p)
{
	git_tree_free(p);
}

struct tree *tree_of_commit(const struct repo *r, git_tree *root, struct arena *a)
{
	struct git_side *g = arena_new(a, struct git_side);
	*g = (struct git_side){ .repo = r, .root = root };
	arena_defer(a, free_root, root);
	struct tree *t = arena_new(a, struct tree);
	*t = (struct tree){ .ops = &git_ops, .ctx = g, .arena = a };
	return t;
}
