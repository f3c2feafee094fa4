#include "gate/commitref.h"

#include "gate/recordref.h"
#include "record/record_read.h"
#include "repo/repo.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs that a commit is looked for in, and digits of its oid in messages. */
enum { LOOK_BACK = 1000, SHORT_OID = 7 };

static bool is_folder_without_record(const char *path, struct arena *a)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode) && access(arena_fmt(a, "%s/record.json", path), F_OK);
}

/* A run that ended, of that commit as it was committed: no combination of a matrix. */
static bool is_finished(const struct store_run *run, const char *oid, const struct commitref_place *place,
			struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct record head;
	if (!run->commit || strcmp(run->commit, oid) || !run->head_json ||
	    record_read_head(&head, str_c(run->head_json), run->run_id, a, &ignored))
		return false;
	if (place->config && strcmp(head.config_path, place->config))
		return false;
	return !head.stopped && !head.worktree && !head.combination;
}

static int newest_run(const char **path, const char *word, const char *oid,
		      const struct commitref_place *place, struct arena *a, struct err *err)
{
	struct err no_store = ERR_INIT;
	struct store_run *run = NULL;
	size_t n = 0;
	/* No store is no run. */
	if (recordref_history(&run, &n, place->store, LOOK_BACK, a, &no_store))
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (is_finished(&run[i], oid, place, a))
			return recordref_find(path, run[i].run_id, place->store, a, err);
	return err_set(err, ERR_USAGE, "no finished run of commit %.*s ('%s')%s%s in '%s': `gate run --measure --commit %s` makes one",
		       SHORT_OID, oid, word, place->config ? " of " : "", place->config ? place->config : "",
		       place->store, word);
}

int commitref_find(const char **path, const char *word, const struct commitref_place *place,
		   struct arena *a, struct err *err)
{
	const struct repo_opts opts = { .path = place->repo, .no_owner_check = place->no_owner_check };
	struct err no_record = ERR_INIT, no_repo = ERR_INIT;
	char oid[OID_HEX];
	struct repo *r;
	bool found = !recordref_find(path, word, place->store, a, &no_record);
	if (found && !is_folder_without_record(*path, a))
		return 0;
	if (!repo_open(&r, &opts, a, &no_repo) && !repo_resolve(oid, r, word, &no_repo))
		return newest_run(path, word, oid, place, a, err);
	if (found)
		return 0;
	*err = no_record;
	return place->repo ? err_wrap(err, "%s", no_repo.msg) : -1;
}
