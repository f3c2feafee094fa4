/* struct mustache: a Mustache template (specification 1.4.2, core: comments, delimiters,
 * interpolation, sections, inverted sections, partials).  {{x}} is HTML-escaped, {{{x}}} and
 * {{&x}} are not.  When strict, interpolating a name that no context has is an error; a section
 * of such a name is empty, for that is how Mustache asks whether something is there.  Lambdas,
 * inheritance and dynamic names are not supported.  Lives in the arena; a value is never
 * rendered a second time. */
#ifndef DOC_MUSTACHE_H
#define DOC_MUSTACHE_H

#include "doc/template.h"

struct mustache;

enum mustache_mode {
	MUSTACHE_STRICT,
	MUSTACHE_ALONE, /* strict, and a partial's tag is an error at once */
	MUSTACHE_LENIENT,
};

/* Where partials come from: the text of `name`, or the absent string. */
struct mustache_partials {
	struct str (*text)(void *ctx, struct str name);
	void *ctx;
};

/* Borrows the text.  Offsets of errors inside a partial are those of its tag. */
int mustache_compile(struct mustache **out, struct str text, enum mustache_mode mode,
		     struct arena *a, struct template_error *e) MUST_USE;
/* Without `partials`, a partial is an error when strict and empty when lenient. */
int mustache_render(const struct mustache *m, const json_t *vars,
		    const struct mustache_partials *partials, struct buf *out,
		    struct template_error *e) MUST_USE;
/* The first parts of all names.  Those used only as sections or inside one are optional. */
void mustache_vars(const struct mustache *m, struct template_vars *out, struct arena *a);

#endif
