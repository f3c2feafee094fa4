/* The tables of filters and tests: names, parameters, functions.  The compiler matches
 * arguments to parameters here, so that an unknown name or a wrong count is an error before
 * anything is rendered. */
#ifndef DOC_TEMPLATE_FILTER_H
#define DOC_TEMPLATE_FILTER_H

#include "doc/template_eval.h"
#include "doc/template_node.h"

enum template_inner { INNER_NONE, INNER_MAP, INNER_SELECT, INNER_SELECT_ATTR };

struct template_filter {
	const char *name;
	/* *out NULL = undefined.  arg[i] is NULL when not given. */
	int (*apply)(struct template_run *r, const struct template_expr *at, const json_t *in,
		     const json_t *const *arg, const json_t **out);
	const char *param[TEMPLATE_ARGS]; /* in order; usable as keywords */
	unsigned required;                /* of the parameters, from the left */
	enum template_inner inner;        /* its arguments name a filter or a test */
	bool takes_undefined;
};

struct template_test {
	const char *name;
	int (*holds)(struct template_run *r, const struct template_expr *at, const json_t *in,
		     const json_t *arg, bool *out);
	unsigned args; /* exactly */
	bool takes_undefined;
};

const struct template_filter *template_filter_find(struct str name);
const struct template_test *template_test_find(struct str name);
/* The nearest name, or the absent string. */
struct str template_filter_near(struct str name);
struct str template_test_near(struct str name);
/* Known elsewhere and deliberately not here (random, groupby…). */
bool template_filter_refused(struct str name);

/* The filters that other files hold; template_filter.c has the table. */
#define TEMPLATE_FILTER(name)                                                                 \
	int template_##name(struct template_run *r, const struct template_expr *at,           \
			    const json_t *in, const json_t *const *arg, const json_t **out)
TEMPLATE_FILTER(upper);
TEMPLATE_FILTER(lower);
TEMPLATE_FILTER(capitalize);
TEMPLATE_FILTER(title);
TEMPLATE_FILTER(trim);
TEMPLATE_FILTER(replace);
TEMPLATE_FILTER(truncate);
TEMPLATE_FILTER(wordcount);
TEMPLATE_FILTER(indent);
TEMPLATE_FILTER(escape);
TEMPLATE_FILTER(urlencode);
TEMPLATE_FILTER(join);
TEMPLATE_FILTER(first);
TEMPLATE_FILTER(last);
TEMPLATE_FILTER(list);
TEMPLATE_FILTER(sort);
TEMPLATE_FILTER(reverse);
TEMPLATE_FILTER(unique);
TEMPLATE_FILTER(sum);
TEMPLATE_FILTER(min);
TEMPLATE_FILTER(max);
TEMPLATE_FILTER(batch);
TEMPLATE_FILTER(dictsort);
TEMPLATE_FILTER(items_filter);
TEMPLATE_FILTER(map);
TEMPLATE_FILTER(select);
TEMPLATE_FILTER(reject);
TEMPLATE_FILTER(selectattr);
TEMPLATE_FILTER(rejectattr);

#endif
