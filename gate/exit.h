/* The one place where kinds of trouble become exit codes (PRODUCT §3).  Every nonzero blocks. */
#ifndef GATE_EXIT_H
#define GATE_EXIT_H

#include "base/err.h"

#include <stdbool.h>

enum exit_code {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,
	EXIT_USAGE = 2,     /* usage, config or artifact: nothing was spent */
	EXIT_UNDECIDED = 3,
	EXIT_TRUST = 4,
	EXIT_BUG = 70,
};

/* `spent`: calls may have been made, so a failing machine leaves the run undecided. */
static inline int exit_of(const struct err *err, bool spent)
{
	switch (err->kind) {
	case ERR_USAGE:
	case ERR_ARTIFACT:
		return EXIT_USAGE;
	case ERR_SYSTEM:
		return spent ? EXIT_UNDECIDED : EXIT_USAGE;
	case ERR_REMOTE:
		return EXIT_UNDECIDED;
	case ERR_TRUST:
		return EXIT_TRUST;
	case ERR_NONE:
	case ERR_BUG:
		break;
	}
	return EXIT_BUG;
}

#endif
