/* struct opt: one option of one subcommand.  opt_parse fills the command's own struct by offset
 * and leaves the operands; it prints nothing.  An unknown option is an error with the nearest
 * name.  --name=value, --name value, -x value and -xvalue are understood; `--` ends options. */
#ifndef GATE_OPT_H
#define GATE_OPT_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_FLAG,   /* bool */
	OPT_TEXT,   /* const char * */
	OPT_COUNT,  /* uint64_t, 0 or more */
	OPT_TIME,   /* int64_t ms: "90s" "10m"; plain numbers are seconds */
	OPT_LIST,   /* struct opt_list */
};

struct opt_list {
	VEC(const char *) v;
};

struct opt {
	const char *name; /* without dashes */
	char letter;      /* 0 = none */
	enum opt_kind kind;
	size_t offset;
	const char *arg;  /* "REV"; NULL for flags */
	const char *help;
};

#define OPT_END { .name = NULL }

/* Operands are moved to the front of argv; *argc becomes their number. */
int opt_parse(const struct opt *table, const char *cmd, int *argc, char **argv, void *into,
	      struct arena *a, struct err *err) MUST_USE;

#endif
