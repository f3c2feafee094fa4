/* A store or a folder of replies that a commit brought along would let it choose its own
 * answers: this tells such folders from those that this machine made. */
#include "repo/repo.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The folder's path inside the work tree; NULL when it is not there or lies elsewhere.  Links are
 * followed first: what counts is where the bytes come from. */
static const char *inside(const struct repo *r, const char *folder, struct arena *a)
{
	char here[PATH_MAX], top[PATH_MAX];
	const char *workdir = repo_workdir(r);
	if (!workdir || !realpath(folder, here) || !realpath(workdir, top))
		return NULL;
	size_t n = strlen(top);
	if (strncmp(here, top, n) || (here[n] && here[n] != '/'))
		return NULL;
	return arena_cstr(a, str_c(here[n] ? here + n + 1 : ""));
}

bool repo_tracks_folder(const struct repo *r, const struct tree *t, const char *folder,
			struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct tree *other;
	const char *path = inside(r, folder, a);
	if (!path)
		return false;
	if (!*path)
		return true; /* the work tree itself */
	if (t && tree_covers(t, path))
		return true;
	if (!repo_tree(&other, r, "HEAD", a, &ignored) && tree_covers(other, path))
		return true;
	return !repo_tree_index(&other, r, a, &ignored) && tree_covers(other, path);
}
