/* A metric's config against its scorer's schema. */
#include "score/score.h"

#include "doc/jsonx.h"
#include "doc/schema.h"

int score_check_config(const struct scorer_ops *ops, const json_t *config, struct arena *a,
		       struct err *err)
{
	const char *why;
	const json_t *text = json_lenient(a, str_c(ops->schema), &why);
	struct schema *schema;
	if (!text)
		return err_set(err, ERR_BUG, "schema of scorer '%s' is no JSON: %s", ops->name, why);
	if (schema_compile(&schema, text, NULL, a, err) < 0)
		return err_wrap(err, "schema of scorer '%s'", ops->name);
	struct schema_report rep = { .arena = a };
	if (schema_valid(schema, config, &rep, a))
		return 0;
	if (!rep.list.n)
		return err_set(err, ERR_ARTIFACT, "config of scorer '%s' does not fit its schema",
			       ops->name);
	const struct schema_failure *f = &rep.list.v[0];
	return err_set(err, ERR_ARTIFACT, "config of scorer '%s': %s%s%s", ops->name, f->instance,
		       *f->instance ? ": " : "", f->msg);
}
