#include "base/sink.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PENDING_MAX = 64 * 1024 };

void sink_write(struct sink *s, struct str bytes)
{
	if (!s->failed && bytes.n && s->write(s, bytes, &s->err))
		s->failed = true;
}

void sink_puts(struct sink *s, const char *text)
{
	sink_write(s, str_c(text));
}

void sink_printf(struct sink *s, const char *fmt, ...)
{
	char small[512];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		sink_write(s, (struct str){ .p = small, .n = (size_t)n });
	} else if (n >= 0) {
		struct buf b;
		buf_init(&b, (size_t)n + 1);
		buf_vaddf(&b, fmt, again);
		sink_write(s, buf_str(&b));
		buf_release(&b);
	}
	va_end(again);
}

int sink_check(const struct sink *s, struct err *err)
{
	if (!s->failed)
		return 0;
	*err = s->err;
	return -1;
}

static int write_buf(struct sink *s, struct str bytes, struct err *err)
{
	struct buf *b = s->ctx;
	buf_add(b, bytes);
	return b->over ? err_set(err, ERR_SYSTEM, "text is larger than %zu bytes", b->max) : 0;
}

struct sink sink_to_buf(struct buf *b)
{
	return (struct sink){ .write = write_buf, .ctx = b };
}

static const char *shown(const struct sink_file *f)
{
	return f->path ? f->path : "standard output";
}

static int flush_file(struct sink_file *f, struct err *err)
{
	if (fs_write_all(f->fd, buf_str(&f->pending))) {
		int why = errno;
		return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", shown(f), strerror(why));
	}
	buf_reset(&f->pending);
	return 0;
}

static int write_file(struct sink *s, struct str bytes, struct err *err)
{
	struct sink_file *f = s->ctx;
	while (bytes.n) {
		struct str part = str_sub(bytes, 0, PENDING_MAX - f->pending.n);
		buf_add(&f->pending, part);
		bytes = str_sub(bytes, part.n, bytes.n);
		if (f->pending.n == PENDING_MAX && flush_file(f, err))
			return -1;
	}
	return 0;
}

/* A device, pipe or socket is written in place: renaming over it would replace the thing itself
 * (as root, /dev/null). */
static bool is_special(const char *path)
{
	struct stat st;
	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int open_special(struct sink_file *f, const char *path, struct err *err)
{
	f->path = strdup(path);
	if (!f->path)
		die_oom();
	f->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (f->fd >= 0)
		return 0;
	int why = errno;
	err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(why));
	sink_file_abort(f);
	return -1;
}

int sink_file_open(struct sink_file *f, const char *path, struct err *err)
{
	*f = (struct sink_file){ .fd = STDOUT_FILENO };
	f->sink = (struct sink){ .write = write_file, .ctx = f };
	buf_init(&f->pending, PENDING_MAX);
	if (!strcmp(path, "-"))
		return 0;
	if (is_special(path))
		return open_special(f, path, err);
	size_t room = strlen(path) + 32;
	f->path = strdup(path);
	f->tmp = malloc(room);
	if (!f->path || !f->tmp)
		die_oom();
	snprintf(f->tmp, room, "%s.tmp-%ld", path, (long)getpid());
	f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (f->fd >= 0)
		return 0;
	int why = errno;
	err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(why));
	free(f->tmp);
	f->tmp = NULL;
	sink_file_abort(f);
	return -1;
}

int sink_file_commit(struct sink_file *f, struct err *err)
{
	int bad = sink_check(&f->sink, err) || flush_file(f, err);
	if (!bad && f->tmp && (fsync(f->fd) || rename(f->tmp, f->path))) {
		int why = errno;
		bad = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", f->path, strerror(why));
	}
	if (!bad) {
		free(f->tmp);
		f->tmp = NULL;
	}
	sink_file_abort(f);
	return bad ? -1 : 0;
}

void sink_file_abort(struct sink_file *f)
{
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	if (f->tmp)
		unlink(f->tmp);
	free(f->tmp);
	free(f->path);
	buf_release(&f->pending);
	*f = (struct sink_file){ .fd = -1 };
}
