#include "gate/recordref.h"

#include "base/suggest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Runs that a beginning of an id is looked for in. */
enum { LOOK_BACK = 1000, PREFIX_MIN = 4 };

int recordref_go(const char *dir, struct err *err)
{
	if (!dir || !chdir(dir))
		return 0;
	int why = errno;
	return err_set(err, ERR_USAGE, "cannot go to '%s': %s", dir, strerror(why));
}

int recordref_store(struct store **out, const char *store, struct arena *a, struct err *err)
{
	if (access(arena_fmt(a, "%s/store.db", store), F_OK))
		return err_set(err, ERR_USAGE, "there is no store in '%s': `gate run` makes one, --store names another",
			       store);
	return store_open(out, store, a, err);
}

int recordref_history(struct store_run **run, size_t *n, const char *store, size_t limit,
		      struct arena *a, struct err *err)
{
	struct store *s;
	return recordref_store(&s, store, a, err) || store_history(s, limit, run, n, a, err) ? -1 : 0;
}

static bool is_record(const char *folder, struct arena *a)
{
	return !access(arena_fmt(a, "%s/record.json", folder), F_OK);
}

/* Where the run's record lies now: the store may have moved since. */
static int place_of(const char **path, const struct store_run *run, const char *store,
		    struct arena *a, struct err *err)
{
	const char *here = arena_fmt(a, "%s/runs/%s", store, run->run_id);
	if (is_record(here, a) || !run->folder)
		*path = here;
	else
		*path = run->folder;
	if (is_record(*path, a))
		return 0;
	return err_set(err, ERR_USAGE, "the record of run '%s' is gone from '%s'", run->run_id, *path);
}

static int pick(const struct store_run **out, const char *word, const struct store_run *run, size_t n,
		struct err *err)
{
	struct suggest s = SUGGEST_INIT(str_c(word));
	const struct store_run *found = NULL;
	size_t hits = 0;
	for (size_t i = 0; i < n; i++) {
		suggest_offer(&s, str_c(run[i].run_id));
		bool hit = str_starts(str_c(run[i].run_id), str_c(word)) && strlen(word) >= PREFIX_MIN;
		if (!hit && !(i == 0 && !strcmp(word, "last")))
			continue;
		found = &run[i];
		hits++;
	}
	if (hits > 1)
		return err_set(err, ERR_USAGE, "'%s' is the beginning of %zu runs; write more of it", word, hits);
	struct str best = suggest_best(&s);
	if (!found)
		return err_set(err, ERR_USAGE, "no record '%s': no such path and no such run%s%.*s%s; `gate log` lists the runs",
			       word, best.p ? "; did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "");
	*out = found;
	return 0;
}

int recordref_find(const char **path, const char *word, const char *store, struct arena *a,
		   struct err *err)
{
	struct store_run *run;
	const struct store_run *found = NULL;
	size_t n;
	const char *direct = arena_fmt(a, "%s/runs/%s", store, word);
	if (!access(word, F_OK)) {
		*path = word;
		return 0;
	}
	if (*word && !strchr(word, '/') && is_record(direct, a)) {
		*path = direct;
		return 0;
	}
	if (strchr(word, '/'))
		return err_set(err, ERR_USAGE, "no record '%s': there is no such folder or file", word);
	if (recordref_history(&run, &n, store, LOOK_BACK, a, err))
		return err_wrap(err, "no record '%s' here", word);
	if (pick(&found, word, run, n, err))
		return -1;
	return place_of(path, found, store, a, err);
}
