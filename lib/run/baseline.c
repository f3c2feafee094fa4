#include "run/baseline.h"

#include "record/record_read.h"
#include "run/builtin.h"

#include <math.h>
#include <sys/stat.h>

struct base {
	struct run *r;
	struct diags *d;
	struct err *err;
	const char *named;      /* as asked for */
	bool asked;             /* on the command line */
	char commit[OID_HEX];   /* "" = the candidate is the first commit of all */
	struct project project; /* of the baseline's targets */
	bool *wanted;           /* by suite of the run */
	size_t nwanted;
};

/* --- which suites are compared --- */

static bool has_metric(const struct suite_conf *s, const char *name)
{
	if (builtin_is_name(str_c(name)) || (s->has_asserts && !strcmp(name, "assert")))
		return true;
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, name))
			return true;
	return false;
}

static bool compares(const struct threshold *t, const struct suite_conf *s)
{
	if (!threshold_needs_baseline(t))
		return false;
	bool any = !t->suite || !strcmp(t->suite, "*");
	return (any || !strcmp(t->suite, s->name)) && has_metric(s, t->metric);
}

static void find_wanted(struct base *b)
{
	struct run *r = b->r;
	b->wanted = arena_array(r->arena, bool, r->nsuite + 1);
	/* A measurement with a baseline compares everything: `gate compare --run`. */
	for (size_t i = 0; !r->stage && i < r->nsuite; i++, b->nwanted++)
		b->wanted[i] = true;
	for (size_t i = 0; r->stage && i < r->nsuite; i++)
		for (size_t k = 0; k < r->stage->nthreshold && !b->wanted[i]; k++)
			if (!r->suite[i].conf->is_new && r->suite[i].conf->target && r->suite[i].conf->wanted &&
			    compares(&r->stage->threshold[k], r->suite[i].conf)) {
				b->wanted[i] = true;
				b->nwanted++;
			}
}

/* --- which commit --- */

static int fail(struct base *b, const char *hint)
{
	struct pos at = { .file = NULL };
	if (!b->asked)
		at = doc_pos_member(&b->r->policy_doc, b->r->policy_doc.root, "baseline");
	if (b->err->kind == ERR_BUG)
		return -1;
	diag_add(b->d, at, "no-baseline", "baseline '%s': %s", b->named, b->err->msg);
	if (hint)
		diag_hint(b->d, "%s", hint);
	*b->err = (struct err)ERR_INIT;
	return 0;
}

static const char fetch_hint[] = "in CI a full clone has it (fetch-depth: 0); --baseline names another";

/* The commit before the one that is judged; the one that lies below uncommitted files. */
static int find_before(struct base *b, const char *head)
{
	struct run *r = b->r;
	if (r->o.source != RUN_COMMIT)
		return repo_resolve(b->commit, r->repo, head, b->err);
	int found = repo_parent(b->commit, r->repo, head, b->err);
	if (!found)
		b->commit[0] = 0;
	return found < 0 ? -1 : 0;
}

static int find_commit(struct base *b)
{
	struct run *r = b->r;
	const char *head = r->head.commit ? r->head.commit : "HEAD", *policy = r->policyref.commit;
	bool merge_base = !strcmp(b->named, "merge-base");
	if (!strcmp(b->named, "last-attested"))
		return err_set(b->err, ERR_USAGE, "this version attests nothing yet; expected merge-base, policy-ref or a revision");
	if (!merge_base && strcmp(b->named, "policy-ref"))
		return repo_resolve(b->commit, r->repo, b->named, b->err);
	if (!merge_base && !*policy)
		return err_set(b->err, ERR_USAGE, "no policy ref is named (--policy-ref): the change is its own policy");
	if (!*policy)
		return find_before(b, head);
	if (merge_base ? repo_merge_base(b->commit, r->repo, head, policy, b->err)
		       : repo_resolve(b->commit, r->repo, policy, b->err))
		return -1;
	/* The change is in there already: what was before it? */
	return r->head.commit && !strcmp(b->commit, r->head.commit) ? find_before(b, head) : 0;
}

