/* Prompts as teams commit them: one text, {system, user} texts, a chat as JSON or YAML, GitHub
 * Models' .prompt.yml, Bedrock's prompt JSON.  Documents are parsed first and their texts
 * rendered, so a variable can neither break nor inject a message. */
#include "base/limits.h"
#include "suite/loader.h"
#include "suite/prompt.h"

struct reader {
	struct loader *l;
	const struct side *s;
	const char *owner;
	struct artifacts *artifacts;
	struct prompt_settings *set;
	VEC(struct prompt_part) part;
	size_t errors; /* when we began */
};

static void add_leaf(struct reader *r, enum role role, struct leaf leaf,
		     enum template_syntax syntax)
{
	leaf_compile(&leaf, syntax, r->l->a, r->l->d);
	*vec_push(&r->part, r->l->a) = (struct prompt_part){ .role = role, .leaf = leaf };
}

static struct str without_last_line_end(struct str s)
{
	if (str_ends(s, STR("\n")))
		s.n--;
	if (str_ends(s, STR("\r")))
		s.n--;
	return s;
}

static void text_file(struct reader *r, struct ref *f, enum role role)
{
	if (!ref_text(r->l, f))
		return;
	struct leaf leaf = { .text = without_last_line_end(f->text), .file = f->label,
			     .whole = f->text };
	if (!str_trim(leaf.text).n) {
		diag_add(r->l->d, (struct pos){ .file = f->label, .line = 1, .col = 1 }, "prompt",
			 "the prompt is empty");
		return;
	}
	add_leaf(r, role, leaf, template_syntax_of(f->path));
}

/* Other people's formats that are read one day; to take one for plain text would be wrong. */
static bool unsupported(struct reader *r, struct str path, struct pos at)
{
	static const struct {
		const char *end, *what;
	} other[] = {
		{ ".prompt", "dotprompt" },   { ".prompty", "Prompty" }, { ".csv", "a CSV of prompts" },
		{ ".js", "a script" },	      { ".mjs", "a script" },	 { ".ts", "a script" },
		{ ".py", "a script" },	      { ".rb", "a script" },	 { ".sh", "a script" },
		{ ".hbs", "Handlebars" },     { ".jsonc", "JSON with comments" },
		{ ".xml", "an XML prompt" },
	};
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		if (!str_ends(path, str_c(other[i].end)))
			continue;
		diag_add(r->l->d, at, "prompt-format", "'%.*s' is %s, which is not supported as a prompt",
			 STR_ARGS(path), other[i].what);
		diag_hint(r->l->d, "use a text file, {system, user} files, or a chat as JSON or YAML");
		return true;
	}
	return false;
}

/* A message's content: a string, or a list of {type: text, text}. */
static void content(struct reader *r, const struct doc *d, const json_t *message, const char *key,
		    enum role role, enum template_syntax syntax)
{
	const json_t *c = json_object_get(message, key);
	size_t i;
	json_t *item;
	if (json_is_string(c)) {
		add_leaf(r, role,
			 (struct leaf){ .text = json_str(c), .doc = d, .container = message, .key = key },
			 syntax);
		return;
	}
	if (!json_is_array(c) || !json_array_size(c)) {
		diag_add(r->l->d, member_pos(d, message, key), "prompt",
			 "a message needs '%s': a text, found %s", key, c ? json_type_name(c) : "none");
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)c, i, item) {
		struct str type = json_get_str(item, "type");
		if (!json_is_string(json_object_get(item, "text")) ||
		    (type.p && !str_eqc(type, "text"))) {
			diag_add(r->l->d, doc_pos_item(d, c, i), "prompt",
				 "only texts are supported in a message's content");
			continue;
		}
		add_leaf(r, role,
			 (struct leaf){ .text = json_get_str(item, "text"), .doc = d,
					.container = item, .key = "text" },
			 syntax);
	}
}

static void message(struct reader *r, const struct doc *d, const json_t *list, size_t i,
		    enum template_syntax syntax)
{
	const json_t *m = json_array_get(list, i);
	const char *key;
	json_t *v;
	if (!json_is_object(m)) {
		diag_add(r->l->d, doc_pos_item(d, list, i), "prompt",
			 "expected a message {role, content}, found %s", json_type_name(m));
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)m, key, v)
		if (strcmp(key, "role") != 0 && strcmp(key, "content") != 0)
			diag_add(r->l->d, doc_pos_key(d, m, key), "unknown-key",
				 "'%s' is not supported in a message; expected role and content", key);
	int role = role_parse(json_get_str(m, "role"));
	if (role < 0 || role == ROLE_TOOL) {
		diag_add(r->l->d, member_pos(d, m, "role"), "prompt",
			 "a message's role is system, user or assistant, found '%.*s'",
			 STR_ARGS(json_get_str(m, "role")));
		return;
	}
	content(r, d, m, "content", (enum role)role, syntax);
}

