/* Finds the elements of a JSON array without building it, so that a dataset of any size costs one
 * row of memory.  It knows just enough JSON (strings, nesting) to see where an element
 * ends; each element is parsed by itself later, strictly. */
#ifndef SUITE_JSONARRAY_H
#define SUITE_JSONARRAY_H

#include "base/err.h"
#include "base/str.h"

struct jsonarray {
	struct str text;
	size_t next;
	unsigned line;
	bool started, done;
};

struct jsonarray_item {
	size_t offset, length;
	unsigned line;
};

/* 1 with the next element, 0 at the end, -1 with *where and *why when it is no array. */
int jsonarray_next(struct jsonarray *j, struct jsonarray_item *item, size_t *where,
		   const char **why);

#endif
