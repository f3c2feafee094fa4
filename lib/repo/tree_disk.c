/* The work tree: what lies on the disk now.  Every component is opened without following links, so
 * a link cannot lead out even when it changes while we look. */
#include "base/auto.h"
#include "base/buf.h"
#include "repo/gitauto.h"
#include "repo/treeops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const char *path, int why, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "cannot read '%s' in the work tree: %s", path,
		       strerror(why));
}

/* Open the folder `path` ("" is the root): a descriptor, -2 when there is no such folder, -1. */
static int open_folder(const struct tree *t, struct str path, struct err *err)
{
	const char *root = t->ctx;
	struct str part;
	char name[4096];
	int at = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return cannot(root, errno, err);
	while (str_cut(&path, '/', &part)) {
		if (!part.n || part.n >= sizeof(name)) {
			close(at);
			return -2;
		}
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int why = errno;
		close(at);
		if (next < 0 && (why == ENOENT || why == ENOTDIR || why == ELOOP))
			return -2;
		if (next < 0)
			return cannot(name, why, err);
		struct stat st;
		if (!fstatat(next, ".git", &st, AT_SYMLINK_NOFOLLOW)) {
			close(next);
			return -2; /* a submodule's own */
		}
		at = next;
	}
	return at;
}

static enum entry_kind kind_at(int folder, const char *name, struct stat *st)
{
	struct stat dot;
	char inner[512];
	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW))
		return ENTRY_NONE;
	if (S_ISLNK(st->st_mode))
		return ENTRY_SYMLINK;
	if (S_ISREG(st->st_mode))
		return ENTRY_FILE;
	if (!S_ISDIR(st->st_mode))
		return ENTRY_NONE;
	/* A folder with its own .git is a submodule or a nested clone. */
	if (snprintf(inner, sizeof(inner), "%s/.git", name) < (int)sizeof(inner) &&
	    !fstatat(folder, inner, &dot, AT_SYMLINK_NOFOLLOW))
		return ENTRY_SUBMODULE;
	return ENTRY_FOLDER;
}

static struct str parent_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	return (struct str){ .p = path, .n = slash ? (size_t)(slash - path) : 0 };
}

static bool in_git_folder(struct str path)
{
	struct str part;
	while (str_cut(&path, '/', &part))
		if (str_ieq(part, STR(".git")))
			return true;
	return false;
}

static int disk_find(const struct tree *t, const char *path, struct tree_entry *out,
		     struct err *err)
{
	const char *name;
	struct str folder = parent_of(path, &name);
	struct stat st;
	out->kind = ENTRY_NONE;
	out->oid[0] = '\0';
	if (in_git_folder(str_c(path)))
		return 0;
	AUTO(auto_fd) int fd = open_folder(t, folder, err);
	if (fd == -2)
		return 0;
	if (fd < 0)
		return -1;
	out->kind = kind_at(fd, name, &st);
	if (out->kind == ENTRY_FILE)
		out->size = (size_t)st.st_size;
	return 0;
}

static int read_all(int fd, const char *path, size_t max, struct str *bytes, struct arena *a,
		    struct err *err)
{
	AUTO(buf_release) struct buf b;
	char chunk[64 * 1024];
	buf_init(&b, max);
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot(path, errno, err);
		if (!n)
			break;
		buf_add(&b, (struct str){ .p = chunk, .n = (size_t)n });
		if (b.over)
			return tree_too_large(path, b.n + (size_t)n, max, err);
	}
	*bytes = arena_str(a, buf_str(&b));
	if (!bytes->p)
		*bytes = STR("");
	return 0;
}

static int disk_read(const struct tree *t, const char *path, struct tree_entry *e, size_t max,
		     struct str *bytes, struct arena *a, struct err *err)
{
	const char *name;
	struct str folder = parent_of(path, &name);
	AUTO(auto_fd) int at = open_folder(t, folder, err);
	if (at < 0)
		return at == -2 ? cannot(path, ENOENT, err) : -1;
	AUTO(auto_fd) int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return cannot(path, errno, err);
	if (read_all(fd, path, max, bytes, a, err))
		return -1;
	return repo_hash(e->oid, *bytes, err);
}

static void auto_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int disk_list(const struct tree *t, const char *folder, struct tree_entry **entry, size_t *n,
		     struct arena *a, struct err *err)
{
	VEC(struct tree_entry) out = { .v = NULL };
	*n = 0;
	int fd = open_folder(t, str_c(folder), err);
	if (fd < 0)
		return fd == -2 ? 0 : -1;
	AUTO(auto_dir) DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return cannot(folder, errno, err);
	}
	for (;;) {
		struct stat st;
		errno = 0;
		struct dirent *d = readdir(dir);
		if (!d && errno)
			return cannot(folder, errno, err);
		if (!d)
			break;
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") || !strcmp(d->d_name, ".git"))
			continue;
		struct tree_entry e = { .kind = kind_at(fd, d->d_name, &st) };
		if (e.kind == ENTRY_NONE)
			continue;
		e.name = arena_cstr(a, str_c(d->d_name));
		*vec_push(&out, a) = e;
	}
	*entry = out.v;
	*n = out.n;
	return 0;
}

static const struct tree_ops disk_ops = { .find = disk_find, .read = disk_read, .list = disk_list };

int repo_tree_worktree(struct tree **out, const struct repo *r, struct arena *a, struct err *err)
{
	const char *root = repo_workdir(r);
	if (!root)
		return err_set(err, ERR_USAGE,
			       "'%s' is a bare repository and has no work tree; leave --worktree out",
			       repo_gitdir(r));
	struct tree *t = arena_new(a, struct tree);
	*t = (struct tree){ .ops = &disk_ops, .arena = a, .label = "the work tree" };
	t->ctx = arena_cstr(a, str_c(root));
	*out = t;
	return 0;
}
