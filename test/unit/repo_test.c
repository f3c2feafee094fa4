/* Opening and reading repositories of every shape git makes. */
#include "repo/repo.h"

#include "repo/policyref.h"
#include "scratchrepo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static struct scratch *s;

static int make(void **state)
{
	(void)state;
	s = scratch_new();
	return scratch_sh(s, "git init -q one; cd one; mkdir -p a/b; echo hello >a/b/f.txt; "
			     "echo top >top.md; printf x >a/x.jsonl; printf y >a/y.jsonl; "
			     "git add .; git commit -qm 'first line'; git tag light; "
			     "git tag -a ann -m ann; git -c advice.nestedTag=false tag -a tagtag -m t ann; "
			     "echo two >top.md; git commit -qam two; git branch side HEAD~1; "
			     "git config gate.policyRef side") ?
		       0 :
		       -1;
}

static int drop(void **state)
{
	(void)state;
	scratch_free(s);
	return 0;
}

static struct repo *open_ok(const char *name, struct arena *a)
{
	struct repo *r = NULL;
	struct err err = ERR_INIT;
	const struct repo_opts o = { .path = scratch_path(s, name) };
	if (repo_open(&r, &o, a, &err))
		fail_msg("%s", err.msg);
	return r;
}

static void expect_text(const struct repo *r, const char *rev, const char *path, const char *text)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tree *t;
	struct str bytes;
	char oid[OID_HEX];
	if (repo_tree(&t, r, rev, &a, &err) || tree_read(t, path, 100, &bytes, oid, &a, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(bytes.p, text);
	assert_int_equal(strlen(oid), 40);
	arena_release(&a);
}

static void expect_no_open(const struct repo_opts *o, enum err_kind kind, const char *word)
{
	struct arena a = ARENA_INIT;
	struct repo *r = NULL;
	struct err err = ERR_INIT;
	assert_int_equal(repo_open(&r, o, &a, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.msg, word))
		fail_msg("'%s' is not in: %s", word, err.msg);
	arena_release(&a);
}

static void expect_no_read(const struct tree *t, const char *path, enum err_kind kind,
			   const char *word)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str bytes;
	if (!tree_read(t, path, 1000, &bytes, NULL, &a, &err))
		fail_msg("%s in %s is read", path, tree_label(t));
	assert_int_equal(err.kind, kind);
	if (!strstr(err.msg, word))
		fail_msg("'%s' is not in: %s", word, err.msg);
	arena_release(&a);
}