/* --- twins --- */

static struct suite_conf *base_suite(struct base *b, const char *name)
{
	for (size_t i = 0; i < b->project.nsuite; i++)
		if (!strcmp(b->project.suite[i].name, name))
			return &b->project.suite[i];
	return NULL;
}

/* The candidate's suite with the baseline's target: whatever follows the target (`target.prompt`) is the
 * baseline's, all else the candidate's own. */
static const struct suite_conf *twin_conf(struct base *b, const struct suite_conf *plain, const struct suite_conf *old,
					  const struct target_conf *target)
{
	struct arena *a = b->r->arena;
	struct suite_conf *out = arena_new(a, struct suite_conf);
	*out = *plain;
	out->name = arena_fmt(a, "%s@baseline", plain->name);
	out->target = target;
	out->nartifact = 0;
	out->metric = arena_array(a, struct metric_conf, plain->nmetric);
	for (size_t i = 0; i < plain->nmetric; i++) {
		out->metric[i] = old ? old->metric[i] : plain->metric[i];
		out->metric[i].judge = plain->metric[i].judge;
	}
	return out;
}

static void add_twin(struct base *b, size_t i, const struct suite_conf *old, const struct target_conf *target)
{
	struct run *r = b->r;
	struct suite_plan *s = &r->suite[i];
	s->base = BASE_TWIN;
	s->twin = r->nsuite;
	r->suite[r->nsuite++] = (struct suite_plan){
		.conf = twin_conf(b, s->conf, old, target),
		.role = SUITE_BASELINE,
		.of = i,
	};
}

static void more_room(struct run *r)
{
	struct suite_plan *all = arena_array(r->arena, struct suite_plan, 2 * r->nsuite);
	for (size_t i = 0; i < r->nsuite; i++)
		all[i] = r->suite[i];
	r->suite = all;
}

/* Each suite's other side, once its target is known; targets are taken over in the order of the suites. */
static void make_twins(struct base *b)
{
	struct run *r = b->r;
	size_t n = 0, first = r->project.ntarget, plain = r->nsuite;
	const struct target_conf **more = arena_array(r->arena, const struct target_conf *, plain);
	const struct suite_conf **old = arena_array(r->arena, const struct suite_conf *, plain);
	for (size_t i = 0; i < plain; i++) {
		old[i] = b->wanted[i] ? base_suite(b, r->suite[i].conf->name) : NULL;
		if (!b->wanted[i])
			continue;
		bool there = old[i] && old[i]->target;
		bool same = there && digest_eq(&old[i]->target->candidate_id, &r->suite[i].conf->target->candidate_id);
		r->suite[i].base = same ? BASE_SAME : there ? BASE_TWIN : BASE_ABSENT;
		if (r->suite[i].base != BASE_TWIN)
			continue;
		struct target_conf *t = arena_new(r->arena, struct target_conf);
		*t = *old[i]->target;
		t->name = arena_fmt(r->arena, "%s@baseline", t->name);
		t->baseline = true;
		more[n++] = t;
	}
	if (!n)
		return;
	project_adopt(&r->project, more, n, r->arena);
	more_room(r);
	for (size_t i = 0; i < plain; i++)
		if (r->suite[i].base == BASE_TWIN)
			add_twin(b, i, old[i], &r->project.target[first++]);
}

static void give_up_on_all(struct base *b)
{
	for (size_t i = 0; i < b->r->nsuite; i++)
		if (b->wanted[i])
			b->r->suite[i].base = BASE_ABSENT;
}

static void copy_errors(struct base *b, const struct diags *from)
{
	for (size_t i = 0; i < from->list.n; i++) {
		const struct diag *x = &from->list.v[i];
		if (x->sev != SEV_ERROR)
			continue;
		diag_add(b->d, x->at, x->rule, "baseline: %s", x->msg);
		if (x->hint)
			diag_hint(b->d, "%s", x->hint);
	}
}

