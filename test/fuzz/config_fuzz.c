/* gate.yaml, a prompt and a dataset from hostile bytes: the loader must end with a project or with
 * diags, and whatever it accepted must render.  The input's parts stand between NUL bytes. */
#include "suite/suite.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct project *p, struct arena *a)
{
	for (size_t i = 0; i < p->nsuite; i++) {
		const struct suite_conf *s = &p->suite[i];
		for (size_t k = 0; k < s->ncase; k++) {
			struct err err = ERR_INIT;
			struct tcase c;
			struct message *m;
			const json_t *config;
			size_t n;
			if (cases_get(s->cases, k, &c, a, &err))
				abort(); /* pass one has read it */
			if (s->target && prompt_render(&m, &n, &s->target->prompt, c.vars, a, &err))
				abort();
			for (size_t j = 0; j < s->nmetric; j++)
				if (config_render(&config, &s->metric[j], c.vars, a, &err))
					abort();
		}
	}
}

/* One tree that never goes keeps libgit2 started: starting it is what would take the time. */
static void start_once(void)
{
	static struct arena keep;
	struct tree *t;
	struct err err = ERR_INIT;
	if (!keep.top && tree_memory(&t, NULL, 0, &keep, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start_once();
	struct arena a = ARENA_INIT;
	struct diags d;
	struct err err = ERR_INIT;
	struct project p;
	struct tree *t;
	struct str rest = { .p = (const char *)data, .n = size }, part[4] = { { .p = "" } };
	for (size_t i = 0; i < ARRAY_LEN(part) && str_cut(&rest, '\0', &part[i]); i++)
		;
	const struct tree_mem file[] = {
		{ "gate.yaml", part[0] },
		{ "p.md", part[1] },
		{ "d.jsonl", part[2] },
		{ "d.csv", part[3] },
	};
	diags_init(&d, &a);
	if (tree_memory(&t, file, ARRAY_LEN(file), &a, &err))
		abort();
	const struct project_opts o = { .commit = t, .policy = t };
	int rc = project_load(&p, &o, &a, &d, &err);
	if (!rc)
		use(&p, &a);
	else if (!d.errors && err.kind == ERR_NONE)
		abort(); /* refused without a reason */
	arena_release(&a);
	return 0;
}
