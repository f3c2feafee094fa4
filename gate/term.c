#include "gate/term.h"

#include "base/num.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool set(env_fn *env, void *ctx, const char *name)
{
	const char *v = env(ctx, name);
	return v && *v;
}

/* Like the C library's own choice: LC_ALL, LC_CTYPE, LANG; unset counts as capable, since logs
 * and CI seldom set one and read UTF-8. */
static bool takes_utf8(env_fn *env, void *ctx)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < 3; i++)
		if (set(env, ctx, names[i])) {
			const char *v = env(ctx, names[i]);
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
		}
	return true;
}

struct term term_of(int fd, const char *when, env_fn *env, void *ctx)
{
	struct term t = { .fd = fd, .tty = isatty(fd), .utf8 = takes_utf8(env, ctx) };
	const char *kind = env(ctx, "TERM");
	t.color = t.tty && !set(env, ctx, "NO_COLOR") && !(kind && !strcmp(kind, "dumb"));
	if (when && !strcmp(when, "always"))
		t.color = true;
	if (when && !strcmp(when, "never"))
		t.color = false;
	struct winsize size;
	int64_t columns;
	if (t.tty && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		t.width = size.ws_col;
	else if (t.tty && set(env, ctx, "COLUMNS") &&
		 num_parse_i64(str_c(env(ctx, "COLUMNS")), &columns) && columns > 0)
		t.width = (unsigned)columns;
	else if (t.tty)
		t.width = 80;
	return t;
}

bool term_same(const struct term *a, const struct term *b)
{
	struct stat x, y;
	return a->tty && b->tty && !fstat(a->fd, &x) && !fstat(b->fd, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}
