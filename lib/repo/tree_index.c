/* What is staged, and trees in memory: both are flat lists of paths. */
#include "repo/gitauto.h"
#include "repo/treeops.h"

static int blob_of(const struct flat_file *f, git_oid *id, struct err *err)
{
	if (git_oid_fromstr(id, f->oid))
		return err_set(err, ERR_BUG, "'%s' is no object id", f->oid);
	return 0;
}

static int index_read(void *ctx, const struct flat_file *f, size_t max, struct str *bytes,
		      struct arena *a, struct err *err)
{
	git_oid id;
	return blob_of(f, &id, err) ? -1 : repo_blob(ctx, &id, f->path, max, bytes, a, err);
}

static int index_size(void *ctx, const struct flat_file *f, size_t *size, struct err *err)
{
	git_oid id;
	return blob_of(f, &id, err) ? -1 : repo_blob_size(ctx, &id, f->path, size, err);
}

static enum entry_kind kind_of_mode(uint32_t mode)
{
	switch (mode) {
	case GIT_FILEMODE_LINK:
		return ENTRY_SYMLINK;
	case GIT_FILEMODE_COMMIT:
		return ENTRY_SUBMODULE;
	default:
		return ENTRY_FILE;
	}
}

static int fill(struct flat_file *file, size_t *n, git_index *index, struct arena *a,
		struct err *err)
{
	size_t count = git_index_entrycount(index);
	for (size_t i = 0; i < count; i++) {
		const git_index_entry *e = git_index_get_byindex(index, i);
		if (git_index_entry_stage(e))
			return err_set(err, ERR_USAGE, "'%s' is unmerged in the index; resolve it first",
				       e->path);
		/* "git add -N" promises a file that has no bytes yet. */
		if (e->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD)
			continue;
		struct flat_file *f = &file[(*n)++];
		f->path = arena_cstr(a, str_c(e->path));
		f->kind = kind_of_mode(e->mode);
		git_oid_tostr(f->oid, OID_HEX, &e->id);
	}
	return 0;
}

int repo_tree_index(struct tree **out, const struct repo *r, struct arena *a, struct err *err)
{
	git_index *index = NULL;
	if (repo_is_bare(r))
		return err_set(err, ERR_USAGE,
			       "'%s' is a bare repository and has no index; leave --index out",
			       repo_gitdir(r));
	if (git_repository_index(&index, r->git) || git_index_read(index, 1)) {
		git_index_free(index);
		return err_set(err, ERR_SYSTEM, "cannot read the index: %s", git_words());
	}
	size_t n = 0;
	struct flat_file *file = arena_array(a, struct flat_file, git_index_entrycount(index));
	int rc = fill(file, &n, index, a, err);
	git_index_free(index);
	if (rc)
		return -1;
	*out = tree_flat(file, n, index_read, index_size, (void *)(uintptr_t)r, "the index", a);
	return 0;
}

int tree_memory(struct tree **out, const struct tree_mem *file, size_t n, struct arena *a,
		struct err *err)
{
	if (repo_library(a, err))
		return -1;
	struct flat_file *flat = arena_array(a, struct flat_file, n);
	for (size_t i = 0; i < n; i++) {
		flat[i] = (struct flat_file){ .path = file[i].path, .kind = ENTRY_FILE };
		flat[i].bytes = file[i].bytes;
		if (repo_hash(flat[i].oid, file[i].bytes, err))
			return -1;
	}
	*out = tree_flat(flat, n, NULL, NULL, NULL, "memory", a);
	return 0;
}
