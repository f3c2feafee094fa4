/* Scratch repositories for tests: a folder under TMPDIR, git run through sh with a clean
 * configuration, everything removed at the end. */
#ifndef TEST_SCRATCHREPO_H
#define TEST_SCRATCHREPO_H

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct scratch {
	struct arena arena;
	char dir[256];
};

/* Run a script in the scratch folder; true when it exits 0. */
static inline bool scratch_sh(struct scratch *s, const char *script)
{
	static const char head[] = "set -e; export HOME=\"$PWD\" GIT_CONFIG_NOSYSTEM=1 "
				   "GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.com "
				   "GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com "
				   "GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' "
				   "GIT_COMMITTER_DATE='2026-01-02T03:04:05Z' "
				   "GIT_ALLOW_PROTOCOL=file; unset GIT_DIR GIT_WORK_TREE "
				   "GIT_INDEX_FILE; git config --global init.defaultBranch main; "
				   "git config --global protocol.file.allow always; "
				   "git config --global uploadpack.allowFilter true; ";
	pid_t pid = fork();
	if (pid == 0) {
		if (chdir(s->dir))
			_exit(126);
		char *text = arena_fmt(&s->arena, "%s%s", head, script);
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(127);
	}
	int status = 0;
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

static inline struct scratch *scratch_new(void)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");
	if (!s)
		die_oom();
	snprintf(s->dir, sizeof(s->dir), "%s/gate-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir))
		die_oom();
	setenv("HOME", s->dir, 1);
	return s;
}

static inline void scratch_free(struct scratch *s)
{
	if (s && s->dir[0])
		(void)scratch_sh(s, "cd /; chmod -R u+rwX \"$HOME\"; rm -rf \"$HOME\"");
	if (s)
		arena_release(&s->arena);
	free(s);
}

static inline const char *scratch_path(struct scratch *s, const char *name)
{
	return arena_fmt(&s->arena, "%s/%s", s->dir, name);
}

#endif
