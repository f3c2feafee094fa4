/* gate init: a small example that works at once, to be edited into one's own. */
#include "gate/cmd.h"
#include "gate/exit.h"

#include "base/embed.h"
#include "base/fs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct init_args {
	const char *provider;
	bool force;
};

#define PROVIDERS "recorded|bedrock|openai|anthropic"

/* What stands between `gate check` and `gate run`, and where one says so. */
static const struct first_step {
	const char *provider, *step;
} steps[] = {
	{ "recorded", NULL },
	{ "bedrock", "  aws sso login              # or any other source of AWS credentials" },
	{ "openai", "  export OPENAI_API_KEY=…    # and a model in gate.yaml" },
	{ "anthropic", "  export ANTHROPIC_API_KEY=… # and a model in gate.yaml" },
};

static const struct opt init_opts[] = {
	{ "provider", 'p', OPT_TEXT, offsetof(struct init_args, provider), PROVIDERS,
	  "recorded (the default): answers lie in the cases, no key and no network; the others call "
	  "a model there" },
	{ "force", 'f', OPT_FLAG, offsetof(struct init_args, force), NULL,
	  "replace files that are there" },
	OPT_END,
};

struct example {
	const char *path; /* on this machine */
	struct str bytes;
};

struct examples {
	VEC(struct example) v;
};

/* Files of all kinds lie in init/common, the others in a folder named after the provider. */
static void collect(struct examples *out, const char *from, const char *dir, struct arena *a)
{
	struct str folder = str_c(arena_fmt(a, "init/%s/", from)), bytes;
	for (size_t i = 0; embed_name(i); i++)
		if (str_starts(str_c(embed_name(i)), folder) && embed_find(embed_name(i), &bytes))
			*vec_push(&out->v, a) = (struct example){
				.path = !strcmp(dir, ".") ? embed_name(i) + folder.n :
					arena_fmt(a, "%s/%s", dir, embed_name(i) + folder.n),
				.bytes = bytes,
			};
}

/* All or nothing: a half-written example would be a riddle. */
static int check_free(const struct examples *e, struct err *err)
{
	struct stat st;
	const char *taken = NULL;
	size_t n = 0;
	for (size_t i = 0; i < e->v.n; i++)
		if (!lstat(e->v.v[i].path, &st) && !n++)
			taken = e->v.v[i].path;
	if (n == 1)
		return err_set(err, ERR_USAGE,
			       "'%s' is already here; nothing was written (--force replaces it)", taken);
	if (n)
		return err_set(err, ERR_USAGE, "'%s' and %zu more of these files are already here; "
			       "nothing was written (--force replaces them)", taken, n - 1);
	return 0;
}

static int write_all(const struct examples *e, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < e->v.n; i++) {
		const char *path = e->v.v[i].path, *slash = strrchr(path, '/');
		if (slash && slash > path &&
		    fs_mkdirs(arena_cstr(a, (struct str){ .p = path, .n = (size_t)(slash - path) }), err))
			return -1;
		if (fs_write_atomic(path, e->v.v[i].bytes, err))
			return -1;
		printf("wrote %s\n", path);
	}
	return 0;
}

/* Is a repository at `dir` or above it? */
static bool in_repository(const char *dir, struct arena *a)
{
	struct stat st, up;
	for (int i = 0; i < 64; i++) {
		if (!stat(arena_fmt(a, "%s/.git", dir), &st))
			return true;
		const char *above = arena_fmt(a, "%s/..", dir);
		if (stat(dir, &st) || stat(above, &up) ||
		    (st.st_ino == up.st_ino && st.st_dev == up.st_dev))
			return false;
		dir = above;
	}
	return false;
}

static const struct first_step *find_step(const char *provider)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (!strcmp(provider, steps[i].provider))
			return &steps[i];
	return NULL;
}

static void say_next(const char *dir, const char *step, struct arena *a)
{
	puts("\nNext:");
	if (strcmp(dir, "."))
		printf("  cd %s\n", dir);
	if (!in_repository(dir, a))
		puts("  git init");
	puts("  gate check --worktree      # every mistake at once; calls nothing");
	if (step)
		puts(step);
	puts("  gate run --worktree        # judge the files as they lie\n"
	     "  git add . && git commit    # then `gate run` judges the commit");
}

static int run_init(struct gate *g, int argc, char **argv, struct err *err)
{
	struct init_args a = { .provider = "recorded" };
	struct examples e = { .v = { .n = 0 } };
	if (opt_parse(init_opts, "init", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc > 1)
		return err_set(err, ERR_USAGE, "gate init: one folder, found also '%s'", argv[1]);
	const struct first_step *first = find_step(a.provider);
	if (!first)
		return err_set(err, ERR_USAGE, "--provider takes one of " PROVIDERS ", not '%s'", a.provider);
	const char *dir = argc ? argv[0] : ".";
	if (!*dir)
		return err_set(err, ERR_USAGE, "gate init: the folder's name is empty");
	collect(&e, a.provider, dir, g->arena);
	collect(&e, "common", dir, g->arena);
	if (!e.v.n)
		return err_set(err, ERR_BUG, "the example is not in this binary");
	if ((!a.force && check_free(&e, err)) || write_all(&e, g->arena, err))
		return -1;
	say_next(dir, first->step, g->arena);
	return EXIT_PASS;
}

const struct cmd cmd_init = {
	.name = "init",
	.synopsis = "[DIR] [--provider " PROVIDERS "] [--force]",
	.help = "write a small example that works at once",
	.opt = init_opts,
	.more = "Writes gate.yaml, gate.policy.yaml, prompts and cases into DIR, or here.",
	.run = run_init,
};
