/* Start of a program, for child.c alone: pipes, fork, and in the new process nothing but calls that are
 * safe there until exec.  It knows no loop. */
#ifndef NET_CHILD_SPAWN_H
#define NET_CHILD_SPAWN_H

#include "net/child.h"

struct child_ends {
	pid_t pid;
	int in, out, err; /* our ends, not blocking; pid_fd is -1 where there is none such */
	int pid_fd;
};

/* `tasks` is the limit of the user's tasks, 0 for none. */
int child_spawn(struct child_ends *out, const struct child_xfer *x, int64_t tasks, struct err *err) MUST_USE;
/* Tasks that this user has now; 0 where nothing says. */
int64_t child_user_tasks(void);

#endif
