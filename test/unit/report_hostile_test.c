/* Hostile text in reports: whatever a record's texts hold, a report has the same skeleton as with
 * harmless ones, nothing that steers a terminal, nothing that a CI runner takes for a command. */
#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonx.h"
#include "record/record_read.h"
#include "report/mdw.h"
#include "report/report.h"
#include "report/textw.h"
#include "report/xmlw.h"

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

#define VECTORS "../shared/vectors/security/hostile-output.json"

/* More of the kind, so that something is tested where ../shared is absent. */
static const struct str own[] = {
	STR_INIT("::error::x"), STR_INIT("  ::set-output name=a::b"), STR_INIT("a\n::error::b"),
	STR_INIT("##vso[task.complete]"), STR_INIT("x ##[error]y"), STR_INIT("a\\|b|c\\\\|d"),
	STR_INIT("`"), STR_INIT("``` `` `"), STR_INIT(" lead and trail "), STR_INIT(""), STR_INIT("\xff\xfe\x80"),
	STR_INIT("a\0b"), STR_INIT("]]>"), STR_INIT("</code></summary><script>"), STR_INIT("\\"),
	STR_INIT("\xef\xbf\xbe"), STR_INIT("\x1b[31m"), STR_INIT("@everyone #1 http://x.example www.x.example a@b.example"),
	STR_INIT("&amp;&#64;"), STR_INIT("a\r\n\r\n# PASS\n| x | y |\n---"), STR_INIT("\xe2\x80\xae rtl"),
};

struct texts {
	VEC(struct str) list;
	bool whole; /* the vectors are among them */
};

static void load_texts(struct texts *t, struct arena *a)
{
	struct err err = ERR_INIT;
	struct str bytes;
	size_t i;
	json_t *x;
	for (i = 0; i < ARRAY_LEN(own); i++)
		*vec_push(&t->list, a) = own[i];
	if (access(VECTORS, R_OK)) {
		print_message("SKIP %s is absent: our own texts only\n", VECTORS);
		return;
	}
	assert_int_equal(fs_read(&bytes, VECTORS, MIB, a, &err), 0);
	json_t *root = arena_json(a, json_loadb(bytes.p, bytes.n, JSON_ALLOW_NUL, NULL));
	json_array_foreach (json_object_get(root, "cases"), i, x)
		*vec_push(&t->list, a) = json_get_str(x, "text");
	assert_int_equal(t->list.n, ARRAY_LEN(own) + 71);
	t->whole = true;
}

static void check_line(struct str line)
{
	struct str s = str_trim(line);
	if (str_starts(s, STR("::")))
		fail_msg("a command: %.*s", STR_ARGS(line));
	for (size_t i = 0; i < line.n;) {
		uint32_t c;
		bool ok;
		assert_false(text_is_ci_mark(str_sub(line, i, line.n)));
		i += utf8_decode_strict(str_sub(line, i, line.n), &c, &ok);
		assert_true(ok);
		assert_false(text_steers(c));
	}
}

static void check_lines(struct str text)
{
	struct str line;
	while (str_line(&text, &line))
		check_line(line);
}

static void text_is_one_harmless_line(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct texts t = { .whole = false };
	load_texts(&t, &a);
	for (size_t i = 0; i < t.list.n; i++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			struct buf b;
			buf_init(&b, MIB);
			text_safe(&b, t.list.v[i], utf8);
			assert_false(b.over);
			assert_null(memchr(buf_cstr(&b), '\n', b.n));
			check_line(buf_str(&b));
			for (size_t k = 0; k < b.n && !utf8; k++)
				assert_true((unsigned char)b.p[k] < 0x80);
			buf_release(&b);
		}
	arena_release(&a);
}

static size_t run_of(struct str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && s.p[at + n] == '`')
		n++;
	return n;
}

/* The line without its code spans, read as CommonMark reads them. */
static void skeleton_of_line(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t ticks = run_of(s, i), end = i + ticks;
		while (ticks && end < s.n) {
			size_t n = run_of(s, end);
			if (n == ticks)
				break;
			end += n ? n : 1;
		}
		if (ticks && end < s.n) {
			i = end + ticks;
			continue;
		}
		buf_addc(out, s.p[i++]);
	}
}

