/* The street door: which subcommand, then its exit code.  Nothing else. */
#include "gate/cmd.h"
#include "gate/exit.h"
#include "gate/usage.h"

#include "base/suggest.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CMD(name) extern const struct cmd cmd_##name;
#include "gate/cmds.def"
#undef CMD

static const struct cmd *const cmds[] = {
#define CMD(name) &cmd_##name,
#include "gate/cmds.def"
#undef CMD
	NULL,
};

const struct cmd *const *cmd_all(void)
{
	return cmds;
}

const struct cmd *cmd_find(struct str name)
{
	for (size_t i = 0; cmds[i]; i++)
		if (str_eqc(name, cmds[i]->name))
			return cmds[i];
	return NULL;
}

static const char *process_env(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static void show_err(const struct gate *g, const struct err *err)
{
	if (err->at.file && err->at.line) {
		show_text(g, err->at.file);
		fprintf(stderr, ":%u:%u: ", err->at.line, err->at.col);
	}
	fputs("error: ", stderr);
	show_text(g, err->msg);
	fputs("\n", stderr);
	if (err->kind == ERR_BUG || err->kind == ERR_NONE)
		fputs("this is a bug in gate: please report it with the command that shows it\n", stderr);
}

static int unknown_command(const char *word)
{
	struct suggest s = SUGGEST_INIT(str_c(word));
	for (size_t i = 0; cmds[i]; i++)
		suggest_offer(&s, str_c(cmds[i]->name));
	struct str best = suggest_best(&s);
	if (word[0] == '-')
		fprintf(stderr, "error: '%s' stands before any command; write `gate COMMAND %s`\n", word, word);
	else if (best.p)
		fprintf(stderr, "error: unknown command '%s'; did you mean '%.*s'?\n", word, STR_ARGS(best));
	else
		fprintf(stderr, "error: unknown command '%s'; `gate help` lists them\n", word);
	return EXIT_USAGE;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

/* --color decides for every command, before any output. */
static const char *color_of(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strncmp(argv[i], "--color=", 8))
			return argv[i] + 8;
		if (!strcmp(argv[i], "--color") && i + 1 < argc)
			return argv[i + 1];
	}
	return NULL;
}

/* Closed standard descriptors would be handed to the next file opened. */
static void secure_process(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_BUG);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of that write */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }); /* a core file would hold keys */
}

/* What could not be written was not said: never a pass.  A reader that left early needs no message. */
static int end_output(int code)
{
	struct pollfd left = { .fd = STDOUT_FILENO, .events = POLLOUT };
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (poll(&left, 1, 0) < 1 || !(left.revents & POLLERR))
		fputs("error: standard output cannot be written\n", stderr);
	return code == EXIT_PASS ? EXIT_UNDECIDED : code;
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	secure_process();
	if (argc < 2) {
		usage_all(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage_all(stdout);
		return end_output(EXIT_PASS);
	}
	const char *word = !strcmp(argv[1], "--version") ? "version" : argv[1];
	const struct cmd *c = cmd_find(str_c(word));
	if (!c)
		return unknown_command(word);
	if (asks_help(argc - 2, argv + 2)) {
		usage_cmd(stdout, c);
		return end_output(EXIT_PASS);
	}
	const char *color = color_of(argc - 2, argv + 2);
	struct gate g = {
		.arena = &arena,
		.clock = clock_system(),
		.env = process_env,
		.out = term_of(STDOUT_FILENO, color, process_env, NULL),
		.err = term_of(STDERR_FILENO, color, process_env, NULL),
	};
	int code = c->run(&g, argc - 2, argv + 2, &err);
	if (code < 0) {
		show_err(&g, &err);
		code = exit_of(&err, false);
	}
	code = end_output(code);
	arena_release(&arena);
	return code;
}
