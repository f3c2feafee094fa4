/* struct sink: where bytes go.  Reporters and writers see only this.  sink_write after a
 * failure is a no-op that fails again; the first error is kept and given by sink_close, so
 * a writer may check once at its end. */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include "base/buf.h"
#include "base/err.h"

struct sink {
	int (*write)(struct sink *s, struct str bytes, struct err *err);
	void *ctx;
	bool failed;
	struct err err;
};

void sink_write(struct sink *s, struct str bytes);
void sink_puts(struct sink *s, const char *text);
void sink_printf(struct sink *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* 0, or -1 with the first error. */
int sink_check(const struct sink *s, struct err *err) MUST_USE;

/* A sink that appends to a buf (borrowed). */
struct sink sink_to_buf(struct buf *b);

/* A sink that writes a file: "PATH.tmp-PID" first, renamed by sink_file_commit; without commit
 * the temporary file is removed.  A device or pipe is written in place.  "-" is standard output, unbuffered at commit only. */
struct sink_file {
	struct sink sink;
	char *path, *tmp;
	int fd;
	struct buf pending;
};
int sink_file_open(struct sink_file *f, const char *path, struct err *err) MUST_USE;
int sink_file_commit(struct sink_file *f, struct err *err) MUST_USE;
void sink_file_abort(struct sink_file *f);

#endif
