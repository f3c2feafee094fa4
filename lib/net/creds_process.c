/* credential_process: a program that the operator's own profile names.  Its line is split like a shell
 * would, but no shell runs it; it gets the operator's environment, a deadline and a ceiling. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "net/creds_aws_impl.h"

enum { NS_PER_MS = 1000000, DEADLINE_MS = 60000, WORDS_MAX = 64 };

/* Words by blanks; quotes and backslashes as in a shell, nothing else of it. */
static const char **split(struct creds_aws *c, struct str s, const char **why)
{
	const char **argv = arena_array(&c->work, const char *, WORDS_MAX + 1);
	size_t n = 0;
	struct buf word;
	char quote = 0;
	bool any = false;
	buf_init(&word, AWS_FILE_BYTES_MAX);
	for (size_t i = 0; i <= s.n; i++) {
		char ch = i < s.n ? s.p[i] : ' ';
		bool blank = !quote && (ch == ' ' || ch == '\t' || ch == '\n');
		if (blank && any && n < WORDS_MAX)
			argv[n++] = arena_cstr(&c->work, buf_str(&word));
		if (blank) {
			buf_reset(&word);
			any = false;
			continue;
		}
		any = true;
		if (ch == '\\' && quote != '\'' && i + 1 < s.n)
			buf_addc(&word, s.p[++i]);
		else if (!quote && (ch == '"' || ch == '\''))
			quote = ch;
		else if (quote && ch == quote)
			quote = 0;
		else
			buf_addc(&word, ch);
	}
	buf_release(&word);
	*why = quote ? "its line has a quote without its end" : n == WORDS_MAX ? "its line is too long" : NULL;
	return n ? argv : NULL;
}

static int on_out(struct child_xfer *x, struct str piece)
{
	struct creds_aws *c = x->ctx;
	buf_add(&c->out, piece);
	return 0;
}

static void take(struct creds_aws *c)
{
	struct aws_key k;
	const char *ignored;
	const json_t *version =
		json_object_get(json_lenient(&c->work, buf_str(&c->out), &ignored), "Version");
	const char *why = creds_aws_read(c, buf_str(&c->out), "SessionToken", &k);
	if (!why && json_integer_value(version) != 1)
		why = "its Version is not 1";
	if (why)
		creds_aws_failed(c, "%s", why);
	else
		creds_aws_got(c, &k);
}

/* What it says on stderr may hold anything, so it is not repeated. */
static void on_done(struct child_xfer *x)
{
	struct creds_aws *c = x->ctx;
	switch (x->end) {
	case CHILD_EXITED:
		if (x->status)
			creds_aws_failed(c, "it ended with %d", x->status);
		else
			take(c);
		return;
	case CHILD_SIGNALLED:
		creds_aws_failed(c, "it was ended by signal %d", x->signal);
		return;
	case CHILD_TOO_LARGE:
		creds_aws_failed(c, "it wrote more than %zu bytes", CREDS_ANSWER_MAX);
		return;
	case CHILD_STOPPED:
	case CHILD_DEADLINE:
		creds_aws_failed(c, "no answer in %d s", DEADLINE_MS / 1000);
		return;
	}
}

void creds_process_start(struct creds_aws *c)
{
	const char *why, *path;
	struct err err = ERR_INIT;
	const char **argv = split(c, c->chain.command, &why);
	if (!c->o.child)
		why = "no program is run here";
	else if (!why && !argv)
		why = "its line is empty";
	if (!why && child_find(&path, argv[0], arena_cstr(&c->work, awsconf_env(&c->conf, "PATH")), &c->work,
			       &err))
		why = err.msg;
	if (why) {
		creds_aws_failed(c, "%s", why);
		return;
	}
	c->child = (struct child_xfer){
		.path = path,
		.argv = argv,
		.env = c->o.environment,
		.arena = &c->work,
		.out_max = CREDS_ANSWER_MAX,
		.deadline_ns = loop_now(c->o.loop) + (int64_t)DEADLINE_MS * NS_PER_MS,
		.on_out = on_out,
		.on_done = on_done,
		.ctx = c,
	};
	if (child_start(c->o.child, &c->child, &err))
		creds_aws_failed(c, "%s", err.msg);
}
