#include "run/run.h"

#include "base/limits.h"
#include "crypto/sha256.h"
#include "run/baseline.h"
#include "run/cost.h"
#include "run/forecast.h"
#include "run/hostcheck.h"
#include "run/labelled.h"
#include "run/awsplace.h"
#include "run/execcheck.h"
#include "run/plan.h"
#include "run/programid.h"
#include "run/quarantine.h"
#include "run/rowcheck.h"
#include "suite/overlay.h"

#include <math.h>
#include <unistd.h>

static const char *const policy_names[] = { "gate.policy.yaml", "gate.policy.yml", "gate.policy.json" };
static const char *const config_names[] = { "gate.yaml", "gate.yml", "gate.json" };

/* --- which trees --- */

static int open_commit(struct run *r, struct err *err)
{
	const struct run_opts *o = &r->o;
	struct repo_opts opts = { .path = o->repo, .no_owner_check = o->no_owner_check };
	if (repo_open(&r->repo, &opts, r->arena, err))
		return -1;
	if (o->source == RUN_INDEX)
		return repo_tree_index(&r->commit_tree, r->repo, r->arena, err);
	if (o->source == RUN_WORKTREE)
		return repo_tree_worktree(&r->commit_tree, r->repo, r->arena, err);
	return repo_tree(&r->commit_tree, r->repo, o->commit ? o->commit : "HEAD", r->arena, err);
}

static void name_subject(struct run *r)
{
	struct record *h = &r->head;
	const char *oid = tree_commit(r->commit_tree);
	h->repo = repo_origin(r->repo, r->arena);
	h->commit = oid && *oid ? oid : NULL;
	h->tree = tree_oid(r->commit_tree);
	h->branch = r->o.commit && strcmp(r->o.commit, "HEAD") ? r->o.commit :
								 repo_branch_name(r->repo, r->arena);
	h->worktree = r->o.source != RUN_COMMIT;
}

/* gate.policy.yaml beside the configuration or in the nearest folder above it; NULL if none. */
static const char *find_policy(const struct run *r, const struct tree *t)
{
	struct str dir = str_c(r->head.config_path);
	while (dir.n) {
		while (dir.n && dir.p[dir.n - 1] != '/')
			dir.n--;
		for (size_t i = 0; i < ARRAY_LEN(policy_names); i++) {
			const char *path = arena_fmt(r->arena, "%.*s%s", STR_ARGS(dir), policy_names[i]);
			if (tree_has(t, path))
				return path;
		}
		if (dir.n)
			dir.n--;
	}
	return NULL;
}

static const char *find_config(const struct run *r)
{
	if (r->o.config)
		return r->o.config;
	for (size_t i = 0; i < ARRAY_LEN(config_names); i++)
		if (tree_has(r->commit_tree, config_names[i]))
			return config_names[i];
	return config_names[0];
}

/* --- policy --- */

/* Which tree the rules come from, and the policy's path in it (NULL: there is none at all). */
static int find_rules(struct run *r, const char **path, struct err *err)
{
	struct record *h = &r->head;
	if (policyref_find(&r->policyref, r->repo, r->o.policy_ref, r->o.env, r->o.env_ctx, r->arena, err))
		return -1;
	r->policy_tree = r->commit_tree;
	h->policy_self = "self";
	*path = NULL;
	if (r->policyref.source != POLICYREF_SELF) {
		struct tree *t;
		if (repo_tree(&t, r->repo, r->policyref.commit, r->arena, err))
			return -1;
		h->policy_ref = r->policyref.ref;
		h->policy_commit = r->policyref.commit;
		*path = find_policy(r, t);
		h->policy_self = *path ? NULL : "self (first adoption)";
		if (*path)
			r->policy_tree = t;
	}
	if (!*path)
		*path = find_policy(r, r->commit_tree);
	return 0;
}

