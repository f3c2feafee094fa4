#include "repo/tree.h"

#include "base/limits.h"
#include "repo/glob.h"
#include "repo/treeops.h"

#include <stdlib.h>

const char *tree_commit(const struct tree *t)
{
	return t->commit;
}

const char *tree_oid(const struct tree *t)
{
	return t->oid;
}

const char *tree_label(const struct tree *t)
{
	return t->label;
}

int tree_too_large(const char *path, size_t size, size_t max, struct err *err)
{
	return err_set(err, ERR_ARTIFACT, "'%s' has %zu bytes; at most %zu are read here", path,
		       size, max);
}

static int bad_link(const char *path, const struct tree *t, struct err *err)
{
	return err_set(err, ERR_ARTIFACT,
		       "'%s' in %s is a symbolic link; links are never followed: commit the file "
		       "itself or name the path it points to",
		       path, t->label);
}

static int bad_submodule(const char *path, const struct tree *t, struct err *err)
{
	return err_set(err, ERR_ARTIFACT,
		       "'%s' in %s is a submodule, whose files are not part of this commit: commit "
		       "the files here",
		       path, t->label);
}

/* The path is not there.  Say so, or name the parent that is a link, a submodule or a file. */
static int not_there(const struct tree *t, const char *path, struct err *err)
{
	char part[4096];
	size_t n = strlen(path);
	for (size_t i = 1; i < n && i < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		struct tree_entry e = { .kind = ENTRY_NONE };
		if (t->ops->find(t, part, &e, err))
			return -1;
		if (e.kind == ENTRY_SYMLINK)
			return bad_link(part, t, err);
		if (e.kind == ENTRY_SUBMODULE)
			return bad_submodule(part, t, err);
		if (e.kind == ENTRY_FILE)
			return err_set(err, ERR_ARTIFACT,
				       "'%s' is not in %s: '%s' is a file, not a folder", path,
				       t->label, part);
		if (e.kind == ENTRY_NONE)
			break;
	}
	return err_set(err, ERR_ARTIFACT, "'%s' is not in %s", path, t->label);
}

static int need_file(const struct tree *t, const char *path, struct tree_entry *e, struct err *err)
{
	if (t->ops->find(t, path, e, err))
		return -1;
	switch (e->kind) {
	case ENTRY_FILE:
		return 0;
	case ENTRY_SYMLINK:
		return bad_link(path, t, err);
	case ENTRY_SUBMODULE:
		return bad_submodule(path, t, err);
	case ENTRY_FOLDER:
		return err_set(err, ERR_ARTIFACT, "'%s' in %s is a folder; a file is expected here",
			       path, t->label);
	case ENTRY_NONE:
		break;
	}
	return not_there(t, path, err);
}

bool tree_has(const struct tree *t, const char *path)
{
	struct tree_entry e = { .kind = ENTRY_NONE };
	struct err ignored = ERR_INIT;
	if (t->ops->find(t, path, &e, &ignored))
		return true;
	if (e.kind != ENTRY_NONE)
		return e.kind != ENTRY_FOLDER;
	/* A parent that is a link or a submodule hides what would be here: let tree_read tell. */
	if (!strchr(path, '/'))
		return false;
	char part[4096];
	for (size_t i = 1; path[i] && i < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (t->ops->find(t, part, &e, &ignored))
			return true;
		if (e.kind == ENTRY_SYMLINK || e.kind == ENTRY_SUBMODULE)
			return true;
	}
	return false;
}

bool tree_covers(const struct tree *t, const char *path)
{
	struct tree_entry e = { .kind = ENTRY_NONE };
	struct err ignored = ERR_INIT;
	return t->ops->find(t, path, &e, &ignored) || e.kind != ENTRY_NONE || tree_has(t, path);
}

