/* Provider exec: any program.  The case goes to its stdin as JSON, its stdout is the answer. */
#include "base/limits.h"
#include "base/num.h"
#include "call/appvars.h"
#include "doc/jsonw.h"
#include "doc/jsonx.h"
#include "doc/template.h"
#include "provider/appanswer.h"
#include "provider/apprender.h"
#include "provider/provider.h"

/* What a program may have unless the target says otherwise: ample for an interpreter with its libraries,
 * little for a mistake. */
#define MEMORY_BYTES ((int64_t)(4096 * MIB))
enum { FILES = 256, PROCESSES = 128, CPU_S = 600, MS_PER_S = 1000, ID_MAX = 256 };

/* --- what it is asked ------------------------------------------------------------------------- */

/* All that was given but the stage's bindings, which only arguments read. */
static const json_t *case_of(const struct call *c, struct arena *a)
{
	json_t *vars = arena_json(a, c->given ? json_copy((json_t *)(uintptr_t)c->given) : json_object());
	json_object_del(vars, "bind");
	return vars;
}

static void write_case(struct jsonw *w, const struct call *c, struct arena *a)
{
	const struct endpoint *e = c->endpoint;
	const json_t *said = appvars(NULL, c->message, c->nmessage, a);
	jsonw_open(w, NULL, '{');
	jsonw_json(w, "case", case_of(c, a));
	jsonw_json(w, "prompt", json_object_get(said, "prompt"));
	jsonw_json(w, "messages", json_object_get(said, "messages"));
	if (e->model.n)
		jsonw_str(w, "model", e->model);
	jsonw_json(w, "params", e->params);
	jsonw_json(w, "tools", e->tools);
	jsonw_json(w, "response_schema", c->response_schema);
	jsonw_int(w, "sample", c->sample);
	jsonw_close(w, '}');
}

static void release_body(void *p)
{
	buf_release(p);
}

static int encode_input(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	struct buf *b = arena_new(a, struct buf);
	buf_init(b, REQUEST_BYTES_MAX);
	arena_defer(a, release_body, b);
	struct jsonw w = { .out = b };
	write_case(&w, c, a);
	buf_addc(b, '\n');
	out->body = buf_str(b);
	return b->over ? err_set(err, ERR_ARTIFACT, "the case is larger than %zu bytes", REQUEST_BYTES_MAX) : 0;
}

static int encode_command(const char ***out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *command = json_object_get(c->endpoint->config, "command"), *word;
	const json_t *vars = appvars(c->given, c->message, c->nmessage, a);
	const char **argv = arena_array(a, const char *, json_array_size(command) + 1);
	size_t i;
	json_array_foreach(command, i, word) {
		struct str text;
		if (apprender_text(&text, json_str(word), vars, a, err))
			return -1;
		if (text.n && memchr(text.p, '\0', text.n))
			return err_set(err, ERR_ARTIFACT, "argument %zu of 'command' would hold a NUL byte", i);
		argv[i] = arena_cstr(a, text);
	}
	*out = argv;
	return 0;
}

static bool read_bytes(const json_t *v, int64_t *out)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "K", "M", "G", "" };
	static const double factor[] = { 1024, 1048576, 1073741824, 1024, 1048576, 1073741824, 1 };
	if (json_is_string(v))
		return num_scaled(json_str(v), unit, factor, ARRAY_LEN(unit), out) && *out > 0;
	if (json_is_integer(v))
		*out = json_integer_value(v);
	return !v || *out > 0;
}

static bool read_time(const json_t *v, int64_t *ms)
{
	return !v || (num_duration(json_str(v), ms) && *ms > 0);
}

static int64_t count_of(const json_t *config, const char *key, int64_t usual)
{
	const json_t *v = json_object_get(config, key);
	return json_is_integer(v) ? json_integer_value(v) : usual;
}

/* -1: *member is the one that cannot be read. */
static int read_limits(struct wire_exec *out, const json_t *config, const char **member, struct err *err)
{
	int64_t cpu_ms = (int64_t)CPU_S * MS_PER_S;
	*out = (struct wire_exec){
		.memory_bytes = MEMORY_BYTES,
		.files = count_of(config, "files", FILES),
		.processes = count_of(config, "processes", PROCESSES),
	};
	*member = "timeout";
	if (!read_time(json_object_get(config, "timeout"), &out->timeout_ms))
		return err_set(err, ERR_ARTIFACT, "timeout: expected a time such as 30s or 2m");
	*member = "cpu";
	if (!read_time(json_object_get(config, "cpu"), &cpu_ms))
		return err_set(err, ERR_ARTIFACT, "cpu: expected a time such as 60s");
	out->cpu_s = (cpu_ms + MS_PER_S - 1) / MS_PER_S;
	*member = "memory";
	if (!read_bytes(json_object_get(config, "memory"), &out->memory_bytes))
		return err_set(err, ERR_ARTIFACT, "memory: expected bytes such as 512M or 2G");
	return 0;
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	struct wire_exec *e = arena_new(a, struct wire_exec);
	const char **argv = NULL, *member;
	*out = (struct wire_req){ .exec = e };
	if (read_limits(e, c->endpoint->config, &member, err) || encode_command(&argv, c, a, err))
		return -1;
	e->argv = argv;
	return encode_input(out, c, a, err);
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	struct wire_exec limits;
	struct str program = json_str(json_array_get(json_object_get(e->config, "command"), 0));
	*member = "command";
	if (!template_is_plain(program))
		return err_set(err, ERR_ARTIFACT, "command: a case cannot choose the program; templates may stand in its "
						  "arguments");
	if (!program.n || memchr(program.p, '\0', program.n) ||
	    (program.p[0] != '/' && str_chr(program, '/', 0) >= 0))
		return err_set(err, ERR_ARTIFACT, "command: program '%.*s' is neither an absolute path nor a plain name; "
						  "what is judged is a commit, not a checkout", STR_ARGS(program));
	return read_limits(&limits, e->config, member, err);
}

