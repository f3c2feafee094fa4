/* json-path: what a path selects in the answer exists, equals, or follows a schema. */
#include "score/scorekit.h"

#include "base/buf.h"
#include "base/limits.h"
#include "doc/jsonpath.h"
#include "doc/jsonx.h"
#include "doc/schema.h"

struct path_conf {
	const struct jsonpath *path;
	struct str text;
	const json_t *expected;
	const struct schema *schema;
	bool absent; /* exists: false */
};

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct path_conf *p = arena_new(a, struct path_conf);
	struct jsonpath *path;
	struct schema *schema = NULL;
	const json_t *exists = json_object_get(config, "exists");
	const json_t *want = json_object_get(config, "schema");
	p->text = json_get_str(config, "path");
	if (!p->text.n)
		return err_set(err, ERR_ARTIFACT, "'path' is empty");
	if (jsonpath_compile(&path, p->text, a, err) < 0)
		return err_wrap(err, "'path'");
	if (want && schema_compile(&schema, want, NULL, a, err) < 0)
		return err_wrap(err, "'schema'");
	p->path = path;
	p->schema = schema;
	p->expected = kit_main(config, "expected");
	p->absent = json_is_false(exists);
	if (p->absent && (p->expected || p->schema))
		return err_set(err, ERR_ARTIFACT, "'exists: false' leaves nothing to compare");
	*prepared = p;
	return 0;
}

static int judge_node(const struct path_conf *p, const json_t *node, const struct evidence *ev,
		      struct score *out)
{
	struct schema_report rep = { .arena = ev->arena };
	struct buf b;
	if (p->expected && !kit_same(p->expected, node)) {
		buf_init(&b, REPLY_BYTES_MAX);
		json_write(&b, node);
		kit_done(out, 0, ev->arena, "%s is %s, not as expected", kit_show(ev->arena, p->text),
			 kit_show(ev->arena, buf_str(&b)));
		buf_release(&b);
		return -1;
	}
	if (p->schema && !schema_valid(p->schema, node, &rep, ev->arena)) {
		kit_done(out, 0, ev->arena, "%s does not follow the schema: %s", kit_show(ev->arena, p->text),
			 rep.list.n ? kit_line(ev->arena, str_c(rep.list.v[0].msg), 160) : "a limit");
		return -1;
	}
	return 0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const struct path_conf *p = ev->prepared;
	const char *why;
	struct jsonpath_nodes nodes;
	const json_t *root = json_lenient(ev->arena, ev->answer, &why);
	if (!root)
		return kit_done(out, 0, ev->arena, "no JSON: %s", kit_line(ev->arena, str_c(why), 160));
	if (jsonpath_query(p->path, root, &nodes, ev->arena, err) < 0)
		return -1;
	if (p->absent || !nodes.list.n)
		return kit_done(out, p->absent && !nodes.list.n, ev->arena, "%s selects %zu",
				kit_show(ev->arena, p->text), nodes.list.n);
	for (size_t i = 0; i < nodes.list.n; i++)
		if (judge_node(p, nodes.list.v[i].value, ev, out) < 0)
			return STEP_DONE;
	return kit_done(out, 1, ev->arena, "%s selects %zu%s", kit_show(ev->arena, p->text), nodes.list.n,
			p->expected || p->schema ? ", all as expected" : "");
}

const struct scorer_ops score_json_path = {
	.name = "json-path",
	.help = "what a JSONPath selects in the answer exists, equals, or follows a schema",
	.schema = KIT_OBJECT "\"properties\":{\"path\":{\"type\":\"string\",\"minLength\":1},"
			     "\"expected\":true,\"value\":true,\"exists\":{\"type\":\"boolean\"},"
			     "\"schema\":{\"type\":[\"object\",\"boolean\"]}},\"required\":[\"path\"],"
		KIT_NONE_OR_ONE("expected") "}",
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
