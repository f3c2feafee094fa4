/* apprender: the settings of an application's target filled in for one call.  A value is always data: it
 * fills a string leaf of JSON, a percent-encoded piece of a URL or a form, or a whole text, and never
 * changes what is around it.  Templates were compiled and rendered once for every case before the first call,
 * so a failure here names no place.  Pure. */
#ifndef PROVIDER_APPRENDER_H
#define PROVIDER_APPRENDER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

/* The text of a template. */
int apprender_text(struct str *out, struct str text, const json_t *vars, struct arena *a, struct err *err) MUST_USE;
/* A JSON value with its string leaves rendered; a leaf that is one {{x}} keeps x's type. */
int apprender_value(const json_t **out, const json_t *value, const json_t *vars, struct arena *a,
		    struct err *err) MUST_USE;
/* Each {{…}} is percent-encoded where it stands, but {{bind.x}}, which the policy wrote. */
int apprender_encoded(struct str *out, struct str text, const json_t *vars, struct arena *a,
		      struct err *err) MUST_USE;
/* The first {{…}} in `text` that reads anything but a binding, or -1. */
ptrdiff_t apprender_variable(struct str text);

#endif
