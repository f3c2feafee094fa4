#include "doc/jsonw.h"

#include "base/num.h"
#include "doc/jsonx.h"

#include <math.h>

static void member(struct jsonw *w, const char *key)
{
	if (w->begun)
		buf_addc(w->out, ',');
	if (w->indent && w->depth) {
		buf_addc(w->out, '\n');
		for (unsigned i = 0; i < w->depth; i++)
			buf_adds(w->out, "  ");
	}
	if (key) {
		buf_add_json(w->out, str_c(key));
		buf_adds(w->out, w->indent ? ": " : ":");
	}
	w->begun = true;
}

void jsonw_open(struct jsonw *w, const char *key, char bracket)
{
	member(w, key);
	buf_addc(w->out, bracket);
	w->depth++;
	w->begun = false;
}

void jsonw_close(struct jsonw *w, char bracket)
{
	w->depth--;
	if (w->indent && w->begun) {
		buf_addc(w->out, '\n');
		for (unsigned i = 0; i < w->depth; i++)
			buf_adds(w->out, "  ");
	}
	buf_addc(w->out, bracket);
	w->begun = true;
}

void jsonw_str(struct jsonw *w, const char *key, struct str s)
{
	member(w, key);
	buf_add_json(w->out, s);
}

void jsonw_text(struct jsonw *w, const char *key, const char *s)
{
	if (s)
		jsonw_str(w, key, str_c(s));
}

void jsonw_num(struct jsonw *w, const char *key, double x)
{
	char text[NUM_TEXT];
	member(w, key);
	buf_adds(w->out, isfinite(x) ? num_fmt(x, text) : "null");
}

void jsonw_int(struct jsonw *w, const char *key, int64_t x)
{
	member(w, key);
	buf_add_int(w->out, x);
}

void jsonw_bool(struct jsonw *w, const char *key, bool x)
{
	member(w, key);
	buf_adds(w->out, x ? "true" : "false");
}

void jsonw_json(struct jsonw *w, const char *key, const json_t *j)
{
	if (!j)
		return;
	member(w, key);
	json_write(w->out, j);
}
