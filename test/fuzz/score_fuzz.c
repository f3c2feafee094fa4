/* Any bytes as an answer before every scorer that reads answers by itself, and as a judge's
 * reply and a CSV assertion: each ends, in range, with a reason on one line. */
#include "doc/jsonx.h"
#include "score/judgeverdict.h"
#include "score/score.h"
#include "score/score_assert.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *name, *config;
} subjects[] = {
	{ "numeric", "{\"expected\":1}" },
	{ "numeric", "{\"expected\":\"1,5\",\"marker\":\"A:\",\"decimal\":\",\"}" },
	{ "choice", "{\"expected\":\"B\"}" },
	{ "icontains", "{\"value\":\"stra\\u00dfe\"}" },
	{ "exact-match", "{\"expected\":\"the a b\"}" },
	{ "token-f1", "{\"expected\":\"the a b\"}" },
	{ "levenshtein", "{\"expected\":\"kitten\",\"graded\":true}" },
	{ "contains-json", "{}" },
	{ "is-refusal", "{}" },
	{ "leak", "{\"canary\":\"one two three four five\",\"min_words\":3}" },
	{ "pii", "{}" },
	{ "secrets", "{}" },
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void run(size_t i, struct str answer, struct arena *a)
{
	const struct scorer_ops *ops = scorer_find(str_c(subjects[i].name));
	struct err err = ERR_INIT;
	const char *why;
	struct ask ask = { .arena = a };
	struct score s = { .value = NAN };
	struct evidence ev = { .answer = answer, .arena = a,
			       .config = json_lenient(a, str_c(subjects[i].config), &why) };
	must(ops && ev.config);
	must(!ops->prepare || ops->prepare(&ev.prepared, ev.config, a, &err) == 0);
	if (ops->step(NULL, &ev, &ask, &s, &err) < 0)
		return;
	must(s.value >= 0 && s.value <= 1 && s.reason.n);
	must(!memchr(s.reason.p, '\n', s.reason.n) && !memchr(s.reason.p, 0x1b, s.reason.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct str text = { .p = (const char *)data, .n = size };
	struct err err = ERR_INIT;
	struct judge_verdict v;
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		run(i, text, &a);
	if (judge_verdict_parse(&v, text, 0.5, &a, &err) == 0)
		must(v.score >= 0 && v.score <= 1 && v.pass == (v.score >= 0.5));
	const json_t *j = score_assert_from_text(text, &a, &err);
	must(!j || json_is_object(j));
	arena_release(&a);
	return 0;
}
