/* A candidate must not see what it is to be judged against: a prompt (or a setting of an application, or
 * the `answer` of recorded answers) that reads a variable which a metric of the suite takes as `expected`, or which by
 * its name holds an answer, would be right by copying. */
#ifndef SUITE_PEEK_H
#define SUITE_PEEK_H

#include "suite/loader.h"

void peek_check(struct loader *l, struct suite_conf *s);

#endif