static int load_policy(struct run *r, const char *path, struct diags *d, struct err *err)
{
	struct str text;
	char oid[OID_HEX];
	if (!path)
		return err_set(err, ERR_ARTIFACT,
			       "no gate.policy.yaml beside '%s' or above it; `gate init` writes one, `gate run --measure` needs none",
			       r->head.config_path);
	if (tree_read(r->policy_tree, path, ARTIFACT_BYTES_MAX, &text, oid, r->arena, err))
		return -1;
	sha256(&r->head.policy_digest, text);
	r->head.policy_path = path;
	struct err ignored = ERR_INIT;
	if (policy_read(&r->policy, &r->policy_doc, text, path, r->arena, d)) {
		/* What there is of the stage tells which suites to look at; nothing runs. */
		if (!policy_stage(&r->stage, &r->policy, r->o.stage, &ignored))
			r->head.stage = r->stage->name;
		return 0;
	}
	if (policy_stage(&r->stage, &r->policy, r->o.stage, err))
		return -1;
	r->head.stage = r->stage->name;
	r->head.policy = policy_record(r->stage, r->arena);
	r->head.confidence = r->policy.confidence;
	return 0;
}

/* A measurement that may go where the policy lets calls go, at its prices; no stage decides. */
static int load_trust(struct run *r, const char *path, struct diags *d, struct err *err)
{
	struct str text;
	char oid[OID_HEX];
	if (!path)
		return 0;
	if (tree_read(r->policy_tree, path, ARTIFACT_BYTES_MAX, &text, oid, r->arena, err))
		return -1;
	sha256(&r->head.policy_digest, text);
	r->head.policy_path = path;
	if (policy_read(&r->policy, &r->policy_doc, text, path, r->arena, d))
		return 0;
	return cost_load(r, d, err);
}

static int load_rules(struct run *r, const char *path, struct diags *d, struct err *err)
{
	if (r->o.measure)
		return r->o.by_policy ? load_trust(r, path, d, err) : 0;
	return load_policy(r, path, d, err) || cost_load(r, d, err) ? -1 : 0;
}

/* --- project --- */

static bool wanted_by(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return n == 0;
}

/* Whose datasets are read: the stage's suites (all, measuring), less what --only leaves out. */
static void wanted_suites(struct run *r, const char ***list, size_t *n)
{
	size_t nstage = r->stage ? r->stage->nsuite : 0;
	*list = arena_array(r->arena, const char *, nstage + r->o.nonly);
	*n = 0;
	for (size_t i = 0; !r->stage && i < r->o.nonly; i++)
		(*list)[(*n)++] = r->o.only[i];
	for (size_t i = 0; i < nstage; i++)
		if (wanted_by(r->o.only, r->o.nonly, r->stage->suite[i]))
			(*list)[(*n)++] = r->stage->suite[i];
}

static struct suite_conf *find_suite(struct project *p, const char *name)
{
	for (size_t i = 0; i < p->nsuite; i++)
		if (!strcmp(p->suite[i].name, name))
			return &p->suite[i];
	return NULL;
}

static void missing_suite(struct run *r, const char *name, struct diags *d)
{
	struct pos at = { .file = NULL };
	for (size_t i = 0; r->stage && i < r->stage->nsuite; i++)
		if (!strcmp(r->stage->suite[i], name))
			at = r->stage->suite_at[i];
	diag_add(d, at, "unknown-suite", "no suite '%s' in '%s'", name, r->head.config_path);
	diag_hint(d, "the stage's suites are read from %s",
		  r->head.policy_self ? "the commit" : r->head.policy_ref);
}

