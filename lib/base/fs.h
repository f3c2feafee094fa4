/* Files of the machine (not of a git tree): whole reads with a cap, atomic writes, folders. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The whole file, refused above `max` bytes.  "-" is standard input. */
int fs_read(struct str *out, const char *path, size_t max, struct arena *a, struct err *err) MUST_USE;
/* The same of a file that a setting names and that is read again and again: never waits, so a pipe is refused. */
int fs_read_again(struct str *out, const char *path, size_t max, struct arena *a, struct err *err) MUST_USE;
/* Replace or create; readers see the old bytes or the new ones, never a part. */
int fs_write_atomic(const char *path, struct str bytes, struct err *err) MUST_USE;
/* mkdir -p */
int fs_mkdirs(const char *path, struct err *err) MUST_USE;
/* Would a file of this name be writable?  Leaves nothing behind. */
int fs_check_writable(const char *path, struct err *err) MUST_USE;
/* write(2) until done; -1 with errno. */
int fs_write_all(int fd, struct str bytes) MUST_USE;

#endif
