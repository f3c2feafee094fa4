/* The quick reader of outcome lines takes nothing that the full reader reads otherwise.  Each line of
 * the input is one; the head is fixed, with a metric name twice in its second suite. */
#include "test/fuzz/outcomesame.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct metric_head metrics[] = { { .name = "correct" }, { .name = "latency" }, { .name = "unscored" } };
	static struct metric_head twins[] = { { .name = "correct" }, { .name = "correct" } };
	static struct suite_head suites[] = { { .name = "answers", .metric = metrics, .nmetric = 3 },
					      { .name = "odd", .metric = twins, .nmetric = 2 },
					      { .name = "s", .metric = metrics, .nmetric = 1 } };
	struct record head = { .suite = suites, .nsuite = 3 };
	struct str rest = { .p = (const char *)data, .n = size }, line;
	struct arena a = ARENA_INIT;
	struct outcome_scan *s = outcome_scan_new(&head, &a);
	while (str_line(&rest, &line))
		if (!outcomesame(s, &head, line, &a))
			abort();
	arena_release(&a);
	return 0;
}