static void chat(struct reader *r, const struct doc *d, const json_t *list,
		 enum template_syntax syntax)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		message(r, d, list, i, syntax);
}

static void settings(struct reader *r, const struct doc *d, const json_t *object,
		     const char *model_key, const json_t *params, const char *const *names)
{
	r->set->doc = d;
	r->set->object = object;
	r->set->model_key = model_key;
	r->set->model = json_get_str(object, model_key);
	r->set->params_source = params;
	r->set->params_name = names;
}

/* Report members of an object that are not in a NULL-ended list. */
static void only_keys(struct reader *r, const struct doc *d, const json_t *object,
		      const char *const *known)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			diag_add(r->l->d, doc_pos_key(d, object, key), "unknown-key",
				 "'%s' is not supported in a prompt file", key);
	}
}

/* {messages, model, modelParameters}: GitHub Models' .prompt.yml, and OpenAI-like requests. */
static void messages_file(struct reader *r, const struct doc *d)
{
	static const char *const known[] = { "name", "description", "model", "modelParameters",
					     "messages", "testData", "evaluators", NULL };
	static const char *const names[] = { "maxTokens", "max_tokens", "topP", "top_p",
					     "temperature", "temperature", "stop", "stop",
					     "seed", "seed", "frequencyPenalty", "frequency_penalty",
					     "presencePenalty", "presence_penalty", NULL };
	only_keys(r, d, d->root, known);
	const json_t *list = json_object_get(d->root, "messages");
	if (!json_is_array(list))
		diag_add(r->l->d, doc_pos_member(d, d->root, "messages"), "prompt",
			 "'messages' must be an array, found %s", json_type_name(list));
	chat(r, d, list, TEMPLATE_JINJA);
	settings(r, d, d->root, "model", json_object_get(d->root, "modelParameters"), names);
	static const char *const unused[] = { "testData", "evaluators" };
	for (size_t i = 0; i < ARRAY_LEN(unused); i++)
		if (json_object_get(d->root, unused[i]))
			diag_warn(r->l->d, doc_pos_key(d, d->root, unused[i]), "prompt",
				  "'%s' of a prompt file is not used; cases and metrics are the suite's",
				  unused[i]);
}

/* The variant that is called: the only one, or the default. */
static const json_t *bedrock_variant(struct reader *r, const struct doc *d)
{
	const json_t *list = json_object_get(d->root, "variants");
	struct str wanted = json_get_str(d->root, "defaultVariant");
	size_t i;
	json_t *v;
	if (!list)
		return d->root;
	json_array_foreach((json_t *)(uintptr_t)list, i, v)
		if (wanted.p ? str_eq(json_get_str(v, "name"), wanted) : json_array_size(list) == 1)
			return v;
	diag_add(r->l->d, doc_pos_member(d, d->root, "variants"), "prompt",
		 "the prompt has %zu variants and 'defaultVariant' names none of them",
		 json_array_size(list));
	return NULL;
}

static void bedrock_body(struct reader *r, const struct doc *d, const json_t *variant)
{
	const json_t *conf = json_object_get(variant, "templateConfiguration");
	const json_t *text = json_object_get(conf, "text"), *talk = json_object_get(conf, "chat");
	static const char *const text_keys[] = { "text", "inputVariables", NULL };
	static const char *const chat_keys[] = { "system", "messages", "inputVariables", NULL };
	if (json_is_object(text)) {
		only_keys(r, d, text, text_keys);
		content(r, d, text, "text", ROLE_USER, TEMPLATE_PLAIN);
	} else if (json_is_object(talk)) {
		only_keys(r, d, talk, chat_keys);
		if (json_object_get(talk, "system"))
			content(r, d, talk, "system", ROLE_SYSTEM, TEMPLATE_PLAIN);
		chat(r, d, json_object_get(talk, "messages"), TEMPLATE_PLAIN);
	} else {
		diag_add(r->l->d, member_pos(d, variant, "templateConfiguration"), "prompt",
			 "a Bedrock prompt needs templateConfiguration.text or .chat");
	}
}

