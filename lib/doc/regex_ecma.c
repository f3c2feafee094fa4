#include "doc/regex_ecma.h"

/* ECMAScript's WhiteSpace and LineTerminator, as the inside of a class. */
static const char space[] = "\\t\\n\\x0b\\f\\r\\x20\\xa0\\u1680\\u2000-\\u200a\\u2028"
			    "\\u2029\\u202f\\u205f\\u3000\\ufeff";

static const struct {
	const char *name, *code;
} property[] = {
	{ "Letter", "L" },		{ "Lowercase_Letter", "Ll" },
	{ "Uppercase_Letter", "Lu" },	{ "Titlecase_Letter", "Lt" },
	{ "Modifier_Letter", "Lm" },	{ "Other_Letter", "Lo" },
	{ "Cased_Letter", "L&" },	{ "LC", "L&" },
	{ "Mark", "M" },		{ "Number", "N" },
	{ "Decimal_Number", "Nd" },	{ "digit", "Nd" },
	{ "Letter_Number", "Nl" },	{ "Other_Number", "No" },
	{ "Punctuation", "P" },		{ "punct", "P" },
	{ "Symbol", "S" },		{ "Currency_Symbol", "Sc" },
	{ "Math_Symbol", "Sm" },	{ "Separator", "Z" },
	{ "Space_Separator", "Zs" },	{ "Other", "C" },
	{ "Control", "Cc" },		{ "Format", "Cf" },
	{ "Unassigned", "Cn" },		{ "Private_Use", "Co" },
	{ "Surrogate", "Cs" },		{ "Nonspacing_Mark", "Mn" },
};

/* \p{Script=Greek}, \p{gc=Lu}, \p{Letter}: the value alone, in its short form. */
static void add_property(struct buf *out, char p, struct str name)
{
	ptrdiff_t eq = str_chr(name, '=', 0);
	struct str value = eq < 0 ? name : str_sub(name, (size_t)eq + 1, name.n);
	for (size_t i = 0; i < ARRAY_LEN(property); i++)
		if (str_eqc(value, property[i].name))
			value = str_c(property[i].code);
	buf_addf(out, "\\%c{%.*s}", p, STR_ARGS(value));
}

/* One escape at pattern[i] = '\\'; returns the bytes taken. */
static size_t add_escape(struct buf *out, struct str s, size_t i, bool in_class)
{
	char c = i + 1 < s.n ? s.p[i + 1] : '\0';
	if (c == 's') {
		buf_addf(out, in_class ? "%s" : "[%s]", space);
		return 2;
	}
	if (c == 'S' && !in_class) {
		buf_addf(out, "[^%s]", space);
		return 2;
	}
	if (c == 'p' || c == 'P') {
		ptrdiff_t end = str_chr(s, '}', i);
		if (i + 2 < s.n && s.p[i + 2] == '{' && end > 0) {
			add_property(out, c, str_sub(s, i + 3, (size_t)end));
			return (size_t)end + 1 - i;
		}
	}
	size_t n = i + 1 < s.n ? 2 : 1;
	buf_add(out, str_sub(s, i, i + n));
	return n;
}

void regex_from_ecma(struct buf *out, struct str s)
{
	bool in_class = false;
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];
		if (c == '\\') {
			i += add_escape(out, s, i, in_class);
			continue;
		}
		/* PCRE2 would read [[:alpha:]] as a POSIX class; there it is a plain bracket. */
		if (c == '[' && in_class)
			buf_addc(out, '\\');
		in_class = c == '[' ? true : c == ']' ? false : in_class;
		buf_addc(out, c);
		i++;
	}
}
