/* Any text as a JSONPath over a fixed document; every normalized path must find its value. */
#include "doc/jsonpath.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char doc_text[] =
	"{\"a\":{\"b\":[1,2.5,-3,{\"c\":\"x'y\\n\"}],\"c\":null},\"d\":[[1,[2,[3]]],\"ab\",true],"
	"\"re\":\"a.*\",\"\\u0001\\\"\":{\"\":false}}";

static void check(const struct jsonpath_node *n, const json_t *doc)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonpath *p;
	struct jsonpath_nodes again;
	if (jsonpath_compile(&p, n->path, &a, &err) || !jsonpath_is_singular(p) ||
	    jsonpath_query(p, doc, &again, &a, &err) || again.list.n != 1 ||
	    again.list.v[0].value != n->value)
		abort();
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonpath *p;
	struct jsonpath_nodes nodes;
	if (size > 300)
		return 0;
	json_t *doc = json_loads(doc_text, 0, NULL);
	struct str text = { (const char *)data, size };
	if (jsonpath_compile(&p, text, &a, &err)) {
		if (!err.at.col || !err.msg[0])
			abort();
	} else if (!jsonpath_query_paths(p, doc, &nodes, &a, &err)) {
		for (size_t i = 0; i < nodes.list.n && i < 20; i++)
			check(&nodes.list.v[i], doc);
	}
	json_decref(doc);
	arena_release(&a);
	return 0;
}
