/* Whatever an application sends as its trajectory or trace: read to steps of the one shape, the
 * same ones each time, or refused. */
#include "call/trajectory.h"

#include "doc/jsonx.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
	if (!x)
		abort();
}

static void check_steps(const json_t *list)
{
	size_t i;
	json_t *step;
	must(json_is_array(list));
	json_array_foreach(list, i, step) {
		struct str kind = json_get_str(step, "kind");
		must(kind.n > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT, again_err = ERR_INIT;
	struct reply *r = arena_new(&a, struct reply), *again = arena_new(&a, struct reply);
	const char *why;
	const json_t *value = json_lenient(&a, (struct str){ .p = (const char *)data, .n = size }, &why);
	reply_init(r, &a);
	reply_init(again, &a);
	if (value) {
		int rc = trajectory_read(r, value, &err);
		must(rc == trajectory_read(again, value, &again_err));
		must(rc == 0 || err.msg[0]);
		if (rc == 0) {
			check_steps(r->trajectory);
			must(json_equal(r->trajectory, again->trajectory));
			must(r->usage.in == again->usage.in && r->usage.out == again->usage.out);
		}
	}
	arena_release(&a);
	return 0;
}