static int load_commit(struct base *b)
{
	struct run *r = b->r;
	struct tree *t;
	struct diags d;
	const char **name = arena_array(r->arena, const char *, b->nwanted);
	size_t n = 0;
	if (!b->commit[0] || (repo_tree(&t, r->repo, b->commit, r->arena, b->err) == 0 && !tree_has(t, r->head.config_path))) {
		give_up_on_all(b);
		return 0;
	}
	if (b->err->kind != ERR_NONE)
		return fail(b, fetch_hint);
	for (size_t i = 0; i < r->nsuite; i++)
		if (b->wanted[i])
			name[n++] = r->suite[i].conf->name;
	struct project_opts opts = {
		.commit = t,
		.policy = r->policy_tree,
		.config_path = r->head.config_path,
		.bind = r->stage ? r->stage->bind : NULL,
		.only = name,
		.nonly = n,
		.baseline = true,
	};
	diags_init(&d, r->arena);
	if (project_load(&b->project, &opts, r->arena, &d, b->err)) {
		copy_errors(b, &d);
		return d.errors ? 0 : fail(b, NULL);
	}
	make_twins(b);
	return 0;
}

/* --- a record in place of a commit --- */

static bool is_file(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* A folder with a record in it, or the record itself; anything else is a revision. */
static bool is_record(const struct base *b)
{
	struct str name = str_c(b->named);
	bool json = name.n > 5 && str_eqc(str_sub(name, name.n - 5, name.n), ".json");
	return (json && is_file(b->named)) || is_file(arena_fmt(b->r->arena, "%s/record.json", b->named));
}

static const struct suite_head *head_of(const struct record *rec, const char *name)
{
	for (size_t i = 0; i < rec->nsuite; i++)
		if (rec->suite[i].role == SUITE_PLAIN && !strcmp(rec->suite[i].name, name))
			return &rec->suite[i];
	return NULL;
}

static bool compares_times(const struct run *r, const struct suite_conf *s)
{
	static const char *const times[] = { "ttft", "ttlt", "tpot", "tps", "latency" };
	for (size_t i = 0; r->stage && i < r->stage->nthreshold; i++)
		for (size_t k = 0; k < ARRAY_LEN(times); k++)
			if (compares(&r->stage->threshold[i], s) && !strcmp(r->stage->threshold[i].metric, times[k]))
				return true;
	return false;
}

static int check_record(struct base *b, const struct record *rec)
{
	int64_t age = b->r->head.start_ms - rec->end_ms, most = b->r->policy.baseline_max_age_ms;
	if (rec->filtered || rec->replayed || rec->stopped || b->r->head.filtered)
		return err_set(b->err, ERR_USAGE, "a record that stands for calls must be of a whole run, and so must this run be");
	if (age > most || age < -60000)
		return err_set(b->err, ERR_USAGE, "the record ended %.1f hours ago, and the policy's baseline_max_age is %.1f; name its commit instead",
			       (double)age / 3600e3, (double)most / 3600e3);
	return 0;
}

static int use_suite(struct base *b, const struct record *rec, size_t i)
{
	struct suite_plan *s = &b->r->suite[i];
	const struct suite_head *h = head_of(rec, s->conf->name);
	if (!h) {
		s->base = BASE_ABSENT;
		return 0;
	}
	if (!digest_eq(&h->suite_id, &s->conf->suite_id) || h->repeats != s->conf->repeats)
		return err_set(b->err, ERR_USAGE, "its suite '%s' is another (dataset, scorers or judge): the two cannot be paired; name its commit instead",
			       s->conf->name);
	if (digest_eq(&h->candidate_id, &s->conf->target->candidate_id)) {
		s->base = BASE_SAME;
		return 0;
	}
	if (compares_times(b->r, s->conf))
		return err_set(b->err, ERR_USAGE, "a threshold compares times of suite '%s', which need calls side by side; name its commit instead",
			       s->conf->name);
	add_twin(b, i, NULL, s->conf->target);
	b->r->suite[s->twin].given = h;
	return 0;
}

static int load_record(struct base *b)
{
	struct run *r = b->r;
	r->baseline_record = arena_new(r->arena, struct record_file);
	if (record_open(r->baseline_record, b->named, r->arena, b->err))
		return b->err->kind == ERR_TRUST ? -1 : fail(b, NULL);
	const struct record *rec = &r->baseline_record->head;
	if (check_record(b, rec))
		return fail(b, NULL);
	size_t plain = r->nsuite;
	more_room(r);
	for (size_t i = 0; i < plain; i++)
		if (b->wanted[i] && use_suite(b, rec, i))
			return fail(b, NULL);
	return 0;
}

/* --- all --- */

static const json_t *about(const struct base *b)
{
	json_t *j = arena_json(b->r->arena, json_object());
	json_object_set_new(j, "named", json_string(b->named));
	const struct record_file *f = b->r->baseline_record;
	const char *commit = f ? f->head.commit : b->commit[0] ? b->commit : NULL;
	if (commit)
		json_object_set_new(j, "commit", json_string(commit));
	if (f)
		json_object_set_new(j, "run", json_string(f->head.run_id));
	return j;
}

int baseline_plan(struct run *r, struct diags *d, struct err *err)
{
	struct base b = { .r = r, .d = d, .err = err };
	find_wanted(&b);
	if (!b.nwanted || d->errors)
		return 0;
	b.asked = r->o.baseline != NULL;
	b.named = b.asked ? r->o.baseline : r->policy.baseline;
	bool record = b.asked && is_record(&b);
	int bad = record ? load_record(&b) : find_commit(&b) ? fail(&b, fetch_hint) : load_commit(&b);
	if (!bad)
		r->head.baseline = about(&b);
	return bad;
}

/* --- the record's outcomes as this run's --- */

static int metric_at(const struct suite_head *h, const char *name)
{
	for (size_t i = 0; i < h->nmetric; i++)
		if (!strcmp(h->metric[i].name, name))
			return (int)i;
	return -1;
}

static void take_cells(struct outcome *o, const struct suite_head *from, const struct suite_head *to, struct arena *a)
{
	struct cell *cell = arena_array(a, struct cell, to->nmetric);
	for (size_t i = 0; i < to->nmetric; i++) {
		int at = metric_at(from, to->metric[i].name);
		bool there = at >= 0 && from->metric[at].kind == to->metric[i].kind;
		cell[i] = there ? o->cell[at] : (struct cell){ .state = CELL_UNSCORED, .value = NAN,
							       .reason = STR("the baseline's record lacks it") };
	}
	o->cell = cell;
}

int baseline_outcomes(struct run *r, size_t twin, baseline_each_fn *each, void *ctx, struct err *err)
{
	struct record_file *f = r->baseline_record;
	const struct suite_plan *s = &r->suite[twin];
	const struct suite_head *from = head_of(&f->head, r->suite[s->of].conf->name);
	struct arena scratch = ARENA_INIT;
	struct outcome o;
	size_t n = 0, planned = r->head.suite[twin].planned;
	int got, bad = f->outcomes.rewind(&f->outcomes, err);
	while (!bad && (got = f->outcomes.next(&f->outcomes, &o, &scratch, err)) != 0) {
		bad = got < 0 ? -1 : 0;
		if (!bad && &f->head.suite[o.suite] == from && n < planned) {
			take_cells(&o, from, &r->head.suite[twin], &scratch);
			o.seq = s->first_seq + n++;
			o.suite = (unsigned)twin;
			o.reply.reused = true;
			bad = each(ctx, &o, err);
		}
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	arena_release(&scratch);
	if (!bad && n != planned)
		bad = err_set(err, ERR_TRUST, "the baseline's record has %zu samples of suite '%s', expected %zu", n,
			      r->suite[s->of].conf->name, planned);
	return bad ? -1 : 0;
}