/* What the change proposes for protected files: shown, and judged by the protected version. */
static void note_proposals(struct run *r, json_t *notes)
{
	if (r->policy_tree == r->commit_tree)
		return;
	struct tree_file *file;
	size_t n;
	struct err ignored = ERR_INIT;
	VEC(const char *) path = { .v = NULL };
	*vec_push(&path, r->arena) = r->head.policy_path;
	*vec_push(&path, r->arena) = r->head.config_path;
	if (json_object_get(r->head.prices, "path"))
		*vec_push(&path, r->arena) = json_string_value(json_object_get(r->head.prices, "path"));
	for (size_t i = 0; i < r->project.nsuite; i++)
		for (size_t k = 0; k < r->project.suite[i].nartifact; k++)
			*vec_push(&path, r->arena) = r->project.suite[i].artifact[k].path;
	for (size_t i = 0; i < path.n; i++) {
		char there[OID_HEX] = "", here[OID_HEX] = "";
		bool seen = false;
		for (size_t k = 0; k < i; k++)
			seen = seen || !strcmp(path.v[k], path.v[i]);
		if (seen)
			continue;
		if (!tree_glob(r->policy_tree, path.v[i], &file, &n, r->arena, &ignored) && n == 1)
			memcpy(there, file->oid, OID_HEX);
		if (!tree_glob(r->commit_tree, path.v[i], &file, &n, r->arena, &ignored) && n == 1)
			memcpy(here, file->oid, OID_HEX);
		if (strcmp(there, here))
			json_array_append_new(notes, json_sprintf("the change %s '%s': judged by the version at %s",
								  *here ? "edits" : "deletes",
								  path.v[i], r->head.policy_ref));
	}
}

static const json_t *artifact_list(struct run *r)
{
	json_t *list = arena_json(r->arena, json_array());
	for (size_t i = 0; i < r->project.ntarget; i++)
		for (size_t k = 0; k < r->project.target[i].nartifact && !r->project.target[i].baseline; k++) {
			const struct artifact *x = &r->project.target[i].artifact[k];
			json_array_append_new(list, json_pack("{ss ss ss ss}", "role", x->role, "path",
							      x->path, "oid", x->oid, "of", x->target));
		}
	for (size_t i = 0; i < r->nsuite; i++)
		for (size_t k = 0; k < r->suite[i].conf->nartifact; k++) {
			const struct artifact *x = &r->suite[i].conf->artifact[k];
			json_array_append_new(list, json_pack("{ss ss ss ss}", "role", x->role, "path",
							      x->path, "oid", x->oid, "of", x->target));
		}
	return list;
}

static int load_project(struct run *r, struct diags *d, struct err *err)
{
	const char **list;
	size_t n;
	wanted_suites(r, &list, &n);
	if (r->stage && r->o.nonly && !n)
		return err_set(err, ERR_USAGE, "--only names no suite of stage '%s'", r->stage->name);
	struct project_opts opts = {
		.commit = r->commit_tree,
		.policy = r->policy_tree,
		.config_path = r->head.config_path,
		.bind = r->stage ? r->stage->bind : NULL,
		.only = list,
		.nonly = n,
		.overlay = r->o.overlay,
	};
	/* What did load is looked at further, so that every mistake shows at once. */
	if (project_load(&r->project, &opts, r->arena, d, err) && (err->kind != ERR_NONE || !d->errors))
		return -1;
	/* A stage keeps all of its suites: one that --only left out plans nothing and decides nothing. */
	size_t count = r->stage ? r->stage->nsuite : n ? n : r->project.nsuite;
	r->suite = arena_array(r->arena, struct suite_plan, count);
	for (size_t i = 0; i < count; i++) {
		const char *name = r->stage ? r->stage->suite[i] : n ? list[i] : r->project.suite[i].name;
		const struct suite_conf *conf = find_suite(&r->project, name);
		if (r->o.overlay && (!conf || !conf->wanted))
			continue;
		if (conf)
			r->suite[r->nsuite++].conf = conf;
		else if (!d->errors || r->project.nsuite)
			missing_suite(r, name, d);
	}
	r->nplain = r->nsuite;
	if ((r->stage || r->o.baseline) && !d->errors && baseline_plan(r, d, err))
		return -1;
	labelled_plan(r);
	return 0;
}

/* --- prepare --- */

