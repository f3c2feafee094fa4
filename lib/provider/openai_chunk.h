/* The usual chunk of a stream, read without building a tree: one choice with index 0 whose
 * delta holds a role, a text and nothing else, or the last one with the usage.  Anything else is
 * refused, and the full decoder reads it. */
#ifndef PROVIDER_OPENAI_CHUNK_H
#define PROVIDER_OPENAI_CHUNK_H

#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

struct openai_chunk {
	struct str id, model, tier; /* views into the text */
	struct str finish;     /* absent: not the last */
	bool choice;           /* there was one */
	bool usage;
	int64_t tokens_in, tokens_out;
};

/* False: not a usual chunk; *content may hold a part of its text, to be dropped. */
bool openai_chunk_read(struct openai_chunk *out, struct str text, struct buf *content);

#endif
