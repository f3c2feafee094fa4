/* How gate explains its command line: the list of commands, and one command with its options.
 * Text of 80 columns, the same on a terminal and in a file; nothing here decides anything. */
#ifndef GATE_USAGE_H
#define GATE_USAGE_H

#include "gate/cmd.h"

#include <stdio.h>

void usage_all(FILE *to);
void usage_cmd(FILE *to, const struct cmd *c);
/* `left` in a column of this width, `text` wrapped beside it; for every list that gate prints. */
void usage_row(FILE *to, unsigned width, const char *left, struct str text);

#endif
