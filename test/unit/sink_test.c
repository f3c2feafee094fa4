/* Unit tests of base/sink's files: replaced whole, and never what is no file. */
#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void a_pipe_is_written_in_place(void **state)
{
	char dir[] = "/tmp/gate-sink-XXXXXX", path[64], got[16] = "";
	struct err err = ERR_INIT;
	struct stat st;
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(fs_check_writable(path, &err), 0);
	assert_int_equal(fs_write_atomic(path, STR("hello"), &err), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* and nothing else was left there */
}

static void without_commit_the_old_file_stays(void **state)
{
	char dir[] = "/tmp/gate-sink-XXXXXX", path[64];
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct sink_file f;
	struct str text;
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(fs_write_atomic(path, STR("old"), &err), 0);
	assert_int_equal(sink_file_open(&f, path, &err), 0);
	sink_puts(&f.sink, "new");
	sink_file_abort(&f);
	assert_int_equal(fs_read(&text, path, 100, &a, &err), 0);
	assert_true(str_eqc(text, "old"));
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_is_written_in_place),
		cmocka_unit_test(without_commit_the_old_file_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
