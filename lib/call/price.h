/* struct price_table: what calls cost, as a team has written it down.  A call is priced by the model,
 * tier and speed that served it; what the table does not say is unpriced, never free.  Pure
 * functions over a loaded document; everything lives in the arena given.
 *
 * Money is int64_t pico-dollars (1e-12 USD) and needs no rounding: an amount is written in dollars
 * per million tokens with at most six decimals, so it is a whole number of micro-dollars per
 * million tokens, which is as many pico-dollars per token.  Sums saturate at PRICE_MAX. */
#ifndef CALL_PRICE_H
#define CALL_PRICE_H

#include "base/arena.h"
#include "base/diag.h"
#include "call/reply.h"
#include "doc/doc.h"

/* Nine million dollars, close to what 64 bits hold: a sum that gets there stays there. */
#define PRICE_MAX INT64_C(9000000000000000000)
#define PRICE_PER_USD 1e12

/* Pico-dollars per token; -1: the table does not say. */
struct price_rates {
	int64_t input, output, cache_read, cache_write, cache_write_1h, reasoning;
};

struct price_row {
	struct str provider;       /* absent: any */
	const struct str *model;   /* exact, or with `*` for any run of characters */
	size_t nmodel;
	const struct str *region;  /* none: any */
	size_t nregion;
	struct str tier, speed;    /* "default"; "*": any */
	bool batch;
	struct price_rates rates, above_rates;
	int64_t above;             /* input tokens past which above_rates hold; -1: never */
	int64_t request;           /* pico-dollars per call; 0: none */
	const char *date;
	struct pos at;
};

struct price_table {
	const char *file, *date, *source;
	int64_t max_age_ms;
	struct price_row *row;
	size_t nrow;
};

/* Who is to be priced; all of it may be absent but the model. */
struct price_ask {
	struct str provider, model, region, tier, speed;
};

struct price {
	int64_t pico;      /* -1: unpriced */
	const char *why;   /* … for this reason; of a price: what is worth knowing of it, or NULL */
};

/* The JSON Schema of a table: the bytes of docs/schema/gate.prices.schema.json. */
struct str price_schema(void);
/* A table from a document, or from the object `root` inside of one.  Rows that match equally are errors
 * with both places; rows older than max_age at now_ms warnings. */
int price_load(struct price_table *out, const struct doc *doc, const json_t *root, int64_t now_ms,
	       struct arena *a, struct diags *d) MUST_USE;

/* The row that fits best: an exact model before a pattern, a longer pattern before a shorter, then a row
 * that names the provider, the region, the tier, the speed.  NULL: none. */
const struct price_row *price_find(const struct price_table *t, const struct price_ask *ask);
/* What this usage costs by that row. */
struct price price_usage(const struct price_row *row, const struct usage *u);
/* The same for an answer: by the model as served where the provider says it, else as asked.  A served name that
 * is the asked one and a date is the asked model. */
struct price price_reply(const struct price_table *t, const struct price_ask *asked,
			 const struct reply *r, struct arena *a);
/* Every rate at its highest among the rows that may price a call, whatever tier and speed serve it.  `cached`:
 * some of the input may be written to a cache.  False: no row. */
bool price_dearest(struct price_rates *out, int64_t *request, const struct price_table *t,
		   const struct price_ask *ask, bool cached);
/* The most that so many tokens can cost by these. */
int64_t price_most(const struct price_rates *dearest, int64_t request, double in, double out);

/* a + b, at most PRICE_MAX. */
int64_t price_add(int64_t a, int64_t b);
double price_usd(int64_t pico);

#endif
