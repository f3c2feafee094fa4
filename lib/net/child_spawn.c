#include "net/child_spawn.h"

#include "base/auto.h"
#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

struct pipe_pair {
	int r, w;
};

static void auto_pipe(struct pipe_pair *p)
{
	auto_fd(&p->r);
	auto_fd(&p->w);
}

/* Above the standard three, so that no end is in the way of another when they are put in place. */
static int open_pipe(struct pipe_pair *p, struct err *err)
{
	int fd[2];
	if (pipe(fd))
		return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(errno));
	p->r = fcntl(fd[0], F_DUPFD_CLOEXEC, 4);
	p->w = fcntl(fd[1], F_DUPFD_CLOEXEC, 4);
	int saved = errno;
	close(fd[0]);
	close(fd[1]);
	if (p->r < 0 || p->w < 0)
		return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(saved));
	return 0;
}

static void not_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* --- in the new process: only what is safe after fork ------------------------------------------ */

enum { STATUS_FD = 3, FIRST_FOREIGN = 4, FOREIGN_MAX = 65536 };

enum stage { STAGE_DIR, STAGE_LIMITS, STAGE_EXEC };
struct spawn_failure {
	int stage, code;
};

static void give_up(enum stage stage)
{
	struct spawn_failure f = { .stage = (int)stage, .code = errno };
	ssize_t n = write(STATUS_FD, &f, sizeof(f));
	(void)n;
	_exit(127);
}

static void close_foreign(void)
{
#if defined(__linux__) && defined(SYS_close_range)
	if (!syscall(SYS_close_range, (unsigned)FIRST_FOREIGN, ~0u, 0u))
		return;
#endif
	for (int fd = FIRST_FOREIGN; fd < FOREIGN_MAX; fd++)
		close(fd);
}

/* `more`: room between the limit that can be said (SIGXCPU) and the one that kills without a word. */
static struct rlimit lowered(struct rlimit was, int64_t n, rlim_t more)
{
	rlim_t want = (rlim_t)n;
	if (was.rlim_max != RLIM_INFINITY && want > was.rlim_max)
		want = was.rlim_max;
	struct rlimit now = { .rlim_cur = want, .rlim_max = want };
	if (was.rlim_max == RLIM_INFINITY || was.rlim_max - want >= more)
		now.rlim_max += more;
	return now;
}

/* The resources are of a type that only the C library can spell. */
#define LIMIT(what, n, more)                                                                       \
	do {                                                                                       \
		struct rlimit r;                                                                   \
		if ((n) <= 0 || getrlimit(what, &r))                                               \
			break;                                                                     \
		r = lowered(r, n, more);                                                           \
		if (setrlimit(what, &r))                                                           \
			give_up(STAGE_LIMITS);                                                     \
	} while (0)

static void set_limits(const struct child_limits *l, int64_t tasks)
{
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	LIMIT(RLIMIT_DATA, l->memory_bytes, 0);
	LIMIT(RLIMIT_NOFILE, l->files, 0);
	LIMIT(RLIMIT_CPU, l->cpu_s, 1);
	LIMIT(RLIMIT_NPROC, tasks, 0);
}

static NORETURN void become(const struct child_xfer *x, int64_t tasks, int in, int out, int err, int status,
			    pid_t parent)
{
	sigset_t none;
	setpgid(0, 0);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
#else
	(void)parent;
#endif
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	dup2(status, STATUS_FD);
	fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC);
	close_foreign();
	if (chdir(x->dir ? x->dir : "/"))
		give_up(STAGE_DIR);
	set_limits(&x->limits, tasks);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(x->path, (char *const *)(uintptr_t)x->argv, (char *const *)(uintptr_t)x->env);
	give_up(STAGE_EXEC);
	_exit(127);
}

/* --- in ours ------------------------------------------------------------------------------------ */

/* Nothing comes before the program runs; then the end that exec closed is the end of the file. */
static int wait_for_exec(int fd, const struct child_xfer *x, struct err *err)
{
	struct spawn_failure f;
	ssize_t n;
	while ((n = read(fd, &f, sizeof(f))) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(f))
		return 0;
	if (f.stage == STAGE_DIR)
		return err_set(err, ERR_SYSTEM, "cannot enter folder '%s': %s", x->dir ? x->dir : "/",
			       strerror(f.code));
	if (f.stage == STAGE_LIMITS)
		return err_set(err, ERR_SYSTEM, "cannot limit program '%s': %s", x->path, strerror(f.code));
	return err_set(err, ERR_SYSTEM, "cannot run program '%s': %s", x->path,
		       f.code == ENOEXEC ? "it is neither a program of this machine nor begins with '#!'" :
					   strerror(f.code));
}

static int open_pid(pid_t pid)
{
#if defined(__linux__) && defined(SYS_pidfd_open)
	return (int)syscall(SYS_pidfd_open, pid, 0u);
#else
	(void)pid;
	return -1;
#endif
}

int child_spawn(struct child_ends *out, const struct child_xfer *x, int64_t tasks, struct err *err)
{
	AUTO(auto_pipe) struct pipe_pair in = { -1, -1 }, answer = { -1, -1 }, said = { -1, -1 },
					 status = { -1, -1 };
	if (open_pipe(&in, err) || open_pipe(&answer, err) || open_pipe(&said, err) ||
	    open_pipe(&status, err))
		return -1;
	pid_t self = getpid(), pid = fork();
	if (pid < 0)
		return err_set(err, ERR_SYSTEM, "cannot start a process: %s", strerror(errno));
	if (pid == 0)
		become(x, tasks, in.r, answer.w, said.w, status.w, self);
	setpgid(pid, pid); /* both do: whoever comes second finds it done */
	auto_fd(&status.w);
	status.w = -1;
	if (wait_for_exec(status.r, x, err)) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return -1;
	}
	*out = (struct child_ends){ .pid = pid, .in = in.w, .out = answer.r, .err = said.r,
				    .pid_fd = open_pid(pid) };
	in.w = answer.r = said.r = -1;
	not_blocking(out->in);
	not_blocking(out->out);
	not_blocking(out->err);
	return 0;
}

/* The folder of a process's tasks has a link for each, and two of its own. */
int64_t child_user_tasks(void)
{
	int64_t n = 0, ignored;
	DIR *proc = opendir("/proc");
	if (!proc)
		return 0;
	for (const struct dirent *e; (e = readdir(proc)); ) {
		char path[64];
		struct stat st;
		if (!num_parse_i64(str_c(e->d_name), &ignored))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/task", e->d_name);
		if (!stat(path, &st) && st.st_uid == getuid() && st.st_nlink > 2)
			n += (int64_t)st.st_nlink - 2;
	}
	closedir(proc);
	return n;
}
