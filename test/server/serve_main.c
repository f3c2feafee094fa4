/* testserver: one scriptable HTTP/1.1 server for tests and benchmarks.  README.md has the
 * format of scripts.  Prints "PORT" on its first line and serves until SIGTERM, the end of its
 * standard input, or --max-seconds. */
#include "base/num.h"
#include "serve_conn.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct options {
	int64_t port, max_seconds, latency_ms;
	const char *script, *answer;
	bool keep_stdin; /* do not end with standard input */
	bool times;
};

static int usage(void)
{
	fputs("usage: testserver [--port N] [--script FILE.json] [--answer TEXT] [--latency-ms N]\n"
	      "                  [--max-seconds N] [--ignore-stdin] [--times]\n",
	      stderr);
	return 2;
}

static bool number(const char *text, int64_t *out)
{
	return text && num_parse_i64(str_c(text), out) && *out >= 0;
}

static bool parse(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct str name = str_c(argv[i]);
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		bool ok = true;
		if (str_eqc(name, "--ignore-stdin")) {
			o->keep_stdin = true;
			continue;
		}
		if (str_eqc(name, "--times")) {
			o->times = true;
			continue;
		}
		if (str_eqc(name, "--port"))
			ok = number(value, &o->port);
		else if (str_eqc(name, "--max-seconds"))
			ok = number(value, &o->max_seconds);
		else if (str_eqc(name, "--latency-ms"))
			ok = number(value, &o->latency_ms);
		else if (str_eqc(name, "--script"))
			o->script = value;
		else if (str_eqc(name, "--answer"))
			o->answer = value;
		else
			ok = false;
		if (!ok || !value)
			return false;
		i++;
	}
	return true;
}

static int listen_on(int64_t port, int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof(at);
	int yes = 1;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(*fd, (struct sockaddr *)&at, sizeof(at)) || listen(*fd, 4096) ||
	    getsockname(*fd, (struct sockaddr *)&at, &n)) {
		perror("testserver");
		return -1;
	}
	return ntohs(at.sin_port);
}

static void on_client(struct loop_io *io, unsigned ready)
{
	(void)ready;
	int fd, yes = 1;
	while ((fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		conn_accept(io->ctx, fd);
	}
}

static void on_stdin(struct loop_io *io, unsigned ready)
{
	(void)ready;
	struct server *s = io->ctx;
	char bytes[256];
	if (read(io->fd, bytes, sizeof(bytes)) <= 0)
		loop_stop(s->loop);
}

static void on_signal(void *ctx, int signo)
{
	(void)signo;
	loop_stop(((struct server *)ctx)->loop);
}

static void on_end(struct loop_timer *t)
{
	loop_stop(((struct server *)t->ctx)->loop);
}

static int serve(struct server *s, const struct options *o)
{
	struct err err = ERR_INIT;
	struct loop_io listener = { .fn = on_client, .ctx = s };
	struct loop_io in = { .fd = STDIN_FILENO, .fn = on_stdin, .ctx = s };
	struct loop_timer end = { .fn = on_end, .ctx = s };
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	int port = listen_on(o->port, &listener.fd);
	if (port < 0)
		return 1;
	if (loop_io_set(s->loop, &listener, LOOP_READ, &err) ||
	    loop_signals(s->loop, &set, on_signal, s, &err)) {
		fprintf(stderr, "testserver: %s\n", err.msg);
		return 1;
	}
	/* A file or /dev/null cannot be watched, and never ends: then only signals count. */
	if (!o->keep_stdin)
		(void)!loop_io_set(s->loop, &in, LOOP_READ, &err);
	if (o->max_seconds)
		loop_timer_set(s->loop, &end, loop_now(s->loop) + o->max_seconds * 1000000000);
	printf("%d\n", port);
	fflush(stdout);
	return loop_run(s->loop, &err) ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options o = { .port = 0 };
	struct server s = { .loop = NULL };
	struct err err = ERR_INIT;
	if (!parse(&o, argc, argv))
		return usage();
	s.loop = loop_new(clock_system(), &err);
	s.latency_ms = o.latency_ms;
	s.times = o.times;
	script_init(&s.script, &s.arena);
	map_init(&s.paths, &s.arena);
	map_init(&s.statuses, &s.arena);
	buf_init(&s.last, 256 * 1024 * 1024);
	if (o.answer)
		s.script.fallback.answer = str_c(o.answer);
	if (!s.loop || (o.script && script_load(&s.script, o.script, &err))) {
		fprintf(stderr, "testserver: %s\n", err.msg);
		return 2;
	}
	int code = serve(&s, &o);
	conn_end_all(&s);
	buf_release(&s.last);
	arena_release(&s.arena);
	loop_free(s.loop);
	return code;
}
