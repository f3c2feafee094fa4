/* Where this machine keeps the certificates it trusts: the environment's word first, then the
 * places of the distributions.  Only looks for files; reads none. */
#ifndef NET_CAFILE_H
#define NET_CAFILE_H

#include "base/arena.h"
#include "base/err.h"

/* The path of a PEM bundle in `a`, or NULL when there is none.  -1: a variable names a file that cannot
 * be read. */
int cafile_find(const char **out, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		struct arena *a, struct err *err) MUST_USE;

#endif