/* A table's pipes count before code does: no raw one may stand in a cell. */
static size_t cells_of(struct str line)
{
	size_t n = 0;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\')
			i++;
		else
			n += line.p[i] == '|';
	}
	return n;
}

static void drop_between(struct buf *out, struct str s, const char *open, const char *close)
{
	ptrdiff_t at;
	while ((at = str_find(s, str_c(open), 0)) >= 0) {
		buf_add(out, str_sub(s, 0, (size_t)at));
		ptrdiff_t end = str_find(s, str_c(close), (size_t)at);
		assert_true(end >= 0);
		s = str_sub(s, (size_t)end + strlen(close), s.n);
	}
	buf_add(out, s);
}

static void skeleton_of_markdown(struct buf *out, struct str s)
{
	struct str line;
	struct buf cut;
	while (str_line(&s, &line)) {
		buf_init(&cut, MIB);
		/* Six columns of thresholds, four of groups. */
		if (str_starts(line, STR("| ")))
			assert_true(cells_of(line) == 7 || cells_of(line) == 5);
		skeleton_of_line(&cut, line);
		struct buf less;
		buf_init(&less, MIB);
		drop_between(&less, buf_str(&cut), "<code>", "</code>");
		drop_between(out, buf_str(&less), " (and ", " more bytes)");
		buf_addc(out, '\n');
		buf_release(&less);
		buf_release(&cut);
	}
}

/* XML without what stands in quotes and between tags. */
static void skeleton_of_xml(struct buf *out, struct str s)
{
	bool tag = false, quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"' && tag)
			quoted = !quoted;
		else if (c == '<')
			assert_false(quoted);
		if (c == '<')
			tag = true;
		if (tag && !quoted)
			buf_addc(out, c);
		if (c == '>' && !quoted)
			tag = false;
	}
}

/* --- a record whose texts are all one text --- */

struct fake {
	struct record head;
	struct suite_head suite;
	struct metric_head metric;
	struct finding finding[2];
	struct cell cell;
	struct outcome outcome[3];
	size_t at;
};

static int fake_next(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err)
{
	struct fake *f = it->ctx;
	(void)a;
	(void)err;
	if (f->at == ARRAY_LEN(f->outcome))
		return 0;
	*o = f->outcome[f->at++];
	return 1;
}

static int fake_rewind(struct outcomes *it, struct err *err)
{
	(void)err;
	((struct fake *)it->ctx)->at = 0;
	return 0;
}

static const json_t *fake_failures(struct str s, struct arena *a)
{
	json_t *x = json_pack("[{s:o, s:[{s:i, s:o, s:f, s:i, s:i, s:f, s:f, s:i, s:f}], s:{s:o, s:b, s:i, s:i, s:i, s:i}, s:i,"
			      " s:o, s:o, s:i, s:[{s:o, s:o, s:o}], s:[{s:o, s:o, s:i, s:i}]}]", "suite", json_from_str(s),
			      "gaps", "finding", 1, "threshold", json_from_str(s), "gap", 0.5, "gap_samples", 2, "count", 3,
			      "part", 0.25, "share", 0.5, "unscored", 1, "width", 0.1, "answers", "words", json_from_str(s),
			      "whole", 0, "count", 1, "of", 1, "fine", 0, "fine_of", 1, "of", 9,
			      "metric", json_from_str(s), "pattern", json_from_str(s), "count", 3,
			      "cases", "case", json_from_str(s), "reason", json_from_str(s), "answer",
			      json_from_str(s), "slices", "key", json_from_str(s), "value", json_from_str(s),
			      "count", 1, "of", 2);
	return arena_json(a, x);
}

