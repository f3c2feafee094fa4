#include "base/err.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static PRINTF_LIKE(2, 0) void fill(struct err *err, const char *fmt, va_list ap)
{
	char text[sizeof(err->msg) * 2];
	vsnprintf(text, sizeof(text), fmt, ap);
	struct str kept = utf8_prefix(str_c(text), sizeof(err->msg) - 1);
	memcpy(err->msg, kept.p, kept.n);
	err->msg[kept.n] = '\0';
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fill(err, fmt, ap);
	va_end(ap);
	err->kind = kind;
	err->at = (struct pos){ .file = NULL };
	return -1;
}

int err_at(struct err *err, struct pos at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fill(err, fmt, ap);
	va_end(ap);
	err->kind = ERR_ARTIFACT;
	err->at = at;
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)], head[sizeof(err->msg)];
	memcpy(old, err->msg, sizeof(old));
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	struct err whole = *err;
	err_set(&whole, err->kind, "%s: %s", head, old);
	memcpy(err->msg, whole.msg, sizeof(err->msg));
	return -1;
}
