/* struct cmd: one subcommand.  Adding one: a file cmd_<name>.c that defines `cmd_<name>` and a line
 * in cmds.def; its options are a table over its own local struct, from which parsing, usage,
 * completion and the check against the manual page all come. */
#ifndef GATE_CMD_H
#define GATE_CMD_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "gate/opt.h"
#include "repo/policyref.h"
#include "gate/term.h"

struct gate {
	struct arena *arena;    /* main's */
	struct clock clock;
	env_fn *env;
	struct term out, err;   /* standard output and standard error */
};

struct words {
	VEC(struct str) v;
};

struct cmd {
	const char *name;
	const char *synopsis;   /* "[--stage S] [-o FILE]…": after the name */
	const char *help;       /* one line */
	const struct opt *opt;  /* ends with a NULL name */
	const char *more;       /* optional: what --help adds after the options */
	/* Optional: every word that can stand as operand, for completion and "did you mean". */
	void (*words)(struct words *out, struct arena *a);
	/* argv[0] is the first word after the name.  Returns the exit code, or -1 with *err. */
	int (*run)(struct gate *g, int argc, char **argv, struct err *err);
};

/* All of them, NULL-terminated. */
const struct cmd *const *cmd_all(void);
const struct cmd *cmd_find(struct str name);

/* Text of an artifact, a path, a server or a record on standard error, made harmless. */
void show_text(const struct gate *g, const char *s);
/* Print located messages on standard error, and how many there were. */
void show_diags(const struct gate *g, struct diags *d);

#endif
