/* Function tools: JSON in the spellings of OpenAI, Bedrock and Anthropic, made one. */
#include "base/limits.h"
#include "suite/loader.h"

struct tools {
	struct loader *l;
	json_t *out;
};

static void bad_tool(struct loader *l, const struct doc *d, const json_t *tool, const char *what)
{
	diag_add(l->d, doc_pos_of(d, tool), "tool", "a tool %s", what);
	diag_hint(l->d, "expected {name, description, parameters: JSON Schema}");
}

/* The object with the name: {type: function, function: {…}}, {toolSpec: {…}}, or itself. */
static const json_t *body_of(const json_t *tool)
{
	const json_t *inner = json_object_get(tool, "function");
	if (!json_is_object(inner))
		inner = json_object_get(tool, "toolSpec");
	return json_is_object(inner) ? inner : tool;
}

static const json_t *parameters_of(const json_t *body)
{
	const json_t *p = json_object_get(body, "parameters");
	if (!p)
		p = json_object_get(body, "input_schema");
	if (!p)
		p = json_object_get(json_object_get(body, "inputSchema"), "json");
	return p;
}

static bool known_name(const json_t *tools, struct str name)
{
	size_t i;
	json_t *t;
	json_array_foreach((json_t *)(uintptr_t)tools, i, t)
		if (str_eq(json_get_str(t, "name"), name))
			return true;
	return false;
}

static void add_tool(struct tools *t, const struct doc *d, const json_t *tool)
{
	const json_t *body = body_of(tool), *parameters = parameters_of(body);
	struct str name = json_get_str(body, "name");
	if (!json_is_object(tool) || !name.n) {
		bad_tool(t->l, d, tool, "has no name");
		return;
	}
	if (parameters && !json_is_object(parameters)) {
		bad_tool(t->l, d, tool, "has parameters that are no object");
		return;
	}
	if (known_name(t->out, name)) {
		diag_add(t->l->d, doc_pos_of(d, tool), "tool", "the tool '%.*s' is defined twice",
			 STR_ARGS(name));
		return;
	}
	json_t *made = json_object();
	json_object_set_new(made, "name", json_from_str(name));
	if (json_is_string(json_object_get(body, "description")))
		json_object_set(made, "description", json_object_get(body, "description"));
	json_object_set_new(made, "parameters",
			    parameters ? json_incref((json_t *)(uintptr_t)parameters) :
					 json_pack("{ss s{}}", "type", "object", "properties"));
	json_array_append_new(t->out, made);
}

static void add_file(struct tools *t, const struct ref *r)
{
	struct doc *d;
	size_t i;
	json_t *tool;
	if (!ref_doc(t->l, r, &d))
		return;
	if (!json_is_array(d->root)) {
		add_tool(t, d, d->root);
		return;
	}
	json_array_foreach(d->root, i, tool)
		add_tool(t, d, tool);
}

static void add_pattern(struct tools *t, const struct side *s, struct str pattern,
			const struct ref_use *use, json_t *id)
{
	struct ref *file;
	size_t n = 0;
	if (!ref_glob(t->l, s, pattern, use, ARTIFACT_BYTES_MAX, &file, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(id, ident_ref(&file[i]));
		add_file(t, &file[i]);
	}
}

const json_t *tools_load(struct loader *l, const struct side *s, const json_t *target,
			 const char *owner, struct artifacts *artifacts, json_t **id)
{
	const json_t *tools = json_object_get(target, "tools");
	struct tools t = { .l = l };
	struct ref_use use = { .role = "tools", .owner = owner, .artifacts = artifacts };
	size_t i;
	json_t *item;
	*id = NULL;
	if (!tools)
		return NULL;
	t.out = arena_json(l->a, json_array());
	*id = json_array();
	if (json_is_string(tools)) {
		use.at = doc_pos_member(s->doc, target, "tools");
		add_pattern(&t, s, json_str(tools), &use, *id);
	}
	json_array_foreach((json_t *)(uintptr_t)tools, i, item) {
		use.at = doc_pos_item(s->doc, tools, i);
		if (json_is_string(item)) {
			add_pattern(&t, s, json_str(item), &use, *id);
			continue;
		}
		json_array_append(*id, item);
		add_tool(&t, s->doc, item);
	}
	return t.out;
}
