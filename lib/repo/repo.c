#include "repo/repo.h"

#include "repo/gitauto.h"
#include "repo/treeops.h"

#include <sys/stat.h>
#include <unistd.h>

enum { SHORT_HEX = 7 };

const char *git_words(void)
{
	const git_error *e = git_error_last();
	return e && e->message && *e->message ? e->message : "unknown cause";
}

static void stop_library(void *unused)
{
	(void)unused;
	git_libgit2_shutdown();
}

int repo_library(struct arena *a, struct err *err)
{
	/* Without these, clones made with sparse-checkout or --filter do not open at all. */
	static const char *const extensions[] = { "worktreeconfig", "partialclone", "preciousobjects" };
	if (git_libgit2_init() < 0)
		return err_set(err, ERR_SYSTEM, "cannot start libgit2: %s", git_words());
	arena_defer(a, stop_library, NULL);
	if (git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, ARRAY_LEN(extensions)) < 0)
		return err_set(err, ERR_SYSTEM, "cannot set up libgit2: %s", git_words());
	return 0;
}

static bool exists(const char *folder, const char *name)
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	return n > 0 && (size_t)n < sizeof(path) && !stat(path, &st);
}

static int no_repository(const char *start, struct err *err)
{
	if (exists(start, "gate.yaml") || exists(start, "gate.json") || exists(start, "buildspec.yml"))
		return err_set(err, ERR_USAGE,
			       "no git repository at '%s', only its files: `git init` starts one; a "
			       "CodePipeline source action unpacks a ZIP unless it has "
			       "OutputArtifactFormat: CODEBUILD_CLONE_REF (full clone)",
			       start);
	return err_set(err, ERR_USAGE,
		       "no git repository at '%s' or above; run inside a clone or pass --repo (in "
		       "CodePipeline set OutputArtifactFormat: CODEBUILD_CLONE_REF)",
		       start);
}

/* libgit2 1.5 gives either of two codes for a repository of somebody else. */
static bool is_owner_error(int rc)
{
	return rc == GIT_EOWNER || (rc == GIT_ENOTFOUND && strstr(git_words(), "safe.directory"));
}

static int open_failed(int rc, const char *start, struct err *err)
{
	const char *why = git_words();
	if (is_owner_error(rc))
		return err_set(err, ERR_USAGE,
			       "the repository at '%s' belongs to another user; pass --no-owner-check "
			       "(gate runs nothing from a repository), or git config --global --add "
			       "safe.directory '%s'",
			       start, start);
	if (strstr(why, "objectformat") || strstr(why, "object format"))
		return err_set(err, ERR_USAGE,
			       "the repository at '%s' uses SHA-256 object ids, which are not "
			       "supported; use a SHA-1 repository (git init --object-format=sha1)",
			       start);
	if (rc == GIT_ENOTFOUND)
		return no_repository(start, err);
	return err_set(err, ERR_SYSTEM, "cannot open the repository at '%s': %s", start, why);
}

static int find_promisor(const git_config_entry *e, void *found)
{
	*(bool *)found |= e->value && strcmp(e->value, "false") != 0;
	return 0;
}

static bool promisor(git_repository *git)
{
	AUTO(auto_config) git_config *config = NULL;
	bool found = false;
	if (git_repository_config_snapshot(&config, git))
		return false;
	(void)git_config_foreach_match(config, "^remote\\..*\\.promisor$", find_promisor, &found);
	const char *remote;
	return found || !git_config_get_string(&remote, config, "extensions.partialclone");
}

static void close_repo(void *p)
{
	struct repo *r = p;
	git_odb_free(r->odb);
	git_repository_free(r->git);
}

