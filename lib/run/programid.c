#include "run/programid.h"

#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "run/caller.h"
#include "run/execcheck.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 65536 };
/* Of a larger file the size and the time of its last change are told instead. */
#define WHOLE_MAX ((off_t)(1024 * MIB))

static void add(struct sha256 *s, const char *text)
{
	sha256_update(s, str_c(text));
	sha256_update(s, STR("\n"));
}

/* False when there is no such file. */
static bool add_file(struct sha256 *s, const char *path)
{
	char piece[PIECE];
	struct stat st;
	ssize_t n = 0;
	off_t all = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool file = !fstat(fd, &st) && S_ISREG(st.st_mode);
	if (file)
		add(s, path);
	if (file && st.st_size > WHOLE_MAX) {
		sha256_update(s, (struct str){ .p = (const char *)&st.st_size, .n = sizeof(st.st_size) });
		sha256_update(s, (struct str){ .p = (const char *)&st.st_mtim, .n = sizeof(st.st_mtim) });
		all = WHOLE_MAX + 1;
	}
	for (; file && all <= WHOLE_MAX && (n = read(fd, piece, sizeof(piece))) > 0; all += n)
		sha256_update(s, (struct str){ .p = piece, .n = (size_t)n });
	close(fd);
	return file;
}

/* A plain name, as the run would find it. */
static void add_program(struct sha256 *s, const char *name, const char *path, struct arena *a)
{
	struct str rest = str_c(path), folder;
	if (*name == '/') {
		(void)add_file(s, name);
		return;
	}
	while (str_cut(&rest, ':', &folder)) {
		const char *full = arena_fmt(a, "%.*s/%s", STR_ARGS(folder), name);
		if (!access(full, X_OK) && add_file(s, full))
			return;
	}
}

static void add_argument(struct sha256 *s, const char *word, const char *dir, struct arena *a)
{
	if (*word)
		(void)add_file(s, *word == '/' ? word : arena_fmt(a, "%s/%s", dir, word));
}

static struct str made_of(struct run *r, const struct endpoint *e, const struct caller_programs *p)
{
	const json_t *command = json_object_get(e->config, "command"), *word;
	const char *dir = p->dir ? p->dir : "/";
	struct arena scratch = ARENA_INIT;
	char hex[DIGEST_HEX];
	struct digest d;
	struct sha256 s;
	size_t i;
	sha256_init(&s);
	add(&s, dir);
	for (i = 0; p->env[i]; i++)
		add(&s, p->env[i]);
	json_array_foreach(command, i, word) {
		const char *text = json_string_value(word);
		if (text && !i)
			add_program(&s, text, p->path, &scratch);
		else if (text)
			add_argument(&s, text, dir, &scratch);
	}
	sha256_final(&s, &d);
	arena_release(&scratch);
	return arena_str(r->arena, str_c(digest_hex(&d, hex)));
}

void programid_fill(struct run *r)
{
	struct caller_programs programs = { .max = 0 };
	if (!execcheck_any(r) || r->o.replay)
		return;
	execcheck_programs(r, &programs);
	for (size_t i = 0; i < r->project.ntarget; i++) {
		struct endpoint *e = &r->project.target[i].endpoint;
		if (e->provider && e->provider->runs)
			e->made_of = made_of(r, e, &programs);
	}
}

struct digest programid_key(const struct endpoint *e, const struct digest *call)
{
	struct digest key = *call;
	struct sha256 s;
	if (!e->made_of.n)
		return key;
	sha256_init(&s);
	sha256_update(&s, (struct str){ .p = (const char *)call->b, .n = DIGEST_BYTES });
	sha256_update(&s, e->made_of);
	sha256_final(&s, &key);
	return key;
}