static void bedrock_file(struct reader *r, const struct doc *d)
{
	static const char *const known[] = { "name", "templateType", "templateConfiguration",
					     "modelId", "inferenceConfiguration", "metadata",
					     "description", "id", "arn", "version", "createdAt",
					     "updatedAt", NULL };
	static const char *const names[] = { "temperature", "temperature", "topP", "top_p",
					     "maxTokens", "max_tokens", "stopSequences", "stop",
					     NULL };
	const json_t *v = bedrock_variant(r, d);
	if (!v)
		return;
	only_keys(r, d, v, known);
	bedrock_body(r, d, v);
	settings(r, d, v, "modelId",
		 json_object_get(json_object_get(v, "inferenceConfiguration"), "text"), names);
}

static void doc_file(struct reader *r, const struct ref *f)
{
	struct doc *d;
	if (!ref_doc(r->l, f, &d))
		return;
	if (json_is_array(d->root)) {
		if (!json_array_size(d->root))
			diag_add(r->l->d, doc_pos_of(d, d->root), "prompt", "the chat has no message");
		chat(r, d, d->root, TEMPLATE_JINJA);
	} else if (json_object_get(d->root, "messages")) {
		messages_file(r, d);
	} else if (json_object_get(d->root, "variants") ||
		   json_object_get(d->root, "templateConfiguration")) {
		bedrock_file(r, d);
	} else {
		diag_add(r->l->d, (struct pos){ .file = f->label, .line = 1, .col = 1 }, "prompt",
			 "'%s' is no prompt: expected a list of {role, content}, an object with "
			 "'messages', or a Bedrock prompt",
			 f->path);
	}
}

static json_t *read_file(struct reader *r, struct str path, struct pos at, enum role role,
			 bool text_only)
{
	struct ref f;
	struct ref_use use = { .role = "prompt", .owner = r->owner, .artifacts = r->artifacts,
			       .at = at };
	if (memchr(path.p, '\n', path.n) || str_find(path, STR("{{"), 0) >= 0) {
		diag_add(r->l->d, at, "prompt", "a prompt is the name of a file, found its text");
		diag_hint(r->l->d, "put the text into a file of its own, such as prompts/%s.md",
			  r->owner);
		return NULL;
	}
	if (unsupported(r, path, at) ||
	    !ref_read(r->l, r->s, path, &use, ARTIFACT_BYTES_MAX, &f))
		return NULL;
	if (ref_is_doc(path) && !text_only)
		doc_file(r, &f);
	else
		text_file(r, &f, role);
	return ident_ref(&f);
}

static void pair(struct reader *r, const json_t *target, const json_t *prompt, json_t *id)
{
	static const char *const key[] = { "system", "user" };
	static const enum role role[] = { ROLE_SYSTEM, ROLE_USER };
	(void)target;
	for (size_t i = 0; i < ARRAY_LEN(key); i++) {
		struct str path = json_get_str(prompt, key[i]);
		if (!path.p)
			continue;
		json_t *one = read_file(r, path, doc_pos_member(r->s->doc, prompt, key[i]), role[i],
					true);
		if (one)
			json_object_set_new(id, key[i], one);
	}
}

static void in_place(struct reader *r, const json_t *target, const json_t *prompt)
{
	if (json_is_string(json_array_get(prompt, 0))) {
		diag_add(r->l->d, doc_pos_member(r->s->doc, target, "prompt"), "prompt",
			 "a target has one prompt, found a list of %zu", json_array_size(prompt));
		diag_hint(r->l->d, "make one target of each; `gate compare` shows them side by side");
		return;
	}
	chat(r, r->s->doc, prompt, TEMPLATE_JINJA);
}

bool prompt_load(struct loader *l, const struct side *s, const json_t *target, const char *owner,
		 struct artifacts *artifacts, struct prompt *out, struct prompt_settings *set,
		 json_t **id)
{
	const json_t *prompt = json_object_get(target, "prompt");
	struct reader r = { .l = l, .s = s, .owner = owner, .artifacts = artifacts, .set = set,
			    .errors = l->d->errors };
	*id = NULL;
	if (!prompt)
		return true;
	if (json_is_string(prompt)) {
		*id = read_file(&r, json_str(prompt), doc_pos_member(s->doc, target, "prompt"),
				ROLE_USER, false);
	} else if (json_is_object(prompt)) {
		*id = json_object();
		pair(&r, target, prompt, *id);
	} else {
		*id = json_incref((json_t *)(uintptr_t)prompt);
		in_place(&r, target, prompt);
	}
	out->part = r.part.v;
	out->npart = r.part.n;
	prompt_finish(out, l->a);
	return l->d->errors == r.errors && !l->failed;
}
