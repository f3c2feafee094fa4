#include "repo/treeops.h"

#include <stdlib.h>

/* Paths in order, so that a folder is a run of neighbours. */
struct flat {
	struct flat_file *file;
	size_t n;
	flat_read *read;
	flat_size *size;
	void *ctx;
};

static int by_path(const void *a, const void *b)
{
	const struct flat_file *x = a, *y = b;
	return strcmp(x->path, y->path);
}

/* First file whose path is not before `path`. */
static size_t lower_bound(const struct flat *f, const char *path)
{
	size_t lo = 0, hi = f->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (strcmp(f->file[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int flat_find(const struct tree *t, const char *path, struct tree_entry *out,
		     struct err *err)
{
	const struct flat *f = t->ctx;
	struct arena scratch = ARENA_INIT;
	size_t i = lower_bound(f, path);
	int rc = 0;
	out->kind = ENTRY_NONE;
	if (i < f->n && !strcmp(f->file[i].path, path)) {
		const struct flat_file *hit = &f->file[i];
		out->kind = hit->kind;
		memcpy(out->oid, hit->oid, OID_HEX);
		out->size = hit->bytes.n;
		if (f->size && hit->kind == ENTRY_FILE)
			rc = f->size(f->ctx, hit, &out->size, err);
	} else {
		const char *below = arena_fmt(&scratch, "%s/", path);
		i = lower_bound(f, below);
		if (i < f->n && str_starts(str_c(f->file[i].path), str_c(below)))
			out->kind = ENTRY_FOLDER;
	}
	arena_release(&scratch);
	return rc;
}

static int read_flat(const struct tree *t, const char *path, struct tree_entry *e, size_t max,
		     struct str *bytes, struct arena *a, struct err *err)
{
	const struct flat *f = t->ctx;
	const struct flat_file *hit = &f->file[lower_bound(f, path)];
	(void)e;
	if (f->read)
		return f->read(f->ctx, hit, max, bytes, a, err);
	*bytes = hit->bytes.p ? hit->bytes : STR("");
	return 0;
}

static int flat_list(const struct tree *t, const char *folder, struct tree_entry **entry, size_t *n,
		     struct arena *a, struct err *err)
{
	const struct flat *f = t->ctx;
	struct str prefix = str_c(*folder ? arena_fmt(a, "%s/", folder) : "");
	VEC(struct tree_entry) out = { .v = NULL };
	(void)err;
	for (size_t i = lower_bound(f, prefix.p); i < f->n; i++) {
		struct str path = str_c(f->file[i].path);
		if (!str_starts(path, prefix))
			break;
		struct str name, rest = str_sub(path, prefix.n, path.n);
		str_cut(&rest, '/', &name);
		bool deeper = rest.n > 0;
		if (out.n && str_eqc(name, out.v[out.n - 1].name))
			continue;
		struct tree_entry *e = vec_push(&out, a);
		e->name = arena_cstr(a, name);
		e->kind = deeper ? ENTRY_FOLDER : f->file[i].kind;
		memcpy(e->oid, deeper ? "" : f->file[i].oid, deeper ? 1 : OID_HEX);
	}
	*entry = out.v;
	*n = out.n;
	return 0;
}

static const struct tree_ops flat_ops = { .find = flat_find, .read = read_flat, .list = flat_list };

struct tree *tree_flat(struct flat_file *file, size_t n, flat_read *read, flat_size *size, void *ctx,
		       const char *label, struct arena *a)
{
	struct flat *f = arena_new(a, struct flat);
	*f = (struct flat){ .file = file, .n = n, .read = read, .size = size, .ctx = ctx };
	if (n)
		qsort(file, n, sizeof(*file), by_path);
	struct tree *t = arena_new(a, struct tree);
	*t = (struct tree){ .ops = &flat_ops, .ctx = f, .arena = a, .label = label };
	return t;
}
