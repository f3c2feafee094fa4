#include "base/fs.h"

#include "base/auto.h"
#include "base/buf.h"
#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fs_write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return 0;
}

static int read_fd(struct str *out, int fd, const char *path, size_t max, struct arena *a,
		   struct err *err)
{
	AUTO(buf_release) struct buf b;
	buf_init(&b, max);
	char chunk[64 * 1024];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int why = errno;
			return err_set(err, ERR_SYSTEM, "cannot read '%s': %s", path, strerror(why));
		}
		if (n == 0)
			break;
		buf_add(&b, (struct str){ .p = chunk, .n = (size_t)n });
		if (b.over)
			return err_set(err, ERR_USAGE, "'%s' is larger than %zu bytes", path, max);
	}
	*out = arena_str(a, buf_str(&b));
	return 0;
}

int fs_read(struct str *out, const char *path, size_t max, struct arena *a, struct err *err)
{
	if (!strcmp(path, "-"))
		return read_fd(out, STDIN_FILENO, "standard input", max, a, err);
	AUTO(auto_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int why = errno;
		return err_set(err, ERR_USAGE, "cannot open '%s': %s", path, strerror(why));
	}
	return read_fd(out, fd, path, max, a, err);
}

int fs_read_again(struct str *out, const char *path, size_t max, struct arena *a, struct err *err)
{
	struct stat st;
	AUTO(auto_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st)) {
		int why = errno;
		return err_set(err, ERR_USAGE, "cannot open '%s': %s", path, strerror(why));
	}
	if (S_ISFIFO(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is a pipe, which could be read only once; make it a file", path);
	return read_fd(out, fd, path, max, a, err);
}

int fs_write_atomic(const char *path, struct str bytes, struct err *err)
{
	struct sink_file f;
	if (sink_file_open(&f, path, err))
		return -1;
	sink_write(&f.sink, bytes);
	return sink_file_commit(&f, err);
}

int fs_mkdirs(const char *path, struct err *err)
{
	char part[4096];
	size_t n = strlen(path);
	if (n >= sizeof(part))
		return err_set(err, ERR_USAGE, "folder name is longer than %zu bytes", sizeof(part));
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) && errno != EEXIST) {
			int why = errno;
			return err_set(err, ERR_SYSTEM, "cannot make folder '%s': %s", part,
				       strerror(why));
		}
	}
	return 0;
}

int fs_check_writable(const char *path, struct err *err)
{
	struct sink_file f;
	struct stat st;
	if (strcmp(path, "-") && !stat(path, &st) && S_ISDIR(st.st_mode))
		return err_set(err, ERR_SYSTEM, "cannot write '%s': it is a folder", path);
	/* Opening a pipe and closing it again would end its reader. */
	if (strcmp(path, "-") && !stat(path, &st) && !S_ISREG(st.st_mode)) {
		if (!access(path, W_OK))
			return 0;
		int why = errno;
		return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(why));
	}
	if (sink_file_open(&f, path, err))
		return -1;
	sink_file_abort(&f);
	return 0;
}
