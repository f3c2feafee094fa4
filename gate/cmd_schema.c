/* gate schema: the JSON Schemas that this binary checks with, byte for byte. */
#include "gate/cmd.h"
#include "gate/exit.h"
#include "gate/usage.h"

#include "base/embed.h"
#include "base/suggest.h"
#include "doc/jsonx.h"

#include <stdio.h>

static const struct opt schema_opts[] = { OPT_END };

/* "schema/gate.policy.schema.json" is "policy", "schema/gate.schema.json" is "gate". */
static bool short_name(struct str *name, const char *file)
{
	struct str s = str_c(file), folder = STR("schema/"), end = STR(".schema.json"), own = STR("gate.");
	if (!str_starts(s, folder) || !str_ends(s, end))
		return false;
	*name = str_sub(s, folder.n, s.n - end.n);
	if (str_starts(*name, own))
		*name = str_sub(*name, own.n, name->n);
	return true;
}

static void schema_words(struct words *out, struct arena *a)
{
	struct str name;
	for (size_t i = 0; embed_name(i); i++)
		if (short_name(&name, embed_name(i)))
			*vec_push(&out->v, a) = name;
}

static int list(struct arena *a)
{
	struct str name, bytes;
	const char *why;
	for (size_t i = 0; embed_name(i); i++)
		if (short_name(&name, embed_name(i)) && embed_find(embed_name(i), &bytes))
			usage_row(stdout, 12, arena_cstr(a, name),
				  json_get_str(json_lenient(a, bytes, &why), "title"));
	return EXIT_PASS;
}

/* By its short name, or as people may write it: gate.policy, gate.policy.yaml, a file's name. */
static bool is_called(struct str name, struct str word)
{
	static const char *const ends[] = { ".yaml", ".json", ".jsonl", ".schema" };
	for (size_t i = sizeof(ends) / sizeof(*ends); i-- > 0;)
		if (str_ends(word, str_c(ends[i])) && word.n > strlen(ends[i]))
			word.n -= strlen(ends[i]), i = sizeof(ends) / sizeof(*ends);
	if (str_starts(word, STR("gate.")))
		word = str_sub(word, 5, word.n);
	return str_eq(name, word);
}

static int run_schema(struct gate *g, int argc, char **argv, struct err *err)
{
	struct str name, bytes;
	struct suggest s;
	if (opt_parse(schema_opts, "schema", &argc, argv, NULL, g->arena, err))
		return -1;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "gate schema: one name, found also '%s'", argv[1]);
	if (!argc)
		return list(g->arena);
	s = (struct suggest)SUGGEST_INIT(str_c(argv[0]));
	for (size_t i = 0; embed_name(i); i++) {
		if (!short_name(&name, embed_name(i)))
			continue;
		suggest_offer(&s, name);
		if (is_called(name, str_c(argv[0])) && embed_find(embed_name(i), &bytes)) {
			fwrite(bytes.p, 1, bytes.n, stdout);
			return EXIT_PASS;
		}
	}
	name = suggest_best(&s);
	return err_set(err, ERR_USAGE, "no schema '%s'%s%.*s%s", argv[0], name.p ? "; did you mean '" : "",
		       STR_ARGS(name), name.p ? "'?" : "; `gate schema` lists them");
}

const struct cmd cmd_schema = {
	.name = "schema",
	.synopsis = "[NAME]",
	.help = "print a JSON Schema of the files that gate reads and writes",
	.opt = schema_opts,
	.more = "Without a name it lists them.\n\n"
		"An editor with yaml-language-server checks a file as you type once you save its\n"
		"schema and name it in the first line:\n\n"
		"  $ gate schema gate >gate.schema.json\n"
		"  # yaml-language-server: $schema=gate.schema.json\n",
	.words = schema_words,
	.run = run_schema,
};
