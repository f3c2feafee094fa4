#include "wire/wire.h"

struct str wire_header_get(const struct wire_status *st, const char *name)
{
	for (size_t i = 0; i < st->nheader; i++)
		if (str_ieq(st->header[i].name, str_c(name)))
			return st->header[i].value;
	return (struct str){ .p = NULL };
}

bool wire_code_retryable(int code)
{
	return code == 408 || code == 409 || code == 429 ||
	       (code >= 500 && code <= 599 && code != 501 && code != 505);
}
