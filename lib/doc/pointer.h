/* JSON Pointer, RFC 6901, over json_t. */
#ifndef DOC_POINTER_H
#define DOC_POINTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>

/* The value that an absolute pointer names; NULL when there is none or the pointer is none. */
const json_t *pointer_get(const json_t *root, struct str pointer);
/* Take the first token off *rest, unescaped; false when none is left or the text is no pointer. */
bool pointer_next(struct str *rest, struct str *token, struct arena *a);
/* Append "/" and the escaped token. */
void pointer_add(struct buf *b, struct str token);
/* A token as an index: no sign, no leading zero, below `size`. */
bool pointer_index(struct str token, size_t size, size_t *out);

#endif