/* Answers come from calls, or from a folder that this machine wrote: never from the commit. */
static int guard_folder(const struct run *r, const char *folder, const char *option, struct err *err)
{
	const struct tree *judged = r->o.source == RUN_COMMIT ? r->commit_tree : NULL;
	if (!folder || !repo_tracks_folder(r->repo, judged, folder, r->arena))
		return 0;
	return err_set(err, ERR_TRUST,
		       "%s '%s' is tracked by git: a change could bring its own answers; name a folder outside of the repository, or one that git ignores",
		       option, folder);
}

static int guard_folders(const struct run *r, struct err *err)
{
	if (guard_folder(r, r->o.store, "--store", err))
		return -1;
	return r->o.replay ? guard_folder(r, r->o.reply_dir, "--replay", err) : 0;
}

static void new_run_id(struct run *r)
{
	char day[CLOCK_TEXT], *to = day;
	for (const char *from = clock_rfc3339(r->head.start_ms, day); *from && *from != '.'; from++)
		if (*from != '-' && *from != ':')
			*to++ = *from;
	*to = '\0';
	uint64_t now = (uint64_t)r->o.clock.mono_ns(r->o.clock.ctx);
	unsigned mixed = (unsigned)((now ^ now >> 24 ^ (uint64_t)getpid() * 0x9e3779b9u) & 0xffffff);
	r->head.run_id = arena_fmt(r->arena, "%s-%06x", day, mixed);
}

static void start_head(struct run *r)
{
	struct record *h = &r->head;
	h->version = 1;
	h->gate_version = r->o.gate_version;
	h->start_ms = r->o.clock.wall_ms(r->o.clock.ctx);
	h->measure = r->o.measure;
	h->filtered = r->o.filter || r->o.sample || r->o.nonly;
	h->replayed = r->o.replay;
	h->combination = r->o.combination;
	h->seed = r->o.seed;
	h->confidence = 0.95;
	h->verdict = VERDICT_UNDECIDED;
	new_run_id(r);
}

static int plan_run(struct run *r, struct diags *d, struct err *err)
{
	bool loaded = !d->errors;
	plan_bind(r, d);
	if (!loaded || d->errors || plan_select(r, d, err))
		return d->errors ? 0 : -1;
	if (rowcheck(r, d, err) || cost_measure(r, err))
		return -1;
	hostcheck(r, d);
	forecast_check(r, d);
	plan_heads(r);
	if (r->stage && plan_thresholds(r, d, err))
		return -1;
	if (!d->errors)
		programid_fill(r);
	plan_digest(r);
	return 0;
}

int run_prepare(struct run *r, const struct run_opts *o, struct diags *d, struct err *err)
{
	const char *policy_path;
	*r = (struct run){ .o = *o, .arena = o->arena };
	if (!r->o.deadline_ms)
		r->o.deadline_ms = 120000;
	redactor_init(&r->redactor, r->arena);
	start_head(r);
	if (open_commit(r, err))
		return -1;
	name_subject(r);
	if (guard_folders(r, err))
		return -1;
	r->head.config_path = find_config(r);
	if (find_rules(r, &policy_path, err) ||
	    load_rules(r, policy_path, d, err) || load_project(r, d, err))
		return -1;
	if (plan_run(r, d, err))
		return -1;
	if (d->errors)
		return -1;
	json_t *notes = arena_json(r->arena, json_array());
	if (r->o.overlay)
		json_array_append_new(notes, json_sprintf("target '%s' is a combination of a matrix: %s",
							  r->o.overlay->target, r->o.overlay->name));
	note_proposals(r, notes);
	execcheck_notes(r, notes);
	if (quarantine_notes(r, notes, err))
		return -1;
	r->head.notes = notes;
	r->head.artifacts = artifact_list(r);
	r->head.places = awsplace_record(r);
	return 0;
}

int run_open_store(struct run *r, struct err *err)
{
	return r->o.store ? store_open(&r->store, r->o.store, r->arena, err) :
			    store_open_memory(&r->store, r->arena, err);
}
