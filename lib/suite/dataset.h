/* struct dataset: one dataset file (or the list written in gate.yaml) as rows that can be found
 * in order once and read again by offset.  The file's text is borrowed and stays in memory; rows are
 * parsed one at a time.  Private to lib/suite. */
#ifndef SUITE_DATASET_H
#define SUITE_DATASET_H

#include "doc/csv.h"
#include "suite/csvmagic.h"
#include "suite/jsonarray.h"
#include "suite/loader.h"

#include <stdint.h>

enum dataset_kind { DATASET_JSONL, DATASET_JSON, DATASET_CSV, DATASET_DOC };

struct dataset {
	enum dataset_kind kind;
	const char *file; /* for places */
	struct str text;
	struct csv csv;
	struct csvmagic *magic;
	const struct doc *doc; /* DATASET_DOC: a YAML file, or gate.yaml itself */
	const json_t *list;
};

/* Where a row is.  DATASET_DOC keeps the index in `offset`. */
struct dataset_row {
	size_t offset, length;
	unsigned line;
};

/* By the file's name; false with a diag. */
bool dataset_open(struct dataset *s, struct loader *l, struct ref *r, struct pos at);

/* Walks all rows once. */
struct dataset_walk {
	const struct dataset *dataset;
	struct csv csv;
	struct jsonarray array;
	size_t next;
	unsigned line;
	size_t number;
};
void dataset_walk(struct dataset_walk *w, const struct dataset *s);
/* 1 with a row, 0 at the end, -1 with a located error (then the walk is over). */
int dataset_next(struct dataset_walk *w, struct dataset_row *row, struct arena *a,
		 struct err *err) MUST_USE;

struct pos dataset_pos(const struct dataset *s, const struct dataset_row *row);
/* Parse the row at a place found before. */
int dataset_read(const struct dataset *s, const struct dataset_row *row, const json_t **out,
		 struct arena *a, struct err *err) MUST_USE;

#endif
