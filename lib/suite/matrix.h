/* struct matrix: what `gate compare --matrix` reads: prompts, models and parameters of one target, and all
 * of their combinations, each as an overlay.  Nothing that it names is opened here; shape and count
 * alone are checked.  Everything lives in the arena given. */
#ifndef SUITE_MATRIX_H
#define SUITE_MATRIX_H

#include "suite/overlay.h"

enum { MATRIX_MAX = 64 };

struct matrix {
	const char *file;
	struct overlay combination[MATRIX_MAX];
	size_t n;
};

/* 0, or -1 with errors in *d. */
int matrix_read(struct matrix *out, struct str text, const char *file, struct arena *a, struct diags *d) MUST_USE;

#endif
