/* Any bytes as a price table: no crash; what is accepted prices every usage at something between nothing and the
 * ceiling that is promised for it, and never the same call by two rows. */
#include "call/price.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_row(const struct price_table *t, const struct price_row *r, struct arena *a)
{
	struct price_ask ask = { .provider = r->provider, .model = r->model[0] };
	struct reply reply = { .usage = { .in = 1000, .out = 50, .cache_read = 200, .cache_write = 100,
					  .cache_write_1h = 50, .reasoning = 10 } };
	struct price_rates most;
	int64_t request;
	if (r->nregion)
		ask.region = r->region[0];
	bool any = price_dearest(&most, &request, t, &ask, true);
	reply.tier = r->tier;
	reply.speed = r->speed;
	struct price p = price_reply(t, &ask, &reply, a);
	must(p.pico >= -1 && p.pico <= PRICE_MAX && (p.pico >= 0 || p.why));
	must(any || p.pico < 0);
	must(p.pico <= price_most(&most, request, 1000, 50));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags d;
	struct doc doc;
	struct price_table t;
	diags_init(&d, &a);
	struct str text = { .p = (const char *)data, .n = size };
	if (!doc_parse(&doc, text, DOC_YAML, "prices.yaml", &a, &d)) {
		if (price_load(&t, &doc, doc.root, 0, &a, &d))
			must(d.errors > 0);
		else
			for (size_t i = 0; i < t.nrow; i++)
				check_row(&t, &t.row[i], &a);
	}
	arena_release(&a);
	return 0;
}
