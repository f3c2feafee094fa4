/* promptfoo's magic CSV columns: a header is planned once, every row then becomes the same object
 * that a JSON row would be.  A magic column nobody knows is an error, never a variable. */
#ifndef SUITE_CSVMAGIC_H
#define SUITE_CSVMAGIC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <jansson.h>

struct csvmagic;

int csvmagic_plan(struct csvmagic **out, const struct str *name, size_t n, const char *file,
		  struct arena *a, struct err *err) MUST_USE;
/* The row as an object, tied to the arena. */
int csvmagic_row(const struct csvmagic *m, const struct str *field, size_t n, struct pos at,
		 json_t **out, struct arena *a, struct err *err) MUST_USE;

#endif
