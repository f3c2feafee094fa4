#include "gate/cmd.h"
#include "gate/exit.h"

#include <stdio.h>

static int run_version(struct gate *g, int argc, char **argv, struct err *err)
{
	(void)g;
	if (argc)
		return err_set(err, ERR_USAGE, "gate version: unexpected '%s'", argv[0]);
	puts("gate " GATE_VERSION);
	return EXIT_PASS;
}

const struct cmd cmd_version = {
	.name = "version",
	.synopsis = "",
	.help = "print the version",
	.run = run_version,
};
