/* choice: the letter a model picks in a multiple-choice question. */
#include "score/scorekit.h"

#include "doc/jsonx.h"

#include <ctype.h>

struct choice {
	char want;
	unsigned n; /* letters A … */
	bool strict;
	struct str text[26]; /* what the letters stand for, where known */
};

static int read_choices(struct choice *c, const json_t *list, struct arena *a, struct err *err)
{
	c->n = list ? (unsigned)json_array_size(list) : 26;
	if (c->n < 2 || c->n > 26)
		return err_set(err, ERR_ARTIFACT, "'choices' must list 2 to 26 options");
	for (unsigned i = 0; list && i < c->n; i++)
		c->text[i] = str_trim(kit_text(json_array_get(list, i), a));
	return 0;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct choice *c = arena_new(a, struct choice);
	struct str want;
	if (read_choices(c, json_object_get(config, "choices"), a, err) < 0 ||
	    kit_need_text(&want, config, "expected", a, err) < 0)
		return -1;
	c->strict = kit_flag(config, "strict");
	want = str_trim(want);
	for (unsigned i = 0; i < c->n; i++)
		if ((want.n == 1 && upper(want.p[0]) == (char)('A' + i)) ||
		    (c->text[i].n && str_eq(want, c->text[i])))
			c->want = (char)('A' + i);
	if (!c->want)
		return err_set(err, ERR_ARTIFACT, "'expected' is none of the choices: %s", kit_show(a, want));
	*prepared = c;
	return 0;
}

static bool letter(const struct choice *c, char ch)
{
	return ch >= 'A' && ch < (char)('A' + (int)c->n);
}

static bool word_at(struct str s, size_t i)
{
	unsigned char ch = i < s.n ? (unsigned char)s.p[i] : ' ';
	return ch >= 0x80 || isalnum(ch) || ch == '_' || ch == '\'';
}

/* "B", "(b)", "B.", "**B**", "B) Paris": a letter alone or leading, in wrappers. */
static char alone(const struct choice *c, struct str s, bool leading)
{
	size_t i = 0;
	while (i < s.n && strchr("*([ `\"'$", s.p[i]))
		i++;
	if (i == s.n || !letter(c, upper(s.p[i])) || word_at(s, i + 1))
		return 0;
	char got = upper(s.p[i++]);
	if (leading && i < s.n && strchr(".):", s.p[i]))
		return got;
	while (i < s.n && strchr("*)].: `\"'$", s.p[i]))
		i++;
	return i == s.n ? got : 0;
}

/* The letter behind the last "answer is", "answer:", "option", "\boxed{". */
static char announced(const struct choice *c, struct str s)
{
	static const char *const cues[] = { "answer is", "answer:", "answer**:", "answer:**",
					    "option is", "choice is", "choice:", "\\boxed{", "option:",
					    "correct option", "correct choice" };
	char found = 0;
	size_t best = 0;
	for (size_t k = 0; k < ARRAY_LEN(cues); k++) {
		size_t len = strlen(cues[k]);
		for (size_t i = 0; i + len < s.n; i++) {
			if (!str_ieq(str_sub(s, i, i + len), str_c(cues[k])))
				continue;
			size_t at = i + len;
			while (at < s.n && strchr(" :*([`\"'\n$", s.p[at]))
				at++;
			if (str_ieq(str_sub(s, at, at + 7), STR("option ")))
				at += 7;
			while (at < s.n && strchr("*([", s.p[at]))
				at++;
			/* "the answer is a dog" is no choice: a bare letter must be a capital */
			bool fits = at < s.n && letter(c, s.p[at]) && !word_at(s, at + 1);
			if (fits && s.p[at] == 'A' && at + 2 < s.n && s.p[at + 1] == ' ' &&
			    s.p[at + 2] >= 'a' && s.p[at + 2] <= 'z')
				fits = false;
			if (fits && i >= best) {
				found = s.p[at];
				best = i;
			}
		}
	}
	return found;
}

/* The only capital letter of the choices that stands alone; 0 when none or several do. */
static char only(const struct choice *c, struct str s)
{
	char found = 0;
	bool article = false;
	for (size_t i = 0; i < s.n; i++) {
		if (!letter(c, s.p[i]) || word_at(s, i + 1) || (i && word_at(s, i - 1)))
			continue;
		if (s.p[i] == 'I' && i + 1 < s.n && s.p[i + 1] == ' ')
			continue;
		/* the article, or "A and B": not counted, and nothing beside it is clear */
		if (s.p[i] == 'A' && i + 1 < s.n && s.p[i + 1] == ' ') {
			article = true;
			continue;
		}
		if (found && found != s.p[i])
			return 0;
		found = s.p[i];
	}
	return article ? 0 : found;
}

static char pick(const struct choice *c, struct str s)
{
	char got = alone(c, s, false);
	if (got || c->strict)
		return got;
	for (unsigned i = 0; i < c->n; i++)
		if (c->text[i].n && str_ieq(s, c->text[i]))
			return (char)('A' + (int)i);
	got = announced(c, s);
	if (got)
		return got;
	struct str rest = s, line, last = s;
	char lead = 0;
	while (str_line(&rest, &line)) {
		if (!str_trim(line).n)
			continue;
		last = str_trim(line);
		char here = alone(c, last, true);
		if (here && lead && here != lead)
			return 0; /* the options repeated, or two answers */
		lead = here ? here : lead;
	}
	got = alone(c, last, true);
	return got ? got : lead ? lead : only(c, s);
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct choice *c = ev->prepared;
	char got = pick(c, str_trim(ev->answer));
	if (!got)
		return kit_done(out, 0, ev->arena, "no clear choice in the answer, expected %c", c->want);
	if (got == c->want)
		return kit_done(out, 1, ev->arena, "chose %c", got);
	return kit_done(out, 0, ev->arena, "expected %c, found %c", c->want, got);
}

#define T "{\"type\":[\"string\",\"number\"]}"
const struct scorer_ops score_choice = {
	.name = "choice",
	.help = "the option chosen in a multiple-choice question",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" T ",\"value\":" T
			     ",\"strict\":{\"type\":\"boolean\"},\"choices\":{\"type\":\"array\","
			     "\"minItems\":2,\"maxItems\":26,\"items\":" T "}}," KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