/* --- what it says ----------------------------------------------------------------------------- */

struct exec_answer {
	struct buf out;
	bool json;
};

static void release(void *p)
{
	struct exec_answer *x = p;
	buf_release(&x->out);
}

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct exec_answer *x = state;
	(void)st;
	x->json = str_eqc(json_get_str(c->endpoint->config, "output"), "json");
	buf_init(&x->out, REPLY_BYTES_MAX);
	arena_defer(r->arena, release, x);
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct exec_answer *x = state;
	*events = 0;
	buf_add(&x->out, piece);
	if (!x->out.over)
		return 0;
	reply_fail(r, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes", REPLY_BYTES_MAX);
	return -1;
}

/* A misspelt member would be an answer without passages, calls or usage that looks like one with them. */
static int check_members(struct reply *r, const json_t *root)
{
	static const char *const known[] = { "answer",	   "output",  "contexts", "tool_calls", "trajectory",
					     "usage",	   "model",   "finish",	  "blocked",	"refused",
					     "request_id", "error",   "detail" };
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)root, key, v) {
		bool found = false;
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			found = found || !strcmp(key, known[i]);
		if (found)
			continue;
		reply_fail(r, FAIL_MALFORMED, false,
			   "the program's answer has a member '%s'; expected answer, contexts, tool_calls, trajectory, "
			   "usage, model, finish, blocked, refused, request_id, error, and detail for anything else",
			   key);
		return -1;
	}
	return 0;
}

static bool is_type(const json_t *v, char type)
{
	if (!v || json_is_null(v))
		return true;
	return type == 't' ? json_is_string(v) : type == 'b' ? json_is_boolean(v) : json_is_object(v);
}

static int check_types(struct reply *r, const json_t *root)
{
	static const struct {
		const char *key, *what;
		char type;
	} table[] = {
		{ "model", "a text", 't' },	 { "request_id", "a text", 't' },  { "finish", "a text", 't' },
		{ "blocked", "true or false", 'b' }, { "refused", "true or false", 'b' },
		{ "usage", "an object {in, out}", 'o' }, { "detail", "an object", 'o' },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const json_t *v = json_object_get(root, table[i].key);
		if (is_type(v, table[i].type))
			continue;
		reply_fail(r, FAIL_MALFORMED, false, "the program's '%s' is %s; expected %s", table[i].key,
			   json_type_name(v), table[i].what);
		return -1;
	}
	return 0;
}

static int take_usage(struct reply *r, const json_t *usage)
{
	const struct {
		const char *key, *what;
		int64_t *to;
	} table[] = {
		{ "in", "usage.in", &r->usage.in },
		{ "out", "usage.out", &r->usage.out },
		{ "cache_read", "usage.cache_read", &r->usage.cache_read },
		{ "cache_write", "usage.cache_write", &r->usage.cache_write },
		{ "reasoning", "usage.reasoning", &r->usage.reasoning },
	};
	size_t known = 0;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const json_t *v = json_object_get(usage, table[i].key);
		known += v != NULL;
		if (appanswer_count(r, table[i].to, v, table[i].what))
			return -1;
	}
	if (known == json_object_size(usage))
		return 0;
	reply_fail(r, FAIL_MALFORMED, false, "the program's usage has other members than in, out, cache_read, "
					     "cache_write and reasoning");
	return -1;
}

static int take_lists(struct reply *r, const json_t *root)
{
	static const struct {
		const char *key;
		int (*take)(struct reply *r, const json_t *list);
	} lists[] = {
		{ "contexts", appanswer_contexts }, { "tool_calls", appanswer_tools }, { "trajectory", appanswer_steps },
	};
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const json_t *v = json_object_get(root, lists[i].key);
		if (v && !json_is_null(v) && lists[i].take(r, v))
			return -1;
	}
	return 0;
}

