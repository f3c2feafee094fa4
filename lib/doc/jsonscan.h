/* struct jsonscan: reads JSON in place, without a tree, for the shapes a hot path meets thousands
 * of times.  Strict: RFC 8259 grammar, well-formed UTF-8, a depth cap.  Whatever it does
 * not take leaves `bad` set, and the caller parses the text again with the full reader: so it
 * may refuse anything, and accepts nothing that the full reader reads otherwise.  Owns nothing. */
#ifndef DOC_JSONSCAN_H
#define DOC_JSONSCAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

struct jsonscan {
	struct str s;
	size_t i;
	unsigned depth;
	bool bad;
	bool first; /* nothing was read yet in the innermost container */
};

struct jsonscan jsonscan_of(struct str text);
bool jsonscan_at(struct jsonscan *j, char c); /* does a value that begins so stand here? */
/* Step into an object or array that stands here; false (and bad) when something else does. */
bool jsonscan_enter(struct jsonscan *j, char bracket);
/* The next member's key (raw: an escaped one is bad), its value standing next; false at the end of
 * the object, which is left. */
bool jsonscan_member(struct jsonscan *j, struct str *key);
/* Is there one more item?  false at the end of the array, which is left. */
bool jsonscan_item(struct jsonscan *j);
/* The value that stands here. */
void jsonscan_skip(struct jsonscan *j);
bool jsonscan_null(struct jsonscan *j); /* taken when it is null, else nothing is taken */
/* Append the string's text, escapes resolved; lone surrogates and NUL are bad. */
void jsonscan_string(struct jsonscan *j, struct buf *out);
/* A string without escapes, as a view; one with escapes is bad. */
struct str jsonscan_plain(struct jsonscan *j);
/* The same with escapes resolved, in the arena when there are any. */
struct str jsonscan_text(struct jsonscan *j, struct arena *a);
/* A number of moderate length, to the bit what strtod reads. */
double jsonscan_number(struct jsonscan *j);
/* A whole number below 2^53. */
int64_t jsonscan_count(struct jsonscan *j);
/* Nothing but white space is left. */
bool jsonscan_end(struct jsonscan *j);

#endif
