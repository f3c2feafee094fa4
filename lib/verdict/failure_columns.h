/* struct failure_columns: what the samples of one suite may share, a few bytes each by place in
 * canonical order: the values of the variables that are categories (a few short values; one with
 * more is dropped whole), how the answer finished, which model served it, and a hash of its first
 * words.  Fed in any order; what can be read of it depends on the set of samples alone, but for
 * the numbers of the values.  For failures only. */
#ifndef VERDICT_FAILURE_COLUMNS_H
#define VERDICT_FAILURE_COLUMNS_H

#include "base/arena.h"
#include "record/record.h"

enum { COLUMN_KEYS = 24, COLUMN_VALUES = 12, COLUMN_BYTES = 60 };
/* Suites with more samples are not looked at for what answers share. */
enum { COLUMN_WORDS_MAX = 1000000 };

/* The first word, the first two, the first four, and the whole of a short answer. */
enum words { WORDS_ONE, WORDS_TWO, WORDS_FOUR, WORDS_ALL, WORDS };

struct column_key {
	struct str key;
	bool dropped;
	size_t n;
	struct str value[COLUMN_VALUES];
	unsigned char *id; /* 1 + index into value; 0: the sample lacks it */
};

struct failure_columns {
	size_t n;		     /* samples planned */
	unsigned repeats;	     /* place / repeats is the case */
	unsigned char *seen;	     /* did it come? */
	bool dropped;		     /* more keys than are kept: none is */
	VEC(struct column_key) key;
	VEC(unsigned char *) spare;  /* of dropped keys */
	uint32_t *words[WORDS];	     /* hash; 0: none */
};

void failure_columns_init(struct failure_columns *c, const struct suite_head *s, struct arena *a);
/* `at` < n. */
void failure_columns_add(struct failure_columns *c, size_t at, const struct outcome *o,
			 struct arena *a);

/* The words of an answer, one blank between, in `out` of COLUMN_BYTES; absent when it has no such. */
struct str failure_words(char *out, struct str answer, enum words which);
/* Never 0. */
uint32_t failure_words_hash(struct str words);

#endif