static void fill(struct fake *f, struct str s, struct arena *a)
{
	const char *c = arena_cstr(a, s.n ? s : STR("e"));
	struct str id = s.n ? s : STR("e");
	*f = (struct fake){
		.metric = { .name = c, .scorer = c, .kind = METRIC_BINARY, .cut = 0.5, .unit = "" },
		.suite = { .name = c, .target = c, .repeats = 2, .planned = 3, .scored = 1, .unscored = 1,
			   .quarantined = 1, .is_new = true, .nmetric = 1 },
		.cell = { .state = CELL_SCORED, .value = 0, .reason = id },
	};
	for (size_t i = 0; i < 2; i++)
		f->finding[i] = (struct finding){ .text = c, .label = c, .suite = c, .metric = c, .aggregate = c,
			.op = c, .bound_text = c, .unit = "", .blocking = i, .verdict = VERDICT_FAIL, .observed_text = c,
			.note = c, .because = c, .method = c, .has_bounds = true, .upper = 1, .n = 3 };
	for (size_t i = 0; i < 3; i++)
		f->outcome[i] = (struct outcome){ .seq = i, .case_id = id, .status = (enum sample_status)i, .weight = 1,
			.cell = &f->cell, .input = id, .answer = id,
			.reply = { .fail = i == 1 ? FAIL_AUTH : FAIL_NONE, .fail_text = id, .model = id },
			.at = { c, 1, 1 } };
	f->suite.metric = &f->metric;
	f->head = (struct record){ .version = 1, .gate_version = c, .run_id = c, .repo = c, .commit = c, .branch = c,
		.config_path = c, .stage = c, .policy_ref = c, .policy_commit = c, .policy_path = c,
		.confidence = 0.95, .suite = &f->suite, .nsuite = 1, .finding = f->finding, .nfinding = 2,
		.verdict = VERDICT_FAIL, .exit_code = 1, .stopped = c, .noutcome = 3,
		.failures = fake_failures(id, a),
		.notes = arena_json(a, json_pack("[o]", json_from_str(id))) };
}

static void render(struct buf *out, const char *format, struct str text, struct report_opts o, struct arena *a)
{
	struct err err = ERR_INIT;
	struct fake *f = arena_new(a, struct fake);
	struct outcomes it = { .next = fake_next, .rewind = fake_rewind, .ctx = f };
	struct sink s = sink_to_buf(out);
	fill(f, text, a);
	o.folder = f->head.stage;
	if (reporter_find(str_c(format))->write(&s, &f->head, &it, &o, &err))
		fail_msg("%s: %s", format, err.msg);
}

typedef void skeleton_fn(struct buf *out, struct str s);

static void check_skeleton(const char *format, skeleton_fn *of)
{
	struct arena a = ARENA_INIT;
	struct texts t = { .whole = false };
	struct buf want, b;
	buf_init(&want, 4 * MIB);
	buf_init(&b, 4 * MIB);
	render(&b, format, STR("harmless"), (struct report_opts){ .utf8 = true, .verbose = true }, &a);
	of(&want, buf_str(&b));
	load_texts(&t, &a);
	for (size_t i = 0; i < t.list.n; i++) {
		struct buf got;
		buf_init(&got, 4 * MIB);
		buf_reset(&b);
		render(&b, format, t.list.v[i], (struct report_opts){ .utf8 = true, .verbose = true }, &a);
		of(&got, buf_str(&b));
		if (!str_eq(buf_str(&want), buf_str(&got)))
			fail_msg("%s with \"%.*s\":\n%s\n---\n%s", format, STR_ARGS(t.list.v[i]), buf_cstr(&b), buf_cstr(&got));
		check_lines(buf_str(&b));
		buf_release(&got);
	}
	buf_release(&want);
	buf_release(&b);
	arena_release(&a);
}

static void markdown_keeps_its_skeleton(void **state)
{
	(void)state;
	check_skeleton("markdown", skeleton_of_markdown);
	check_skeleton("summary", skeleton_of_markdown);
}

/* --- the same through the reader that GitHub uses, where it is installed --- */

