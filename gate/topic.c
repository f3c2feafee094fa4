#include "gate/topic.h"

#include "base/embed.h"
#include "provider/provider.h"
#include "score/score.h"

static void add(struct topics *t, struct arena *a, struct str name, const char *kind, struct str text)
{
	*vec_push(&t->v, a) = (struct topic){ .name = name, .kind = str_c(kind), .text = text };
}

/* The carried page, or the line of help that stands in the table. */
static struct str page_or(const char *name, const char *line, struct arena *a)
{
	struct str s;
	return embed_find(name, &s) ? s : str_c(arena_fmt(a, "%s\n", line));
}

static void add_commands(struct topics *t, struct arena *a)
{
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		add(t, a, str_c((*c)->name), "command",
		    page_or(arena_fmt(a, "man/gate-%s.1", (*c)->name), (*c)->help, a));
}

/* What stands between two ends of an embedded file's name, without a folder in it. */
static bool between(struct str *out, const char *file, struct str from, struct str to)
{
	struct str s = str_c(file);
	if (!str_starts(s, from) || !str_ends(s, to) || s.n <= from.n + to.n)
		return false;
	*out = str_sub(s, from.n, s.n - to.n);
	return str_chr(*out, '/', 0) < 0;
}

static void add_files(struct topics *t, struct arena *a, const char *kind, struct str from, struct str to)
{
	struct str name, text;
	for (size_t i = 0; embed_name(i); i++)
		if (between(&name, embed_name(i), from, to) && !str_eqc(name, "rules") &&
		    embed_find(embed_name(i), &text))
			add(t, a, name, kind, text);
}

static void add_codecs(struct topics *t, struct arena *a)
{
	for (const struct scorer_ops *const *s = scorer_all(); *s; s++)
		add(t, a, str_c((*s)->name), "scorer",
		    page_or(arena_fmt(a, "scorers/%s.md", (*s)->name), (*s)->help, a));
	for (const struct provider_ops *const *p = provider_all(); *p; p++)
		add(t, a, str_c((*p)->name), "provider",
		    page_or(arena_fmt(a, "providers/%s.md", (*p)->name), (*p)->help, a));
	/* Their kinds, and what else of them has a page of its own. */
	struct str name, text;
	for (size_t i = 0; embed_name(i); i++)
		if (between(&name, embed_name(i), STR("providers/"), STR(".md")) && !provider_find(name) &&
		    embed_find(embed_name(i), &text))
			add(t, a, name, "provider", text);
}

/* docs/rules.md: a heading of the second level is a rule id, its section runs to the next. */
static void add_rules(struct topics *t, struct arena *a)
{
	struct str all = { .p = NULL }, line, name = { .p = NULL };
	size_t from = 0;
	embed_find("rules.md", &all);
	for (struct str rest = all; str_line(&rest, &line);) {
		if (!str_starts(line, STR("## ")))
			continue;
		size_t at = (size_t)(line.p - all.p);
		if (name.p)
			add(t, a, name, "rule", str_sub(all, from, at - 1));
		name = str_trim(str_sub(line, 3, line.n));
		from = at;
	}
	if (name.p)
		add(t, a, name, "rule", str_sub(all, from, all.n));
}

void topics_all(struct topics *t, struct arena *a)
{
	add_commands(t, a);
	add_files(t, a, "file", STR("man/"), STR(".5"));
	add_files(t, a, "page", STR(""), STR(".md"));
	add_codecs(t, a);
	add_rules(t, a);
}
