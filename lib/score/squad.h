/* SQuAD's normal form: lower case, ASCII punctuation dropped, the words a, an, the dropped, split at
 * white space.  Made for English; a script without spaces becomes one token. */
#ifndef SCORE_SQUAD_H
#define SCORE_SQUAD_H

#include "base/arena.h"
#include "base/str.h"

struct squad {
	struct str text;         /* tokens joined by one space */
	struct str *token;       /* sorted bytewise */
	size_t n;
};

void squad_normalise(struct squad *out, struct str s, struct arena *a);
/* F1 over the bags of tokens; both empty is 1, one empty is 0 (the rule of SQuAD 2.0). */
double squad_f1(const struct squad *x, const struct squad *y);

#endif
