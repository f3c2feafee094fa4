/* programid: what of this machine an answer of an exec target depends on: the bytes of its program and of the
 * files that its arguments name, its folder, and the variables that it gets.  It belongs to the key of a stored
 * answer, so that a program that was built anew is asked anew; never to the call's digest, which is the same on
 * every machine. */
#ifndef RUN_PROGRAMID_H
#define RUN_PROGRAMID_H

#include "run/run.h"

/* Fill in endpoint.made_of of every target of the project that runs a program. */
void programid_fill(struct run *r);
/* By what the store knows the reply of this call, whose digest is `call`. */
struct digest programid_key(const struct endpoint *e, const struct digest *call);

#endif