int repo_open(struct repo **out, const struct repo_opts *o, struct arena *a, struct err *err)
{
	char here[4096];
	const char *start = o->path ? o->path : o->cwd;
	if (!start)
		start = getcwd(here, sizeof(here)) ? here : ".";
	if (repo_library(a, err))
		return -1;
	if (git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, o->no_owner_check ? 0 : 1) < 0)
		return err_set(err, ERR_SYSTEM, "cannot set up libgit2: %s", git_words());
	unsigned flags = o->path ? GIT_REPOSITORY_OPEN_NO_SEARCH : 0;
	if (o->from_env && !o->path)
		flags |= GIT_REPOSITORY_OPEN_FROM_ENV;
	struct repo *r = arena_new(a, struct repo);
	git_error_clear();
	int rc = git_repository_open_ext(&r->git, start, flags, NULL);
	if (rc)
		return open_failed(rc, start, err);
	arena_defer(a, close_repo, r);
	r->arena = a;
	if (git_repository_odb(&r->odb, r->git))
		return err_set(err, ERR_SYSTEM, "cannot open the objects of '%s': %s", start,
			       git_words());
	r->shallow = git_repository_is_shallow(r->git) == 1;
	r->partial = promisor(r->git);
	*out = r;
	return 0;
}

int repo_missing(const struct repo *r, const char *what, const char *oid, struct err *err)
{
	if (r->partial)
		return err_set(err, ERR_SYSTEM,
			       "'%s' (object %.10s) is not in this partial clone; clone without "
			       "--filter, or fetch it: git fetch --refetch --no-filter origin",
			       what, oid);
	if (r->shallow)
		return err_set(err, ERR_SYSTEM,
			       "'%s' (object %.10s) is not in this shallow clone; run git fetch "
			       "--unshallow, or set fetch-depth: 0",
			       what, oid);
	return err_set(err, ERR_SYSTEM,
		       "'%s' (object %.10s) cannot be read: %s; the repository may be damaged, try git "
		       "fsck",
		       what, oid, git_words());
}

int repo_blob_size(const struct repo *r, const git_oid *id, const char *path, size_t *size,
		   struct err *err)
{
	git_object_t type;
	char hex[OID_HEX];
	if (git_odb_read_header(size, &type, r->odb, id) || type != GIT_OBJECT_BLOB)
		return repo_missing(r, path, git_oid_tostr(hex, sizeof(hex), id), err);
	return 0;
}

int repo_blob(const struct repo *r, const git_oid *id, const char *path, size_t max,
	      struct str *bytes, struct arena *a, struct err *err)
{
	AUTO(auto_odb_object) git_odb_object *o = NULL;
	char hex[OID_HEX];
	size_t size = 0;
	if (repo_blob_size(r, id, path, &size, err))
		return -1;
	if (size > max)
		return tree_too_large(path, size, max, err);
	if (git_odb_read(&o, r->odb, id))
		return repo_missing(r, path, git_oid_tostr(hex, sizeof(hex), id), err);
	*bytes = arena_str(a, (struct str){ .p = git_odb_object_data(o), .n = git_odb_object_size(o) });
	return 0;
}

int repo_hash(char oid[OID_HEX], struct str bytes, struct err *err)
{
	git_oid id;
	if (git_odb_hash(&id, bytes.p ? bytes.p : "", bytes.n, GIT_OBJECT_BLOB))
		return err_set(err, ERR_SYSTEM, "cannot hash a file: %s", git_words());
	git_oid_tostr(oid, OID_HEX, &id);
	return 0;
}

static int no_revision(const struct repo *r, const char *rev, int rc, struct err *err)
{
	if (rc == GIT_EAMBIGUOUS)
		return err_set(err, ERR_USAGE, "'%s' names more than one commit; write more digits",
			       rev);
	if (git_repository_head_unborn(r->git) == 1)
		return err_set(err, ERR_USAGE,
			       "'%s' is not a commit: the repository has no commit yet; commit, or "
			       "judge the files with --worktree",
			       rev);
	if (r->shallow)
		return err_set(err, ERR_USAGE,
			       "'%s' is not in this shallow clone; run git fetch --unshallow, or set "
			       "fetch-depth: 0",
			       rev);
	return err_set(err, ERR_USAGE,
		       "'%s' is not a commit here; expected a branch, tag, object id or an expression "
		       "like HEAD~2 (git fetch it first if it exists elsewhere)",
		       rev);
}

