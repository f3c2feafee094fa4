/* gate help: whatever a message names or a file may hold, explained where the question arises. */
#include "gate/cmd.h"
#include "gate/exit.h"
#include "gate/topic.h"
#include "gate/usage.h"

#include "base/embed.h"
#include "base/suggest.h"
#include "provider/provider.h"
#include "report/report.h"
#include "score/score.h"

#include <stdio.h>

enum { COLUMN = 18 };

static const struct opt help_opts[] = { OPT_END };

/* --- lists --- */

static int list_commands(struct arena *a)
{
	(void)a;
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		usage_row(stdout, COLUMN, (*c)->name, str_c((*c)->help));
	return EXIT_PASS;
}

static int list_scorers(struct arena *a)
{
	(void)a;
	for (const struct scorer_ops *const *s = scorer_all(); *s; s++)
		usage_row(stdout, COLUMN, (*s)->name, str_c((*s)->help));
	puts("\nA leading `not-` turns a scorer round.  `gate help SCORER` says what it takes.");
	return EXIT_PASS;
}

static int list_providers(struct arena *a)
{
	for (const struct provider_ops *const *p = provider_all(); *p; p++) {
		usage_row(stdout, COLUMN, (*p)->name, str_c((*p)->help));
		for (const struct provider_ops *const *k = (*p)->kinds; k && *k; k++)
			usage_row(stdout, COLUMN, arena_fmt(a, "%s-%s", (*k)->name, (*k)->kind),
				  str_c(arena_fmt(a, "%s (kind: %s)", (*k)->help, (*k)->kind)));
	}
	return EXIT_PASS;
}

static int list_formats(struct arena *a)
{
	for (const struct reporter_ops *const *r = reporter_all(); *r; r++)
		usage_row(stdout, COLUMN,
			  arena_fmt(a, "%s%s%s", (*r)->name, (*r)->extension ? "  " : "",
					    (*r)->extension ? (*r)->extension : ""),
			  str_c((*r)->help));
	return EXIT_PASS;
}

/* The first sentence below a rule's heading. */
static struct str first_line(struct str text)
{
	struct str line;
	for (int i = 0; str_line(&text, &line);)
		if (line.n && i++)
			return line;
	return STR("");
}

static int list_rules(struct arena *a)
{
	struct topics t = { .v = { .n = 0 } };
	topics_all(&t, a);
	for (size_t i = 0; i < t.v.n; i++)
		if (str_eqc(t.v.v[i].kind, "rule"))
			usage_row(stdout, COLUMN, arena_cstr(a, t.v.v[i].name), first_line(t.v.v[i].text));
	return EXIT_PASS;
}

static int list_topics(struct arena *a);

static const struct {
	const char *name, *help;
	int (*show)(struct arena *a);
} lists[] = {
	{ "topics", "everything that can be asked for", list_topics },
	{ "commands", "the commands", list_commands },
	{ "scorers", "what judges an answer", list_scorers },
	{ "providers", "what is called", list_providers },
	{ "formats", "what -o and --format write", list_formats },
	{ "rules", "every kind of mistake that is located", list_rules },
};

/* One paragraph for each kind, its names in a row. */
static int list_topics(struct arena *a)
{
	static const char *const kinds[] = { "command", "file", "page", "scorer", "provider", "rule" };
	struct topics t = { .v = { .n = 0 } };
	topics_all(&t, a);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		const char *row = "";
		for (size_t i = 0; i < t.v.n; i++)
			if (str_eqc(t.v.v[i].kind, kinds[k]))
				row = arena_fmt(a, "%s%s%.*s", row, *row ? " " : "",
						STR_ARGS(t.v.v[i].name));
		usage_row(stdout, COLUMN, arena_fmt(a, "%ss", kinds[k]), str_c(row));
	}
	puts("");
	for (size_t i = 1; i < sizeof(lists) / sizeof(*lists); i++)
		usage_row(stdout, COLUMN, lists[i].name, str_c(lists[i].help));
	return EXIT_PASS;
}

/* --- one topic --- */

static void help_words(struct words *out, struct arena *a)
{
	struct topics t = { .v = { .n = 0 } };
	topics_all(&t, a);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		*vec_push(&out->v, a) = str_c(lists[i].name);
	*vec_push(&out->v, a) = STR("gate");
	for (size_t i = 0; i < t.v.n; i++)
		*vec_push(&out->v, a) = t.v.v[i].name;
}

/* Without the marks that tests read. */
static void put_page(struct str text)
{
	struct str line;
	while (str_line(&text, &line))
		if (!str_starts(line, STR("<!-- ")))
			printf("%.*s\n", STR_ARGS(line));
}

/* A name may be a scorer and a rule: both are shown. */
static bool show(struct str name, struct arena *a)
{
	struct topics t = { .v = { .n = 0 } };
	struct str text;
	bool any = str_eqc(name, "gate") && embed_find("man/gate.1", &text);
	if (any)
		put_page(text);
	topics_all(&t, a);
	for (size_t i = 0; i < t.v.n; i++) {
		if (!str_eq(t.v.v[i].name, name))
			continue;
		if (any)
			putchar('\n');
		put_page(t.v.v[i].text);
		any = true;
	}
	return any;
}

/* As it may be copied: [duplicate-key], not-contains, gate-run, policy. */
static struct str plain_name(struct str s)
{
	if (str_starts(s, STR("[")) && str_ends(s, STR("]")))
		s = str_sub(s, 1, s.n - 1);
	if (str_starts(s, STR("gate-")))
		s = str_sub(s, 5, s.n);
	if (str_eqc(s, "policy"))
		return STR("gate.policy.yaml");
	struct str bare = s;
	return score_cut_not(&bare) && scorer_find(bare) ? bare : s;
}

static int unknown(const char *word, struct arena *a, struct err *err)
{
	struct words all = { .v = { .n = 0 } };
	struct suggest s = SUGGEST_INIT(plain_name(str_c(word)));
	help_words(&all, a);
	for (size_t i = 0; i < all.v.n; i++)
		suggest_offer(&s, all.v.v[i]);
	struct str best = suggest_best(&s);
	return err_set(err, ERR_USAGE, "no help on '%s'%s%.*s%s", word, best.p ? "; did you mean '" : "",
		       STR_ARGS(best), best.p ? "'?" : "; `gate help topics` lists what there is");
}

static int run_help(struct gate *g, int argc, char **argv, struct err *err)
{
	if (opt_parse(help_opts, "help", &argc, argv, NULL, g->arena, err))
		return -1;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "gate help: one topic, found also '%s'", argv[1]);
	if (!argc) {
		usage_all(stdout);
		return EXIT_PASS;
	}
	struct str name = plain_name(str_c(argv[0]));
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (str_eqc(name, lists[i].name))
			return lists[i].show(g->arena);
	return show(name, g->arena) ? EXIT_PASS : unknown(argv[0], g->arena, err);
}

const struct cmd cmd_help = {
	.name = "help",
	.synopsis = "[COMMAND | RULE | SCORER | PROVIDER | TOPIC]",
	.help = "explain a command, a message's [rule], a scorer, a file",
	.opt = help_opts,
	.more = "`gate help topics` lists everything.",
	.words = help_words,
	.run = run_help,
};
