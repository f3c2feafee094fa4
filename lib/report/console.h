/* struct console: what the parts of the console view share while one is written.  It owns an arena
 * for the harmless copies of the record's texts; nothing of it outlives the call. */
#ifndef REPORT_CONSOLE_H
#define REPORT_CONSOLE_H

#include "report/textw.h"

struct console {
	struct textw w;
	const struct record *r;
	struct arena arena;
};

/* A harmless copy; "" for NULL. */
const char *console_safe(struct console *c, const char *s);
/* An operator as it is shown: "≥" for ">=". */
const char *console_sign(const struct console *c, const char *op);
/* "…" or what stands for it. */
const char *console_dots(const struct console *c);
enum paint console_paint(enum verdict_kind v);
void console_table(struct console *c);
void console_failures(struct console *c);

#endif
