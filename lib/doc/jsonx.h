/* Small helpers over Jansson.  A json_t handed to arena_json dies with the arena: domain code
 * holds borrowed json_t pointers and never counts references. */
#ifndef DOC_JSONX_H
#define DOC_JSONX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <jansson.h>

/* Tie one reference of j to the arena's life; returns j.  NULL (no memory) ends the process. */
json_t *arena_json(struct arena *a, json_t *j);
/* Text of a JSON string (may hold NUL); the absent string for anything else, NULL included. */
struct str json_str(const json_t *j);
/* json_str of member `key`. */
struct str json_get_str(const json_t *object, const char *key);
/* New JSON string from any bytes: bad UTF-8 becomes U+FFFD, NUL is kept.  Caller owns it. */
json_t *json_from_str(struct str s);
/* Compact text of any value, members in insertion order. */
void json_write(struct buf *out, const json_t *j);
/* "object", "array", "string", "integer", "number", "boolean", "null". */
const char *json_type_name(const json_t *j);

/* Parse what a model or server wrote.  Reads what strict parsers refuse (NUL escapes, lone
 * surrogates as U+FFFD, integers past 2^63 as reals, numbers too large as the largest real), any JSON value at the
 * top; keeps Jansson's depth cap.  NULL when it is no JSON; *why says where. */
json_t *json_lenient(struct arena *a, struct str text, const char **why);
/* The same with an object's repeated key refused: for recorded answers inside of datasets. */
json_t *json_lenient_unique(struct arena *a, struct str text, const char **why);

#endif