static void take_words(struct reply *r, const json_t *root)
{
	r->model = arena_str(r->arena, str_sub(json_get_str(root, "model"), 0, ID_MAX));
	r->request_id = arena_str(r->arena, str_sub(json_get_str(root, "request_id"), 0, ID_MAX));
	appanswer_finish(r, json_get_str(root, "finish"));
	if (json_is_true(json_object_get(root, "refused")))
		r->finish = FINISH_REFUSED;
	if (json_is_true(json_object_get(root, "blocked")))
		r->finish = FINISH_BLOCKED;
	if (json_is_object(json_object_get(root, "detail")))
		r->detail = arena_json(r->arena, json_incref(json_object_get(root, "detail")));
}

static bool says_error(struct reply *r, const json_t *root)
{
	const json_t *error = json_object_get(root, "error");
	struct str text = json_is_object(error) ? json_get_str(error, "message") : json_str(error);
	if (!error || json_is_null(error) || json_is_false(error) || (json_is_string(error) && !text.n))
		return false;
	reply_fail(r, FAIL_PROGRAM, false, "the program says that it failed%s%.*s", text.n ? ": " : "", STR_ARGS(text));
	return true;
}

static void take_text(struct reply *r, const json_t *root)
{
	const json_t *answer = json_object_get(root, "answer");
	if (answer && json_object_get(root, "output")) {
		reply_fail(r, FAIL_MALFORMED, false, "the program's answer has both 'answer' and 'output'");
		return;
	}
	answer = answer ? answer : json_object_get(root, "output");
	bool spared = r->finish == FINISH_BLOCKED || r->finish == FINISH_REFUSED || json_array_size(r->tool_calls);
	if ((!answer || json_is_null(answer)) && !spared)
		reply_fail(r, FAIL_MALFORMED, false, "the program's answer has no 'answer': %s",
			   appanswer_members(root, r->arena));
	else if (json_is_string(answer))
		buf_add(&r->text, json_str(answer));
	else if (answer && !json_is_null(answer))
		json_write(&r->text, answer);
	if (r->text.over)
		reply_fail(r, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes", REPLY_BYTES_MAX);
}

static void finish_json(struct reply *r, struct str text, struct arena *scratch)
{
	const char *why = "";
	const json_t *root = json_lenient_unique(scratch, text, &why);
	if (!root || !json_is_object(root)) {
		reply_fail(r, FAIL_MALFORMED, false, "what the program wrote is no JSON object (%s); with `output: text` "
						     "any text is an answer",
			   root ? json_type_name(root) : text.n ? why : "nothing");
		return;
	}
	if (check_members(r, root) || says_error(r, root) || check_types(r, root) || take_usage(r, json_object_get(root, "usage")) ||
	    take_lists(r, root))
		return;
	take_words(r, root);
	take_text(r, root);
}

/* The line feed that ends a program's output is no part of what it says. */
static void finish_text(struct reply *r, struct str text)
{
	if (str_ends(text, STR("\n")))
		text.n -= str_ends(text, STR("\r\n")) ? 2 : 1;
	buf_add(&r->text, text);
	if (!text.n)
		reply_fail(r, FAIL_MALFORMED, false, "the program wrote nothing");
}

static void finish(void *state, struct reply *r)
{
	struct exec_answer *x = state;
	struct arena scratch = ARENA_INIT;
	if (r->fail)
		return;
	if (x->json)
		finish_json(r, buf_str(&x->out), &scratch);
	else
		finish_text(r, buf_str(&x->out));
	arena_release(&scratch);
	if (!r->fail && r->finish == FINISH_NONE)
		r->finish = json_array_size(r->tool_calls) && !r->text.n ? FINISH_TOOL : FINISH_STOP;
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"command\",\"output\"],"
	"\"properties\":{"
	"\"command\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":256,\"items\":{\"type\":\"string\"},"
	"\"description\":\"The program, an absolute path or a name found in PATH, and its arguments; no shell\"},"
	"\"output\":{\"enum\":[\"json\",\"text\"],\"description\":\"json: {answer, contexts, tool_calls, …}; text: what it "
	"writes is the answer\"},"
	"\"timeout\":{\"type\":\"string\",\"description\":\"How long it may take; --timeout unless said\"},"
	"\"memory\":{\"type\":[\"string\",\"integer\"],\"default\":\"4G\"},"
	"\"files\":{\"type\":\"integer\",\"minimum\":8,\"default\":256},"
	"\"processes\":{\"type\":\"integer\",\"minimum\":1,\"default\":128},"
	"\"cpu\":{\"type\":\"string\",\"default\":\"10m\"}}}";

const struct provider_ops provider_exec = {
	.name = "exec",
	.help = "any program: the case as JSON on stdin, the answer on stdout; the policy must allow it",
	.schema = schema,
	.no_model = true,
	.no_prompt = true,
	.one_piece = true,
	.runs = true,
	.talks = true,
	.given = GIVEN_SHOWN,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct exec_answer),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