static bool is_lfs(struct str bytes)
{
	return bytes.n <= 1024 &&
	       (str_starts(bytes, STR("version https://git-lfs.github.com/spec/")) ||
		str_starts(bytes, STR("version https://hawser.github.com/spec/")));
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_but_case(const char *a, const char *b)
{
	size_t i = 0;
	for (; a[i] && fold(a[i]) == fold(b[i]); i++)
		;
	return !a[i] && !b[i] && strcmp(a, b) != 0;
}

/* Two names that differ in case only are one file on some machines: what people reviewed
 * there need not be what is read here. */
static int refuse_twin(const struct tree *t, const char *path, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	struct tree_entry *entry;
	size_t n = 0;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct str folder = { .p = path, .n = slash ? (size_t)(slash - path) : 0 };
	int rc = t->ops->list(t, arena_cstr(&scratch, folder), &entry, &n, &scratch, err);
	for (size_t i = 0; !rc && i < n; i++)
		if (same_but_case(entry[i].name, name))
			rc = err_set(err, ERR_ARTIFACT,
				     "'%s' and '%s' in one folder differ in case only; rename one",
				     path, entry[i].name);
	arena_release(&scratch);
	return rc;
}

int tree_read(const struct tree *t, const char *path, size_t max, struct str *bytes,
	      char oid[OID_HEX], struct arena *a, struct err *err)
{
	struct tree_entry e = { .kind = ENTRY_NONE };
	struct str read = { .p = NULL };
	if (need_file(t, path, &e, err) || refuse_twin(t, path, err))
		return -1;
	if (e.size > max)
		return tree_too_large(path, e.size, max, err);
	if (t->ops->read(t, path, &e, max, &read, a, err))
		return -1;
	if (is_lfs(read))
		return err_set(err, ERR_ARTIFACT,
			       "'%s' in %s is a Git LFS pointer, not the file; commit the file itself "
			       "(git lfs untrack, or git lfs migrate export --include='%s')",
			       path, t->label, path);
	*bytes = read;
	if (oid)
		memcpy(oid, e.oid, OID_HEX);
	return 0;
}

struct walk {
	const struct tree *t;
	struct str pattern; /* absent: everything that is not hidden */
	struct arena *a;
	VEC(struct tree_file) out;
};

static int take(struct walk *w, const char *path, struct err *err)
{
	struct tree_entry e = { .kind = ENTRY_NONE };
	if (need_file(w->t, path, &e, err))
		return -1;
	if (w->out.n >= GLOB_FILES_MAX)
		return err_set(err, ERR_ARTIFACT, "more than %zu files match '%.*s'",
			       GLOB_FILES_MAX, STR_ARGS(w->pattern));
	struct tree_file *f = vec_push(&w->out, w->a);
	f->path = path;
	f->size = e.size;
	memcpy(f->oid, e.oid, OID_HEX);
	return 0;
}

static int walk(struct walk *w, const char *folder, unsigned depth, struct err *err)
{
	struct tree_entry *entry;
	size_t n = 0;
	if (depth > PATH_DEPTH_MAX)
		return err_set(err, ERR_ARTIFACT, "folders in '%s' nest deeper than %d", folder,
			       PATH_DEPTH_MAX);
	if (w->t->ops->list(w->t, folder, &entry, &n, w->a, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *path = *folder ? arena_fmt(w->a, "%s/%s", folder, entry[i].name) :
					     entry[i].name;
		bool all = !w->pattern.p && entry[i].name[0] != '.';
		bool down = all || (w->pattern.p && glob_may_descend(w->pattern, str_c(path)));
		bool hit = all || (w->pattern.p && glob_match(w->pattern, str_c(path)));
		if (entry[i].kind == ENTRY_FOLDER) {
			if (down && walk(w, path, depth + 1, err))
				return -1;
		} else if (entry[i].kind == ENTRY_SUBMODULE) {
			if (down || hit)
				return bad_submodule(path, w->t, err);
		} else if (hit && take(w, path, err)) {
			return -1;
		}
	}
	return 0;
}

/* The folder before the first component with a wildcard. */
static const char *fixed_folder(struct str pattern, struct arena *a)
{
	size_t end = 0;
	for (size_t i = 0; i < pattern.n; i++) {
		if (memchr("*?[", pattern.p[i], 3))
			break;
		if (pattern.p[i] == '/')
			end = i;
	}
	return arena_cstr(a, str_sub(pattern, 0, end));
}

static int by_path(const void *a, const void *b)
{
	const struct tree_file *x = a, *y = b;
	return strcmp(x->path, y->path);
}

/* A link or submodule on the fixed part would otherwise look like an empty folder. */
static int check_folder(const struct tree *t, const char *folder, bool *there, struct err *err)
{
	struct tree_entry e = { .kind = ENTRY_NONE };
	*there = true;
	if (!*folder)
		return 0;
	if (t->ops->find(t, folder, &e, err))
		return -1;
	if (e.kind == ENTRY_SYMLINK)
		return bad_link(folder, t, err);
	if (e.kind == ENTRY_SUBMODULE)
		return bad_submodule(folder, t, err);
	*there = e.kind == ENTRY_FOLDER;
	if (e.kind == ENTRY_NONE && tree_has(t, folder))
		return not_there(t, folder, err);
	return 0;
}

static int glob_one(struct walk *w, struct str pattern, struct err *err)
{
	bool there;
	w->pattern = pattern;
	const char *folder = fixed_folder(pattern, w->a);
	if (check_folder(w->t, folder, &there, err))
		return -1;
	return there ? walk(w, folder, 0, err) : 0;
}

static int glob_all(struct walk *w, struct str pattern, struct err *err)
{
	struct str *one;
	size_t n = 0;
	if (glob_braces(&one, &n, pattern, w->a, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (glob_one(w, one[i], err))
			return -1;
	return 0;
}

/* Sorted, each path once: alternatives may overlap. */
static void finish(struct walk *w, struct tree_file **file, size_t *n)
{
	if (w->out.n)
		qsort(w->out.v, w->out.n, sizeof(*w->out.v), by_path);
	size_t kept = 0;
	for (size_t i = 0; i < w->out.n; i++)
		if (!kept || strcmp(w->out.v[kept - 1].path, w->out.v[i].path) != 0)
			w->out.v[kept++] = w->out.v[i];
	*file = w->out.v;
	*n = kept;
}

int tree_glob(const struct tree *t, const char *pattern, struct tree_file **file, size_t *n,
	      struct arena *a, struct err *err)
{
	struct walk w = { .t = t, .a = a };
	struct tree_entry e = { .kind = ENTRY_NONE };
	size_t len = strlen(pattern);
	while (len && pattern[len - 1] == '/')
		len--;
	const char *plain = arena_cstr(a, (struct str){ .p = pattern, .n = len });
	int rc = 0;
	if (len && t->ops->find(t, plain, &e, err))
		return -1;
	if (!len || e.kind == ENTRY_FOLDER)
		rc = walk(&w, plain, 0, err);
	else if (e.kind != ENTRY_NONE)
		rc = take(&w, plain, err);
	else if (glob_is_pattern(str_c(plain)))
		rc = glob_all(&w, str_c(plain), err);
	else if (tree_has(t, plain))
		rc = not_there(t, plain, err);
	if (rc)
		return -1;
	finish(&w, file, n);
	return 0;
}

int tree_resolve(const char **path, const char *base, struct str ref, struct arena *a,
		 struct err *err)
{
	const char *slash = base ? strrchr(base, '/') : NULL;
	struct str folder = { .p = base, .n = slash ? (size_t)(slash - base) : 0 };
	if (!ref.n || memchr(ref.p, '\0', ref.n) || memchr(ref.p, '\n', ref.n))
		return err_set(err, ERR_ARTIFACT, "a path is expected, found '%.*s'", STR_ARGS(ref));
	if (ref.p[0] == '/' || memchr(ref.p, '\\', ref.n))
		return err_set(err, ERR_ARTIFACT,
			       "'%.*s' is not a path inside the tree; write it relative to '%s', "
			       "with '/'",
			       STR_ARGS(ref), base ? base : "the root");
	char *out = arena_alloc(a, folder.n + ref.n + 2);
	struct str rest = str_c(arena_fmt(a, "%.*s/%.*s", STR_ARGS(folder), STR_ARGS(ref))), part;
	size_t n = 0;
	while (str_cut(&rest, '/', &part)) {
		if (!part.n || str_eqc(part, "."))
			continue;
		if (!str_eqc(part, "..")) {
			if (n)
				out[n++] = '/';
			memcpy(out + n, part.p, part.n);
			n += part.n;
			continue;
		}
		if (!n)
			return err_set(err, ERR_ARTIFACT,
				       "'%.*s' leads out of the tree; only files of the commit are read",
				       STR_ARGS(ref));
		while (n && out[n - 1] != '/')
			n--;
		n -= n > 0;
	}
	out[n] = '\0';
	*path = out;
	return 0;
}
