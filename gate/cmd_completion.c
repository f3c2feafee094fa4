/* gate completion: scripts for shells, made from the tables that parse the command line. */
#include "gate/cmd.h"
#include "gate/exit.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

static const struct opt completion_opts[] = { OPT_END };

/* What stands after an option that takes a value. */
enum value { VALUE_NONE, VALUE_WORDS, VALUE_DIR, VALUE_FILE, VALUE_REV, VALUE_FREE };

static enum value value_of(const struct opt *o)
{
	if (!o->arg)
		return VALUE_NONE;
	if (!strcmp(o->arg, "WHEN") || strchr(o->arg, '|') || !strcmp(o->name, "format"))
		return VALUE_WORDS;
	if (!strcmp(o->arg, "DIR"))
		return VALUE_DIR;
	if (!strcmp(o->arg, "FILE") || !strcmp(o->arg, "PATH"))
		return VALUE_FILE;
	return !strcmp(o->arg, "REV") ? VALUE_REV : VALUE_FREE;
}

/* The known values of an option, separated by spaces. */
static const char *values_of(const struct opt *o, struct arena *a)
{
	const char *list = "";
	if (!strcmp(o->name, "format") && !strchr(o->arg, '|')) {
		for (const struct reporter_ops *const *r = reporter_all(); *r; r++)
			list = arena_fmt(a, "%s%s%s", list, *list ? " " : "", (*r)->name);
		return list;
	}
	if (!strcmp(o->arg, "WHEN"))
		return "auto always never";
	char *s = arena_fmt(a, "%s", o->arg);
	for (char *p = s; *p; p++)
		if (*p == '|')
			*p = ' ';
	return s;
}

static const char *operands_of(const struct cmd *c, struct arena *a)
{
	struct words w = { .v = { .n = 0 } };
	const char *list = "";
	if (c->words)
		c->words(&w, a);
	for (size_t i = 0; i < w.v.n; i++)
		list = arena_fmt(a, "%s%s%.*s", list, *list ? " " : "", STR_ARGS(w.v.v[i]));
	return list;
}

static const char *commands(struct arena *a)
{
	const char *list = "";
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		list = arena_fmt(a, "%s%s%s", list, *list ? " " : "", (*c)->name);
	return list;
}

/* Text for a shell's single quotes; zsh's specs read [ ] : and \ too. */
static const char *quoted(const char *s, const char *special, struct arena *a)
{
	struct buf b;
	buf_init(&b, ARTIFACT_BYTES_MAX);
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(&b, "'\\'");
		else if (strchr(special, *s))
			buf_addc(&b, '\\');
		buf_addc(&b, *s);
	}
	const char *out = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return out;
}

#define GIT_REVS "git for-each-ref --format='%(refname:short)' 2>/dev/null"

/* --- bash --- */

static void bash_option(const struct opt *o, struct arena *a)
{
	static const char *const how[] = {
		[VALUE_DIR] = "compgen -d",
		[VALUE_FILE] = "compgen -f",
		[VALUE_REV] = "_gate_revisions",
	};
	enum value v = value_of(o);
	if (v == VALUE_NONE)
		return;
	printf("\t\t--%s", o->name);
	if (o->letter)
		printf("|-%c", o->letter);
	if (v == VALUE_WORDS)
		printf(") _gate_put compgen -W '%s'; return ;;\n", values_of(o, a));
	else if (v == VALUE_FREE)
		puts(") return ;;");
	else
		printf(") _gate_put %s; return ;;\n", how[v]);
}

static void bash_command(const struct cmd *c, struct arena *a)
{
	const char *operands = operands_of(c, a);
	printf("\t%s)\n", c->name);
	fputs("\t\tcase $prev in\n", stdout);
	for (const struct opt *o = c->opt; o && o->name; o++)
		bash_option(o, a);
	fputs("\t\tesac\n\t\twords='--help", stdout);
	for (const struct opt *o = c->opt; o && o->name; o++)
		printf(" --%s", o->name);
	printf("'\n\t\toperands='%s'\n", operands);
	if (strstr(c->synopsis, "DIR]") || strstr(c->synopsis, "RECORD"))
		puts("\t\tfolders=1");
	puts("\t\t;;");
}

static void bash(struct arena *a)
{
	fputs("# bash completion of gate; made by `gate completion bash`\n"
	      "_gate_put() {\n"
	      "\tlocal word\n"
	      "\tCOMPREPLY=()\n"
	      "\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(\"$@\" -- \"$cur\")\n"
	      "}\n"
	      "# Names of branches are hostile: compgen -W would expand what stands in them.\n"
	      "_gate_revisions() {\n"
	      "\tlocal name\n"
	      "\t" GIT_REVS " | while IFS= read -r name; do\n"
	      "\t\t[[ $name != \"$cur\"* ]] || printf '%s\\n' \"$name\"\n"
	      "\tdone\n"
	      "}\n"
	      "_gate() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal words='' operands='' folders=''\n"
	      "\tCOMPREPLY=()\n"
	      "\t# bash splits --name=value at the equals sign.\n"
	      "\tif [ \"$cur\" = = ]; then cur=''\n"
	      "\telif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n", stdout);
	printf("\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\t_gate_put compgen -W '%s --help --version'\n"
	       "\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n", commands(a));
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		bash_command(*c, a);
	fputs("\tesac\n"
	      "\tcase $cur in\n"
	      "\t-*) _gate_put compgen -W \"$words\" ;;\n"
	      "\t*)\n"
	      "\t\t[ -z \"$operands\" ] || _gate_put compgen -W \"$operands\"\n"
	      "\t\t[ -z \"$folders\" ] || _gate_put compgen -d ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -o filenames -F _gate gate\n", stdout);
}