static int find_commit(git_commit **out, const struct repo *r, const char *rev, struct err *err)
{
	AUTO(auto_object) git_object *o = NULL;
	git_error_clear();
	int rc = git_revparse_single(&o, r->git, rev);
	if (rc)
		return no_revision(r, rev, rc, err);
	if (git_object_peel((git_object **)out, o, GIT_OBJECT_COMMIT))
		return err_set(err, ERR_USAGE, "'%s' is a %s, not a commit", rev,
			       git_object_type2string(git_object_type(o)));
	return 0;
}

int repo_resolve(char oid[OID_HEX], const struct repo *r, const char *rev, struct err *err)
{
	AUTO(auto_commit) git_commit *c = NULL;
	if (find_commit(&c, r, rev, err))
		return -1;
	git_oid_tostr(oid, OID_HEX, git_commit_id(c));
	return 0;
}

bool repo_knows(const struct repo *r, const char *rev)
{
	struct err ignored = ERR_INIT;
	char oid[OID_HEX];
	return !repo_resolve(oid, r, rev, &ignored);
}

int repo_tree(struct tree **out, const struct repo *r, const char *rev, struct arena *a,
	      struct err *err)
{
	AUTO(auto_commit) git_commit *c = NULL;
	git_tree *root = NULL;
	char hex[OID_HEX];
	if (find_commit(&c, r, rev, err))
		return -1;
	if (git_commit_tree(&root, c))
		return repo_missing(r, rev, git_oid_tostr(hex, sizeof(hex), git_commit_tree_id(c)),
				    err);
	struct tree *t = tree_of_commit(r, root, a);
	git_oid_tostr(t->commit, OID_HEX, git_commit_id(c));
	git_oid_tostr(t->oid, OID_HEX, git_tree_id(root));
	t->label = arena_fmt(a, "commit %.*s", SHORT_HEX, t->commit);
	*out = t;
	return 0;
}

int repo_parent(char oid[OID_HEX], const struct repo *r, const char *rev, struct err *err)
{
	AUTO(auto_commit) git_commit *c = NULL;
	AUTO(auto_commit) git_commit *parent = NULL;
	char hex[OID_HEX];
	if (find_commit(&c, r, rev, err))
		return -1;
	if (!git_commit_parentcount(c) && !r->shallow)
		return 0;
	if (!git_commit_parentcount(c) || git_commit_parent(&parent, c, 0))
		return err_set(err, ERR_USAGE, "the parent of '%s' is not here%s", git_oid_tostr(hex, sizeof(hex), git_commit_id(c)),
			       r->shallow ? ": this clone is shallow; run git fetch --unshallow, or set fetch-depth: 0" : "");
	git_oid_tostr(oid, OID_HEX, git_commit_id(parent));
	return 1;
}

int repo_merge_base(char oid[OID_HEX], const struct repo *r, const char *one, const char *two,
		    struct err *err)
{
	AUTO(auto_commit) git_commit *a = NULL;
	AUTO(auto_commit) git_commit *b = NULL;
	git_oidarray bases = { .ids = NULL };
	if (find_commit(&a, r, one, err) || find_commit(&b, r, two, err))
		return -1;
	int rc = git_merge_bases(&bases, r->git, git_commit_id(a), git_commit_id(b));
	size_t n = rc ? 0 : bases.count;
	if (n == 1)
		git_oid_tostr(oid, OID_HEX, &bases.ids[0]);
	git_oidarray_dispose(&bases);
	if (n == 1)
		return 0;
	if (n > 1)
		return err_set(err, ERR_USAGE,
			       "'%s' and '%s' have %zu merge bases; name the baseline: --baseline REV",
			       one, two, n);
	return err_set(err, ERR_USAGE, "'%s' and '%s' have no common ancestor here%s", one, two,
		       r->shallow ? ": this clone is shallow; run git fetch --unshallow, or set "
				    "fetch-depth: 0" :
				    "");
}
