#include "doc/yaml_words.h"

#include "base/compiler.h"

#include <string.h>

static const struct yaml_words tab = {
	"", "a tab stands where indentation or a value is expected", "indent with spaces"
};
static const struct yaml_words reserved = {
	"", "a plain value cannot start with this character", "put the value in quotes"
};
static const struct yaml_words open_quote = {
	"", "a quoted string is never closed", "close it with the quote it starts with"
};
static const struct yaml_words unknown = { "", "this is not YAML", NULL };

static const struct yaml_words words[] = {
	{ "mapping values are not allowed", "a ':' is not allowed here",
	  "quote a value that holds ': ', or check the indentation" },
	{ "block sequence entries are not allowed", "a list item '-' is not allowed here",
	  "start the list on a line of its own" },
	{ "block mapping entries are not allowed", "a key is not allowed here",
	  "start it on a line of its own" },
	{ "mapping keys are not allowed", "a key is not allowed here",
	  "start it on a line of its own" },
	{ "did not find expected key", "expected a key at this indentation",
	  "check the indentation, and quotes inside of quoted text" },
	{ "could not find expected ':'", "expected ':' after a key",
	  "write 'key: value', or check the indentation of the text above" },
	{ "did not find expected '-' indicator", "expected a list item '-' at this indentation",
	  "check the indentation" },
	{ "did not find expected ',' or ']'", "expected ',' or ']' in a list", NULL },
	{ "did not find expected ',' or '}'", "expected ',' or '}' in a mapping", NULL },
	{ "did not find expected node content", "expected a value here", NULL },
	{ "did not find expected <document start>", "expected the end of the document here",
	  "check the indentation of this line" },
	{ "found unexpected document indicator", "a quoted string is never closed", NULL },
	{ "found a tab character", "a tab stands in the indentation", "indent with spaces" },
	{ "found unknown escape character", "unknown escape in a double-quoted string",
	  "write a backslash itself as \\\\, or use single quotes" },
	{ "did not find expected hexdecimal number", "an escape needs hex digits here", NULL },
	{ "found invalid Unicode character", "an escape names no Unicode character", NULL },
	{ "found undefined tag handle", "this tag's handle is not declared", "remove the tag" },
	{ "did not find expected alphabetic", "an anchor or alias needs a name here",
	  "quote a value that starts with '*' or '&'" },
	{ "did not find expected comment or line break", "expected the end of the line here", NULL },
	{ "did not find expected digit or '.'", "this directive is wrong", "remove it" },
	{ "found unknown directive", "this directive is unknown", "remove it" },
	{ "found incompatible YAML", "this version of YAML is unknown", "remove the directive" },
	{ "found duplicate", "this directive is here twice", "remove one" },
	{ "found an indentation indicator equal to 0", "an indentation of 0 is not allowed", NULL },
	{ "control characters are not allowed", "a control character is not allowed in YAML",
	  "remove it, or write it as an escape in double quotes" },
};

static int starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

const struct yaml_words *yaml_words(const char *problem, const char *context, char at)
{
	if (!problem)
		return &unknown;
	if (starts(problem, "found character that cannot start"))
		return at == '\t' ? &tab : &reserved;
	if (starts(problem, "found unexpected end of stream"))
		return context && strstr(context, "quoted") ? &open_quote : &unknown;
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		if (starts(problem, words[i].problem))
			return &words[i];
	return &unknown;
}
