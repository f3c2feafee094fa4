/* Plain scalars by YAML 1.2's core schema.  For doc_yaml.c only. */
#ifndef DOC_DOC_SCALAR_H
#define DOC_DOC_SCALAR_H

#include "base/str.h"

#include <jansson.h>

enum scalar_problem { SCALAR_OK, SCALAR_NOT_FINITE, SCALAR_TOO_LARGE };

/* The value a plain scalar stands for (the caller owns it); NULL with *why for a number that
 * JSON cannot hold. */
json_t *scalar_resolve(struct str s, enum scalar_problem *why);

#endif
