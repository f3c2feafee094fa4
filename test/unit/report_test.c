/* Reports: what each writer makes of the records under fixtures/records, byte for byte
 * (GOLDEN_WRITE=1 rewrites), of hostile text, and at its size cap. */
#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonx.h"
#include "record/record_read.h"
#include "record/record_write.h"
#include "report/mdw.h"
#include "report/report.h"
#include "report/textw.h"
#include "report/xmlw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDS "fixtures/records/"

static const char *const names[] = { "pass",	   "fail",     "undecided", "unreachable", "unscored",
				     "quarantined", "measured", "filtered",  "repeats",	   "wide",
				     "reroll",	   "flaky" };

static struct record_file *open_record(const char *name, struct arena *a)
{
	struct err err = ERR_INIT;
	struct record_file *f = arena_new(a, struct record_file);
	if (record_open(f, arena_fmt(a, RECORDS "%s", name), a, &err))
		fail_msg("%s: %s", name, err.msg);
	return f;
}

static void render(struct buf *out, const char *name, const char *format, struct report_opts o,
		   struct arena *a)
{
	struct err err = ERR_INIT;
	struct record_file *f = open_record(name, a);
	struct sink s = sink_to_buf(out);
	const struct reporter_ops *r = reporter_find(str_c(format));
	assert_non_null(r);
	if (r->write(&s, &f->head, &f->outcomes, &o, &err))
		fail_msg("%s: %s: %s", name, format, err.msg);
}

static void check_golden(const char *path, struct str got, struct arena *a)
{
	struct err err = ERR_INIT;
	struct str want;
	if (getenv("GOLDEN_WRITE")) {
		assert_int_equal(fs_write_atomic(path, got, &err), 0);
		return;
	}
	if (fs_read(&want, path, MIB, a, &err))
		fail_msg("%s", err.msg);
	if (!str_eq(want, got))
		fail_msg("%s differs; it is now:\n%.*s", path, STR_ARGS(got));
}

struct view {
	const char *file, *format;
	struct report_opts o;
};

static const struct view views[] = {
	{ "console.log", "console", { .utf8 = true } },
	{ "console-80.log", "console", { .utf8 = true, .width = 80 } },
	{ "markdown.md", "markdown", { .utf8 = true } },
	{ "junit.xml", "junit", { .utf8 = true } },
};

static void records_look_as_agreed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (size_t k = 0; k < ARRAY_LEN(views); k++) {
			struct arena a = ARENA_INIT;
			struct buf b;
			buf_init(&b, MIB);
			render(&b, names[i], views[k].format, views[k].o, &a);
			check_golden(arena_fmt(&a, RECORDS "%s/%s", names[i], views[k].file), buf_str(&b), &a);
			buf_release(&b);
			arena_release(&a);
		}
}

static void special_terminals(void **state)
{
	(void)state;
	static const struct {
		const char *record;
		struct view view;
	} extra[] = {
		{ "fail", { "console-color.log", "console", { .utf8 = true, .color = true, .width = 100 } } },
		{ "undecided", { "console-ascii.log", "console", { .width = 100 } } },
		{ "wide", { "console-40.log", "console", { .utf8 = true, .width = 40 } } },
		{ "fail", { "console-quiet.log", "console", { .utf8 = true, .quiet = true } } },
		{ "fail", { "console-verbose.log", "console", { .utf8 = true, .verbose = true, .folder = ".gate/runs/x" } } },
	};
	for (size_t i = 0; i < ARRAY_LEN(extra); i++) {
		struct arena a = ARENA_INIT;
		struct buf b;
		buf_init(&b, MIB);
		render(&b, extra[i].record, extra[i].view.format, extra[i].view.o, &a);
		check_golden(arena_fmt(&a, RECORDS "%s/%s", extra[i].record, extra[i].view.file), buf_str(&b), &a);
		for (size_t at = 0; at < b.n && !extra[i].view.o.utf8; at++)
			assert_true((unsigned char)b.p[at] < 0x80);
		buf_release(&b);
		arena_release(&a);
	}
}

/* No line of a terminal's view is wider than the terminal. */
static void narrow_lines_fit(void **state)
{
	(void)state;
	static const unsigned widths[] = { 60, 80, 100, 132 };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (size_t k = 0; k < ARRAY_LEN(widths); k++) {
			struct arena a = ARENA_INIT;
			struct buf b;
			struct str rest, line;
			buf_init(&b, MIB);
			render(&b, names[i], "console",
			       (struct report_opts){ .utf8 = true, .verbose = true, .width = widths[k] }, &a);
			for (rest = buf_str(&b); str_line(&rest, &line);)
				if (text_width(line) > widths[k])
					fail_msg("%s at %u: %.*s", names[i], widths[k], STR_ARGS(line));
			buf_release(&b);
			arena_release(&a);
		}
}

/* What was read is written as it was: nothing of a head is lost on the way. */
static void fixtures_read_and_write_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct record_file *f = open_record(names[i], &a);
		struct buf b;
		struct str bytes;
		buf_init(&b, MIB);
		record_write_head(&b, &f->head);
		assert_int_equal(fs_read(&bytes, arena_fmt(&a, RECORDS "%s/record.json", names[i]), MIB, &a, &err), 0);
		json_t *was = json_loadb(bytes.p, bytes.n, 0, NULL), *is = json_loadb(b.p, b.n, 0, NULL);
		if (!json_equal(was, is))
			fail_msg("%s reads and writes as %s", names[i], buf_cstr(&b));
		json_decref(was);
		json_decref(is);
		buf_release(&b);
		arena_release(&a);
	}
}

static void json_report_is_json(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct buf b;
	buf_init(&b, MIB);
	render(&b, "fail", "json", (struct report_opts){ .utf8 = true }, &a);
	json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_int_equal(json_array_size(json_object_get(j, "outcomes")), 4);
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "record"), "verdict")), "fail");
	json_decref(j);
	buf_release(&b);
	arena_release(&a);
}

/* Exit status of a program, its output dropped; 127 when it is not installed. */
static int run_quietly(const char *const *argv)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	int bad = posix_spawnp(&pid, argv[0], &files, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (bad || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 127;
	return WEXITSTATUS(status);
}

#define XSD "../shared/vectors/schemas/junit-10.xsd"

static void junit_is_valid(void **state)
{
	(void)state;
	static const char *const version[] = { "xmllint", "--version", NULL };
	if (access(XSD, R_OK) || run_quietly(version) == 127) {
		print_message("SKIP junit-10.xsd: no ../shared or no xmllint (libxml2-utils)\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena a = ARENA_INIT;
		const char *const check[] = { "xmllint", "--noout", "--nonet", "--schema", XSD,
					      arena_fmt(&a, RECORDS "%s/junit.xml", names[i]), NULL };
		if (run_quietly(check))
			fail_msg("%s/junit.xml is not valid", names[i]);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_look_as_agreed),
		cmocka_unit_test(special_terminals),
		cmocka_unit_test(narrow_lines_fit),
		cmocka_unit_test(fixtures_read_and_write_the_same),
		cmocka_unit_test(json_report_is_json),
		cmocka_unit_test(junit_is_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
