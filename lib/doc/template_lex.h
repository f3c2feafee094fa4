/* Tokens inside the tags of a Jinja template.  The lexer borrows the text, holds one token at
 * a time and allocates nothing but unescaped strings. */
#ifndef DOC_TEMPLATE_LEX_H
#define DOC_TEMPLATE_LEX_H

#include "base/arena.h"
#include "doc/template.h"

enum template_token_kind { TOKEN_CLOSE, TOKEN_NAME, TOKEN_STRING, TOKEN_NUMBER, TOKEN_OP };

struct template_token {
	enum template_token_kind kind;
	size_t offset;
	struct str text; /* unescaped for strings */
};

struct template_lexer {
	struct str text;
	size_t at;      /* first byte after the token */
	char close;     /* '}' inside {{ }}, '%' inside {% %} */
	unsigned nest;  /* open brackets: no tag closes inside them */
	bool trim_next; /* the tag closed with a minus */
	struct template_token token;
	struct arena *a;
	struct template_error *e;
};

/* Start reading a tag's inside at byte `at` and load its first token. */
int template_lex_open(struct template_lexer *x, size_t at, char close) MUST_USE;
/* Load the next token.  After TOKEN_CLOSE, `at` is where text goes on. */
int template_lex_next(struct template_lexer *x) MUST_USE;
bool template_lex_is(const struct template_lexer *x, const char *op);
bool template_lex_is_name(const struct template_lexer *x, const char *name);
/* What the token is, for error texts. */
const char *template_lex_show(const struct template_lexer *x);

#endif