static void revisions(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repo *r = open_ok("one", &a);
	char head[OID_HEX], tag[OID_HEX], side[OID_HEX];
	expect_text(r, "HEAD", "top.md", "two\n");
	expect_text(r, "main", "top.md", "two\n");
	expect_text(r, "HEAD~1", "top.md", "top\n");
	expect_text(r, "light", "top.md", "top\n");
	expect_text(r, "ann", "a/b/f.txt", "hello\n");
	expect_text(r, "tagtag", "top.md", "top\n");
	assert_int_equal(repo_resolve(head, r, "HEAD", &err), 0);
	assert_int_equal(repo_resolve(tag, r, "tagtag", &err), 0);
	assert_int_equal(repo_resolve(side, r, "side", &err), 0);
	assert_string_equal(tag, side);
	expect_text(r, head, "top.md", "two\n");
	assert_int_equal(repo_resolve(side, r, "HEAD:top.md", &err), -1);
	assert_non_null(strstr(err.msg, "is a blob, not a commit"));
	assert_int_equal(repo_resolve(side, r, "HEAD~9", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(repo_merge_base(side, r, "main", "side", &err), 0);
	assert_string_equal(side, tag);
	assert_string_equal(repo_branch_name(r, &a), "main");
	assert_string_equal(repo_config_get(r, "gate.policyref", &a), "side");
	assert_string_equal(repo_describe(r, tag, &a), "ann");
	assert_int_equal(strlen(repo_short(r, head, &a)), 7);
	struct str subject;
	int64_t when;
	assert_int_equal(repo_commit_info(&subject, &when, r, tag, &a, &err), 0);
	assert_string_equal(subject.p, "first line");
	assert_int_equal(when, INT64_C(1767323045000));
	arena_release(&a);
}

static void globs_and_folders(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tree *t;
	struct tree_file *f;
	size_t n;
	assert_int_equal(repo_tree(&t, open_ok("one", &a), "HEAD", &a, &err), 0);
	assert_int_equal(tree_glob(t, "a/*.jsonl", &f, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(f[0].path, "a/x.jsonl");
	assert_int_equal(f[0].size, 1);
	assert_int_equal(tree_glob(t, "a", &f, &n, &a, &err), 0);
	assert_int_equal(n, 3);
	assert_string_equal(f[0].path, "a/b/f.txt");
	assert_int_equal(tree_glob(t, "**/*.{md,txt}", &f, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(tree_glob(t, "b/*", &f, &n, &a, &err), 0);
	assert_int_equal(n, 0);
	assert_true(tree_has(t, "top.md"));
	assert_false(tree_has(t, "a/b"));
	assert_false(tree_has(t, "top.md/x"));
	expect_no_read(t, "a", ERR_ARTIFACT, "is a folder");
	expect_no_read(t, "gone.md", ERR_ARTIFACT, "'gone.md' is not in commit");
	expect_no_read(t, "top.md/x", ERR_ARTIFACT, "is a file, not a folder");
	struct str bytes;
	assert_int_equal(tree_read(t, "a/b/f.txt", 3, &bytes, NULL, &a, &err), -1);
	assert_non_null(strstr(err.msg, "at most 3"));
	arena_release(&a);
}

static void shapes_that_open(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_true(scratch_sh(s, "git clone -q --bare one bare.git; "
				  "git -C one worktree add -q ../wt side; "
				  "git clone -q --depth 1 \"file://$PWD/one\" shallow; "
				  "git clone -q one sparse; cd sparse; git sparse-checkout set a; "
				  "git config extensions.worktreeConfig true; "
				  "git config core.repositoryformatversion 1"));
	expect_text(open_ok("bare.git", &a), "HEAD", "top.md", "two\n");
	expect_text(open_ok("wt", &a), "HEAD", "top.md", "top\n");
	expect_text(open_ok("sparse", &a), "HEAD", "top.md", "two\n");
	struct repo *r = open_ok("shallow", &a);
	assert_true(repo_is_shallow(r));
	expect_text(r, "HEAD", "top.md", "two\n");
	char oid[OID_HEX];
	struct err err = ERR_INIT;
	assert_int_equal(repo_resolve(oid, r, "HEAD~1", &err), -1);
	assert_non_null(strstr(err.msg, "git fetch --unshallow"));
	struct tree *t;
	r = open_ok("bare.git", &a);
	assert_true(repo_is_bare(r));
	assert_int_equal(repo_tree_worktree(&t, r, &a, &err), -1);
	assert_int_equal(repo_tree_index(&t, r, &a, &err), -1);
	arena_release(&a);
}

static void discovery(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repo *r;
	const struct repo_opts below = { .cwd = scratch_path(s, "one/a/b") };
	assert_int_equal(repo_open(&r, &below, &a, &err), 0);
	assert_non_null(strstr(repo_workdir(r), "/one/"));
	arena_release(&a);
	const struct repo_opts none = { .path = scratch_path(s, "one/a") };
	expect_no_open(&none, ERR_USAGE, "no git repository");
	assert_true(scratch_sh(s, "mkdir -p zip; touch zip/gate.yaml"));
	const struct repo_opts zip = { .path = scratch_path(s, "zip") };
	expect_no_open(&zip, ERR_USAGE, "CODEBUILD_CLONE_REF");
}

static void partial_clones(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tree *t;
	assert_true(scratch_sh(s, "git -C one config uploadpack.allowFilter true; "
				  "git clone -q --bare --filter=blob:none \"file://$PWD/one\" part; "
				  "git clone -q --bare --filter=tree:0 \"file://$PWD/one\" treeless; "
				  "git -C part config extensions.partialClone origin; "
				  "git -C part config core.repositoryformatversion 1"));
	struct repo *r = open_ok("part", &a);
	assert_true(repo_is_partial(r));
	assert_int_equal(repo_tree(&t, r, "HEAD", &a, &err), 0);
	assert_true(tree_has(t, "top.md"));
	expect_no_read(t, "top.md", ERR_SYSTEM, "partial clone");
	assert_false(tree_has(t, "gone.md"));
	struct tree_file *f;
	size_t n;
	assert_int_equal(tree_glob(t, "a", &f, &n, &a, &err), -1);
	assert_int_equal(err.kind, ERR_SYSTEM);
	assert_int_equal(repo_tree(&t, open_ok("treeless", &a), "HEAD", &a, &err), -1);
	assert_non_null(strstr(err.msg, "partial clone"));
	arena_release(&a);
}

static void strange_entries(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tree *t;
	assert_true(scratch_sh(
		s, "git init -q odd; cd odd; ln -s /etc/passwd link; mkdir real; echo x >real/f; "
		   "ln -s real linked; echo 'version https://git-lfs.github.com/spec/v1' >big; "
		   "echo 'oid sha256:00' >>big; echo 'size 9' >>big; echo a >Twin; echo b >twin; "
		   "git add .; git submodule --quiet add \"file://$HOME/one\" sub; "
		   "git commit -qm odd"));
	struct repo *r = open_ok("odd", &a);
	assert_int_equal(repo_tree(&t, r, "HEAD", &a, &err), 0);
	for (int side = 0; side < 3; side++) {
		expect_no_read(t, "link", ERR_ARTIFACT, "'link' in");
		expect_no_read(t, "linked/f", ERR_ARTIFACT, "'linked' in");
		assert_true(tree_has(t, "linked/f"));
		expect_no_read(t, "sub", ERR_ARTIFACT, "submodule");
		expect_no_read(t, "sub/top.md", ERR_ARTIFACT, "submodule");
		expect_no_read(t, "big", ERR_ARTIFACT, "LFS pointer");
		expect_no_read(t, "twin", ERR_ARTIFACT, "differ in case only");
		struct tree_file *f;
		size_t n;
		assert_int_equal(tree_glob(t, "linked/*", &f, &n, &a, &err), -1);
		assert_int_equal(tree_glob(t, "sub/*.md", &f, &n, &a, &err), -1);
		assert_int_equal(tree_glob(t, "l*", &f, &n, &a, &err), -1);
		assert_int_equal(tree_glob(t, "real/*", &f, &n, &a, &err), 0);
		assert_int_equal(n, 1);
		if (side == 0)
			assert_int_equal(repo_tree_index(&t, r, &a, &err), 0);
		if (side == 1)
			assert_int_equal(repo_tree_worktree(&t, r, &a, &err), 0);
	}
	arena_release(&a);
}

static void index_and_worktree(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tree *staged, *disk;
	struct str x;
	char one[OID_HEX], two[OID_HEX];
	assert_true(scratch_sh(s, "git clone -q one three; cd three; echo staged >top.md; "
				  "git add top.md; echo loose >top.md; echo new >new.md; "
				  "echo soon >soon; git add -N soon"));
	struct repo *r = open_ok("three", &a);
	assert_int_equal(repo_tree_index(&staged, r, &a, &err), 0);
	assert_int_equal(repo_tree_worktree(&disk, r, &a, &err), 0);
	assert_int_equal(tree_read(staged, "top.md", 99, &x, one, &a, &err), 0);
	assert_string_equal(x.p, "staged\n");
	assert_int_equal(tree_read(disk, "top.md", 99, &x, two, &a, &err), 0);
	assert_string_equal(x.p, "loose\n");
	assert_string_equal(tree_commit(disk), "");
	assert_false(tree_has(staged, "new.md"));
	assert_false(tree_has(staged, "soon"));
	assert_true(tree_has(disk, "new.md"));
	assert_false(tree_has(disk, ".git/config"));
	assert_int_equal(tree_read(staged, "a/x.jsonl", 99, &x, one, &a, &err), 0);
	assert_int_equal(tree_read(disk, "a/x.jsonl", 99, &x, two, &a, &err), 0);
	assert_string_equal(one, two);
	struct tree_file *f;
	size_t n;
	assert_int_equal(tree_glob(disk, "**/*.md", &f, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	arena_release(&a);
}

static void refused_repositories(void **state)
{
	(void)state;
	assert_true(scratch_sh(s, "git init -q --object-format=sha256 long; "
				  "git clone -q --bare one other.git"));
	const struct repo_opts sha = { .path = scratch_path(s, "long") };
	expect_no_open(&sha, ERR_USAGE, "SHA-256");
	if (geteuid() != 0) {
		print_message("skipped: only root can make somebody else's repository\n");
		return;
	}
	assert_true(scratch_sh(s, "chown -R 12345:12345 other.git"));
	const struct repo_opts other = { .path = scratch_path(s, "other.git") };
	expect_no_open(&other, ERR_USAGE, "--no-owner-check");
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repo *r;
	const struct repo_opts anyway = { .path = other.path, .no_owner_check = true };
	assert_int_equal(repo_open(&r, &anyway, &a, &err), 0);
	expect_text(r, "HEAD", "top.md", "two\n");
	arena_release(&a);
	expect_no_open(&other, ERR_USAGE, "safe.directory");
}

static void origin_hides_credentials(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_true(scratch_sh(s, "git init -q url; cd url; git config remote.origin.url "
				  "https://user:p@ss@example.com/x@y.git"));
	assert_string_equal(repo_origin(open_ok("url", &a), &a), "https://example.com/x@y.git");
	arena_release(&a);
}

struct fake_env {
	const char *name, *value;
};

static const char *fake(void *ctx, const char *name)
{
	for (const struct fake_env *e = ctx; e->name; e++)
		if (!strcmp(e->name, name))
			return e->value;
	return NULL;
}

static void policy_ref(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct policyref p;
	char side[OID_HEX];
	struct repo *r = open_ok("one", &a);
	assert_int_equal(repo_resolve(side, r, "side", &err), 0);
	assert_int_equal(policyref_find(&p, r, NULL, fake, &(struct fake_env[]){ { NULL, NULL } }, &a,
					&err),
			 0);
	assert_int_equal(p.source, POLICYREF_CONFIG);
	assert_string_equal(p.commit, side);
	assert_int_equal(policyref_find(&p, r, "nowhere", NULL, NULL, &a, &err), -1);
	assert_int_equal(err.kind, ERR_TRUST);
	assert_true(scratch_sh(s, "git clone -q one ci; cd ci; git checkout -q side; "
				  "git branch -q -D main"));
	r = open_ok("ci", &a);
	assert_int_equal(policyref_find(&p, r, NULL, NULL, NULL, &a, &err), 0);
	assert_int_equal(p.source, POLICYREF_SELF);
	static const char *const vars[] = { "GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
					    "CODEBUILD_WEBHOOK_BASE_REF", "CHANGE_TARGET",
					    "SYSTEM_PULLREQUEST_TARGETBRANCH",
					    "BITBUCKET_PR_DESTINATION_BRANCH",
					    "BUILDKITE_PULL_REQUEST_BASE_BRANCH" };
	for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
		struct fake_env env[] = { { vars[i], "refs/heads/main" }, { NULL, NULL } };
		assert_int_equal(policyref_find(&p, r, NULL, fake, env, &a, &err), 0);
		assert_int_equal(p.source, POLICYREF_CI);
		assert_string_equal(p.ref, "origin/main");
		env[0].value = "protected";
		assert_int_equal(policyref_find(&p, r, NULL, fake, env, &a, &err), -1);
		assert_int_equal(err.kind, ERR_TRUST);
		assert_non_null(strstr(err.msg, "+refs/heads/protected:refs/remotes/origin/protected"));
		assert_non_null(strstr(err.msg, vars[i]));
		env[0].value = "";
		assert_int_equal(policyref_find(&p, r, NULL, fake, env, &a, &err), 0);
		assert_int_equal(p.source, POLICYREF_SELF);
	}
	struct fake_env queue[] = {
		{ "GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-0123" }, { NULL, NULL }
	};
	assert_int_equal(policyref_find(&p, r, NULL, fake, queue, &a, &err), 0);
	assert_string_equal(p.ref, "origin/main");
	assert_int_equal(policyref_find(&p, r, "main", fake, queue, &a, &err), 0);
	assert_string_equal(p.ref, "origin/main");
	assert_int_equal(p.source, POLICYREF_OPTION);
	arena_release(&a);
}

static void paths_stay_inside(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *p;
	assert_int_equal(tree_resolve(&p, "x/y/gate.yaml", STR("../z/./a.md"), &a, &err), 0);
	assert_string_equal(p, "x/z/a.md");
	assert_int_equal(tree_resolve(&p, "gate.yaml", STR("a//b.md"), &a, &err), 0);
	assert_string_equal(p, "a/b.md");
	assert_int_equal(tree_resolve(&p, "x/gate.yaml", STR("../../etc"), &a, &err), -1);
	assert_non_null(strstr(err.msg, "out of the tree"));
	assert_int_equal(tree_resolve(&p, "gate.yaml", STR("/etc/passwd"), &a, &err), -1);
	assert_int_equal(tree_resolve(&p, "gate.yaml", STR("a\\b"), &a, &err), -1);
	assert_int_equal(tree_resolve(&p, "gate.yaml", STR(""), &a, &err), -1);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revisions),
		cmocka_unit_test(globs_and_folders),
		cmocka_unit_test(shapes_that_open),
		cmocka_unit_test(discovery),
		cmocka_unit_test(partial_clones),
		cmocka_unit_test(strange_entries),
		cmocka_unit_test(index_and_worktree),
		cmocka_unit_test(refused_repositories),
		cmocka_unit_test(origin_hides_credentials),
		cmocka_unit_test(policy_ref),
		cmocka_unit_test(paths_stay_inside),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