/* --- zsh --- */

static void zsh_value(const struct opt *o, struct arena *a)
{
	switch (value_of(o)) {
	case VALUE_NONE:
		return;
	case VALUE_WORDS:
		printf(":%s:(%s)", o->name, values_of(o, a));
		return;
	case VALUE_DIR:
		printf(":%s:_directories", o->arg);
		return;
	case VALUE_FILE:
		printf(":%s:_files", o->arg);
		return;
	case VALUE_REV:
		printf(":%s:_gate_revisions", o->arg);
		return;
	case VALUE_FREE:
		printf(":%s: ", o->arg);
		return;
	}
}

static void zsh_option(const struct opt *o, struct arena *a)
{
	const char *help = quoted(o->help, "[]:\\", a), *many = o->kind == OPT_LIST ? "*" : "";
	printf(" \\\n\t\t\t'%s--%s%s[%s]", many, o->name, o->arg ? "=" : "", help);
	zsh_value(o, a);
	putchar('\'');
	if (!o->letter)
		return;
	printf(" \\\n\t\t\t'%s-%c%s[%s]", many, o->letter, o->arg ? "+" : "", help);
	zsh_value(o, a);
	putchar('\'');
}

static void zsh_command(const struct cmd *c, struct arena *a)
{
	const char *operands = operands_of(c, a);
	printf("\t%s)\n\t\t_arguments", c->name);
	for (const struct opt *o = c->opt; o && o->name; o++)
		zsh_option(o, a);
	fputs(" \\\n\t\t\t'--help[show options]'", stdout);
	if (*operands)
		printf(" \\\n\t\t\t'*:topic:(%s)'", operands);
	else if (strstr(c->synopsis, "DIR]") || strstr(c->synopsis, "RECORD"))
		fputs(" \\\n\t\t\t'*:folder:_directories'", stdout);
	puts("\n\t\t;;");
}

static void zsh(struct arena *a)
{
	fputs("#compdef gate\n# zsh completion of gate; made by `gate completion zsh`\n"
	      "_gate_revisions() {\n"
	      "\tlocal -a revisions\n"
	      "\trevisions=(${(f)\"$(" GIT_REVS ")\"})\n"
	      "\tcompadd -a revisions\n"
	      "}\n"
	      "_gate() {\n"
	      "\tlocal -a commands\n"
	      "\tcommands=(\n", stdout);
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		printf("\t\t'%s:%s'\n", (*c)->name, quoted((*c)->help, ":\\", a));
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tlocal command=$words[2]\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $command in\n", stdout);
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		zsh_command(*c, a);
	fputs("\tesac\n}\n"
	      "if [ \"$funcstack[1]\" = _gate ]; then _gate \"$@\"; else compdef _gate gate; fi\n", stdout);
}

/* --- fish --- */

static void fish_option(const struct cmd *c, const struct opt *o, struct arena *a)
{
	enum value v = value_of(o);
	printf("complete -c gate -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (v == VALUE_WORDS)
		printf(" -x -a '%s'", values_of(o, a));
	else if (v == VALUE_DIR)
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	else if (v == VALUE_FILE)
		fputs(" -r -F", stdout);
	else if (v == VALUE_REV)
		fputs(" -x -a \"(" GIT_REVS ")\"", stdout);
	else if (v == VALUE_FREE)
		fputs(" -x", stdout);
	printf(" -d '%s'\n", quoted(o->help, "\\", a));
}

static void fish(struct arena *a)
{
	puts("# fish completion of gate; made by `gate completion fish`\ncomplete -c gate -f");
	for (const struct cmd *const *c = cmd_all(); *c; c++) {
		const char *operands = operands_of(*c, a);
		printf("complete -c gate -n __fish_use_subcommand -a %s -d '%s'\n", (*c)->name,
		       quoted((*c)->help, "\\", a));
		for (const struct opt *o = (*c)->opt; o && o->name; o++)
			fish_option(*c, o, a);
		if (*operands)
			printf("complete -c gate -n '__fish_seen_subcommand_from %s' -a '%s'\n",
			       (*c)->name, operands);
		else if (strstr((*c)->synopsis, "DIR]") || strstr((*c)->synopsis, "RECORD"))
			printf("complete -c gate -n '__fish_seen_subcommand_from %s' -a '(__fish_complete_directories)'\n",
			       (*c)->name);
	}
}

/* --- the command --- */

static const struct {
	const char *name;
	void (*print)(struct arena *a);
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

static void completion_words(struct words *out, struct arena *a)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		*vec_push(&out->v, a) = str_c(shells[i].name);
}

static int run_completion(struct gate *g, int argc, char **argv, struct err *err)
{
	if (opt_parse(completion_opts, "completion", &argc, argv, NULL, g->arena, err))
		return -1;
	for (size_t i = 0; argc == 1 && i < sizeof(shells) / sizeof(*shells); i++)
		if (!strcmp(argv[0], shells[i].name)) {
			shells[i].print(g->arena);
			return EXIT_PASS;
		}
	return err_set(err, ERR_USAGE, "gate completion takes one of bash, zsh and fish%s%s%s",
		       argc ? ", not '" : "", argc ? argv[argc - 1] : "", argc ? "'" : "");
}

const struct cmd cmd_completion = {
	.name = "completion",
	.synopsis = "bash|zsh|fish",
	.help = "print a completion script for a shell",
	.opt = completion_opts,
	.more = "In the shell's start file:\n\n"
		"  bash   source <(gate completion bash)\n"
		"  zsh    source <(gate completion zsh)     # after compinit\n"
		"  fish   gate completion fish | source\n",
	.words = completion_words,
	.run = run_completion,
};