/* Exit status of cmark-gfm on the file `from`, its HTML in the file `to`; 127 when there is none. */
static int run_cmark(const char *from, const char *to)
{
	static const char *const fixed[] = { "cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough" };
	const char *argv[ARRAY_LEN(fixed) + 2] = { NULL };
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status;
	memcpy(argv, fixed, sizeof(fixed));
	argv[ARRAY_LEN(fixed)] = from;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int bad = posix_spawnp(&pid, argv[0], &files, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (bad || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 127;
	return WEXITSTATUS(status);
}

/* HTML without the text of its code elements. */
static bool html_skeleton(struct buf *out, struct str markdown, const char *dir, struct arena *a)
{
	struct err err = ERR_INIT;
	struct str html;
	const char *from = arena_fmt(a, "%s/in.md", dir), *to = arena_fmt(a, "%s/out.html", dir);
	struct buf less;
	assert_int_equal(fs_write_atomic(from, markdown, &err), 0);
	int code = run_cmark(from, to);
	if (code == 127)
		return false;
	assert_int_equal(code, 0);
	assert_int_equal(fs_read(&html, to, 4 * MIB, a, &err), 0);
	buf_init(&less, 4 * MIB);
	drop_between(&less, html, "<code>", "</code>");
	drop_between(out, buf_str(&less), " (and ", " more bytes)");
	buf_release(&less);
	return true;
}

static void markdown_is_inert_in_html(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct texts t = { .whole = false };
	struct report_opts o = { .utf8 = true };
	struct buf b, want;
	char dir[] = "/tmp/gate-md-XXXXXX";
	assert_non_null(mkdtemp(dir));
	buf_init(&b, 4 * MIB);
	buf_init(&want, 4 * MIB);
	render(&b, "markdown", STR("harmless"), o, &a);
	bool there = html_skeleton(&want, buf_str(&b), dir, &a);
	load_texts(&t, &a);
	for (size_t i = 0; there && i < t.list.n; i++) {
		struct buf got;
		buf_init(&got, 4 * MIB);
		buf_reset(&b);
		render(&b, "markdown", t.list.v[i], o, &a);
		html_skeleton(&got, buf_str(&b), dir, &a);
		if (!str_eq(buf_str(&want), buf_str(&got)))
			fail_msg("with \"%.*s\":\n%s", STR_ARGS(t.list.v[i]), buf_cstr(&got));
		buf_release(&got);
	}
	unlink(arena_fmt(&a, "%s/in.md", dir));
	unlink(arena_fmt(&a, "%s/out.html", dir));
	rmdir(dir);
	buf_release(&want);
	buf_release(&b);
	arena_release(&a);
	if (!there) {
		print_message("SKIP cmark-gfm is not installed\n");
		skip();
	}
}

static void junit_keeps_its_skeleton(void **state)
{
	(void)state;
	check_skeleton("junit", skeleton_of_xml);
}

static size_t count_lines(struct str s)
{
	struct str line;
	size_t n = 0;
	while (str_line(&s, &line))
		n++;
	return n;
}

static void console_keeps_its_lines(void **state)
{
	(void)state;
	static const struct report_opts views[] = { { .utf8 = true, .verbose = true }, { .verbose = true },
						    { .utf8 = true, .width = 80 }, { .width = 61 } };
	struct arena a = ARENA_INIT;
	struct texts t = { .whole = false };
	load_texts(&t, &a);
	for (size_t k = 0; k < ARRAY_LEN(views); k++)
		for (size_t i = 0; i < t.list.n; i++) {
			struct buf b, plain;
			buf_init(&b, 16 * MIB);
			buf_init(&plain, MIB);
			render(&b, "console", t.list.v[i], views[k], &a);
			render(&plain, "console", STR("harmless"), views[k], &a);
			check_lines(buf_str(&b));
			if (!views[k].width)
				assert_int_equal(count_lines(buf_str(&b)), count_lines(buf_str(&plain)));
			buf_release(&b);
			buf_release(&plain);
		}
	arena_release(&a);
}

static void json_stays_json(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct texts t = { .whole = false };
	load_texts(&t, &a);
	for (size_t i = 0; i < t.list.n; i++) {
		struct buf b;
		buf_init(&b, 16 * MIB);
		render(&b, "json", t.list.v[i], (struct report_opts){ .utf8 = true }, &a);
		json_t *j = json_loadb(b.p, b.n, JSON_ALLOW_NUL, NULL);
		assert_non_null(j);
		struct str answer = json_get_str(json_array_get(json_object_get(j, "outcomes"), 0), "answer");
		if (utf8_bad(t.list.v[i]) < 0 && t.list.v[i].n)
			assert_true(str_eq(answer, t.list.v[i]));
		json_decref(j);
		for (size_t k = 0; k < b.n; k++)
			assert_false(text_is_ci_mark(str_sub(buf_str(&b), k, b.n)));
		buf_release(&b);
	}
	arena_release(&a);
}

/* At the cap: never over it, whole characters, folds closed, and it says what is missing. */
static void markdown_is_cut_whole(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct fake f;
	struct outcomes it = { .next = fake_next, .rewind = fake_rewind, .ctx = &f };
	fill(&f, STR("größer als ``` gedacht | 漢字 <b>"), &a);
	struct finding *many = arena_array(&a, struct finding, 2000);
	json_t *groups = json_array();
	for (size_t i = 0; i < 2000; i++) {
		many[i] = f.finding[i % 2];
		json_array_append(groups, json_array_get(f.head.failures, 0));
		json_array_append(groups, json_array_get(f.head.failures, 0));
	}
	f.head.failures = arena_json(&a, groups);
	for (size_t n = 1; n <= 2000; n = n * 3 + 1) {
		static const struct {
			const char *name;
			size_t cap;
		} formats[] = { { "markdown", 65536 }, { "summary", 1048576 } };
		f.head.finding = many;
		f.head.nfinding = n > 2000 ? 2000 : n;
		for (size_t k = 0; k < 2; k++) {
			struct buf b;
			buf_init(&b, 4 * MIB);
			struct sink s = sink_to_buf(&b);
			struct report_opts o = { .utf8 = true };
			if (reporter_find(str_c(formats[k].name))->write(&s, &f.head, &it, &o, &err))
				fail_msg("%s", err.msg);
			assert_true(b.n <= formats[k].cap);
			assert_true(utf8_bad(buf_str(&b)) < 0);
			assert_true(str_find(buf_str(&b), STR("more groups of failures do not fit"), 0) > 0);
			assert_true(str_starts(buf_str(&b), STR("### ❌ FAIL: ")));
			assert_true(str_ends(buf_str(&b), STR("</sub>\n")));
			size_t opened = 0, closed = 0;
			for (ptrdiff_t at = -1; (at = str_find(buf_str(&b), STR("<details>\n"), (size_t)(at + 1))) >= 0;)
				opened++;
			for (ptrdiff_t at = -1; (at = str_find(buf_str(&b), STR("\n</details>\n"), (size_t)(at + 1))) >= 0;)
				closed++;
			assert_int_equal(opened, closed);
			buf_release(&b);
		}
	}
	arena_release(&a);
}

static void lines_wrap_and_cut(void **state)
{
	(void)state;
	static const struct {
		unsigned columns;
		struct str in;
		const char *out;
	} cuts[] = {
		{ 5, STR_INIT("abcde"), "abcde" },	{ 5, STR_INIT("abcdef"), "abcd…" },
		{ 5, STR_INIT("漢字漢"), "漢字…" },	{ 0, STR_INIT("abc\tdef"), "abc def" },
		{ 3, STR_INIT("\x1b\x1b"), "\\u…" },
	};
	struct report_opts o = { .utf8 = true, .width = 20 };
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct buf b;
		buf_init(&b, MIB);
		struct sink s = sink_to_buf(&b);
		struct textw w = { .out = &s, .o = &o };
		textw_safe(&w, cuts[i].in, cuts[i].columns);
		assert_string_equal(buf_cstr(&b), cuts[i].out);
		buf_release(&b);
	}
	struct buf b;
	buf_init(&b, MIB);
	struct sink s = sink_to_buf(&b);
	struct textw w = { .out = &s, .o = &o };
	textw_wrap(&w, STR("one two three four five six"), 5, 4);
	assert_string_equal(buf_cstr(&b), "one two three\n    four five six");
	buf_reset(&b);
	textw_block(&w, STR("a\n\n::error::b\n"), 2);
	assert_string_equal(buf_cstr(&b), "  │ a\n  │ \n  │ \\u{3a}:error::b\n");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_harmless_line),
		cmocka_unit_test(markdown_keeps_its_skeleton),
		cmocka_unit_test(markdown_is_inert_in_html),
		cmocka_unit_test(junit_keeps_its_skeleton),
		cmocka_unit_test(console_keeps_its_lines),
		cmocka_unit_test(json_stays_json),
		cmocka_unit_test(markdown_is_cut_whole),
		cmocka_unit_test(lines_wrap_and_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
