/* What the samples of one group share and the rest of the suite does not: a value of a case
 * variable, how answers finish, their first words.  Said only where it is more than chance: the
 * exact hypergeometric tail of a group drawn by lot from the suite, over cases (repeats of a case
 * are no further evidence; clusters of cases are taken as independent), adjusted by Holm over
 * everything looked at for the group, below 0.05; and only where it holds for most of the group
 * and is at least half as common again as elsewhere.  Words are held against the answers that are fine;
 * where none is, nine of ten must share them.  For failures only. */
#ifndef VERDICT_FAILURE_SHARED_H
#define VERDICT_FAILURE_SHARED_H

#include "verdict/failure_columns.h"

#define SHARED_RISK 0.05
enum { SHARED_MIN = 3 }; /* cases: two alike are no pattern */

/* One sample of the suite, by its place: of the group, else failing on the same metric, else fine. */
enum side { SIDE_FINE, SIDE_FAILING, SIDE_GROUP };

/* One slice of the suite: samples and, of them, those of the group. */
struct slice {
	struct str key, value;
	size_t at, id; /* column and value id */
	size_t count, of;
	double p; /* adjusted */
};
struct slices {
	struct slice *v; /* the largest count first */
	size_t n;
	size_t count, of; /* of the group; of the suite */
};

/* Slices that most of the group lies in. */
struct slices shared_slices(const struct failure_columns *c, const unsigned char *side,
			    struct arena *a);
/* Slices where `side` is the group more than twice as often as elsewhere. */
struct slices shared_worse(const struct failure_columns *c, const unsigned char *side,
			   struct arena *a);

/* What answers begin with; `words` is one text of each kind (absent: none is common).  False when
 * nothing stands out. */
struct shared_words {
	struct str words;
	bool whole; /* not only the beginning */
	size_t count, of;	  /* of the group's answers */
	size_t fine, fine_of; /* of those that are not failing */
	double p;
};
bool shared_words(struct shared_words *out, const struct failure_columns *c,
		  const unsigned char *side, const struct str words[WORDS], struct arena *a);

#endif
