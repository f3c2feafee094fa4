/* struct template: a text with tags, compiled once and rendered with the members of one JSON
 * object.  Undefined names are errors, never empty text; a value is never rendered a second
 * time; nothing but JSON members can be reached: no environment, no files, no clock, no calls
 * besides range().  A compiled template is read-only and lives, with a copy of its text, in
 * the arena given to template_compile.  docs/templates.md lists the language. */
#ifndef DOC_TEMPLATE_H
#define DOC_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/pos.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>

struct template;

enum template_syntax {
	TEMPLATE_JINJA,    /* the subset on which Nunjucks and Jinja2 agree, and a little more */
	TEMPLATE_MUSTACHE, /* Mustache, strict, HTML-escaping {{x}} as its specification says */
	TEMPLATE_PLAIN,    /* {{name}} and {{a.b}} alone; everything else is text */
};

/* Where and why; `offset` counts bytes into the text given to template_compile. */
struct template_error {
	size_t offset;
	char msg[320];
	char hint[200]; /* what to do, or "" */
};

/* TEMPLATE_MUSTACHE for names that end in .mustache, else TEMPLATE_JINJA. */
enum template_syntax template_syntax_of(const char *file);

/* No tag of any syntax can start in s: render it as it stands. */
bool template_is_plain(struct str s);

int template_compile(struct template **out, struct str text, enum template_syntax syntax,
		     struct arena *a, struct template_error *e) MUST_USE;

/* Append the text to *out; on failure *out may hold a part of it.  `vars` is an object or
 * NULL for none. */
int template_render(const struct template *t, const json_t *vars, struct buf *out,
		    struct template_error *e) MUST_USE;

/* A template that is one {{ expression }} and nothing else gives the value itself with its
 * type; any other gives a JSON string.  *out is borrowed from `vars` or dies with the arena. */
int template_value(const struct template *t, const json_t *vars, struct arena *a,
		   const json_t **out, struct template_error *e) MUST_USE;

/* A name that the caller must supply.  `optional`: some use asks `is defined` or default(). */
struct template_var {
	struct str name;
	size_t offset; /* of its first use */
	bool optional;
};

struct template_vars {
	VEC(struct template_var) list;
};

/* The root variables the template reads, each once, in order of first use.  `case` stands for all of
 * them where no variable has that name: case['x'] and case.x count as x, a bare `case` as itself. */
void template_vars(const struct template *t, struct template_vars *out, struct arena *a);

/* The place of byte `offset` in a plain text file. */
struct pos template_pos(const char *file, struct str text, size_t offset);

#endif
