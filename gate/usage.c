#include "gate/usage.h"

#include "base/buf.h"
#include "base/utf8.h"

enum { WIDTH = 80, OPTION = 25, COMMAND = 12 };

/* Columns of our own texts: one for each code point. */
static size_t columns(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The next word; what stands in brackets is one. */
static bool next_word(struct str *text, struct str *word)
{
	struct str more;
	if (!str_cut(text, ' ', word))
		return false;
	while (word->n && word->p[0] == '[' && str_chr(*word, ']', 0) < 0 && str_cut(text, ' ', &more))
		word->n = (size_t)(more.p + more.n - word->p);
	return true;
}

/* Words of `text` from column `at` on, later lines from column `indent`; ends the line. */
static void wrap(FILE *to, struct str text, size_t at, size_t indent)
{
	struct str word;
	bool first = true;
	while (next_word(&text, &word)) {
		if (!first && at + 1 + columns(word) > WIDTH) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		fprintf(to, "%s%.*s", first ? "" : " ", STR_ARGS(word));
		at += columns(word) + !first;
		first = false;
	}
	fputc('\n', to);
}

void usage_row(FILE *to, unsigned width, const char *left, struct str text)
{
	size_t n = columns(str_c(left));
	fprintf(to, "  %s", left);
	if (n + 2 > width)
		fprintf(to, "\n%*s", (int)width + 2, "");
	else
		fprintf(to, "%*s", (int)(width - n), "");
	wrap(to, text, width + 2, width + 2);
}

static void option_row(FILE *to, const struct opt *o)
{
	char left[80];
	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, o->arg ? " " : "",
		 o->arg ? o->arg : "");
	usage_row(to, OPTION, left, str_c(o->help));
}

void usage_cmd(FILE *to, const struct cmd *c)
{
	char head[64];
	struct str more = str_c(c->more), line;
	int n = snprintf(head, sizeof(head), "usage: gate %s%s", c->name, *c->synopsis ? " " : "");
	fputs(head, to);
	wrap(to, str_c(c->synopsis), (size_t)n, (size_t)n);
	fprintf(to, "\n%s\n", c->help);
	if (c->opt && c->opt->name)
		fputs("\nOptions:\n", to);
	for (const struct opt *o = c->opt; o && o->name; o++)
		option_row(to, o);
	if (more.p)
		fputc('\n', to);
	while (str_line(&more, &line))
		wrap(to, line, 0, 0);
	fprintf(to, "\n`gate help %s` shows its manual page.\n", c->name);
}

void usage_all(FILE *to)
{
	fputs("gate decides whether a generative-AI change may be promoted.\n\n"
	      "usage: gate COMMAND [OPTION]…\n\nCommands:\n", to);
	for (const struct cmd *const *c = cmd_all(); *c; c++)
		usage_row(to, COMMAND, (*c)->name, str_c((*c)->help));
	fputs("\nExit status (every nonzero one blocks):\n"
	      "  0 pass   1 fail   2 usage, config or artifact   3 undecided   4 trust\n\n"
	      "`gate COMMAND --help` lists options, `gate help COMMAND` shows the manual page,\n"
	      "`gate help RULE` explains the [rule] at the end of a message, and\n"
	      "`gate help topics` names the rest.  New here: `gate init`.\n", to);
}
