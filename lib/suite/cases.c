/* Pass one over a suite's datasets: every row read, checked and rendered before anything is
 * spent, and an index of 24 bytes a case kept; then cases_get, which reads one row again. */
#include "base/limits.h"
#include "base/num.h"
#include "base/suggest.h"
#include "crypto/sha256.h"
#include "suite/calibration.h"
#include "suite/dataset.h"
#include "suite/prompt.h"
#include "suite/talkrow.h"
#include "suite/tcase.h"

enum { BLOCK = 1024, MISSES_MAX = 50, HOPELESS = 20 };

struct case_at {
	uint64_t offset;
	uint32_t length, line;
	uint32_t dataset;
	uint32_t repeat; /* of a derived id: 0 the first, else the suffix */
};

struct cases {
	struct dataset *dataset;
	size_t ndataset;
	VEC(struct case_at *) block;
	size_t n;
	struct tcase_opts opts;
};

static struct case_at *case_at(const struct cases *c, size_t i)
{
	return &c->block.v[i / BLOCK][i % BLOCK];
}

static int read_case(const struct cases *c, const struct case_at *x, struct tcase *out, bool *derived,
		     struct arena *a, struct err *err)
{
	const struct dataset *s = &c->dataset[x->dataset];
	const struct dataset_row row = { .offset = x->offset, .length = x->length, .line = x->line };
	const json_t *j = NULL;
	if (dataset_read(s, &row, &j, a, err))
		return -1;
	return tcase_build(out, j, dataset_pos(s, &row), &c->opts, derived, a, err);
}

/* Equal contents are different cases: the second gets -2, the third -3. */
static void number_id(struct tcase *c, uint32_t repeat, struct arena *a)
{
	bool own_cluster = c->cluster.p != c->id.p;
	if (!repeat)
		return;
	c->id = str_c(arena_fmt(a, "%.*s-%u", STR_ARGS(c->id), repeat));
	if (!own_cluster)
		c->cluster = c->id;
}

int cases_get(const struct cases *c, size_t i, struct tcase *out, struct arena *a, struct err *err)
{
	bool derived;
	if (i >= c->n)
		return err_set(err, ERR_BUG, "case %zu of %zu was asked for", i, c->n);
	const struct case_at *x = case_at(c, i);
	if (read_case(c, x, out, &derived, a, err))
		return -1;
	number_id(out, x->repeat, a);
	return 0;
}

/* --- the ids seen so far: 16 bytes of their digest in an open table --- */

struct seen {
	unsigned char key[16];
	uint32_t first; /* case + 1; 0 = free */
	uint32_t last;  /* the largest suffix given out */
};

struct ids {
	struct arena arena;
	struct seen *slot;
	size_t n, size;
};

static struct seen *lookup(struct ids *t, const unsigned char key[16])
{
	uint64_t h;
	memcpy(&h, key, sizeof(h));
	for (size_t i = (size_t)h & (t->size - 1);; i = (i + 1) & (t->size - 1))
		if (!t->slot[i].first || !memcmp(t->slot[i].key, key, 16))
			return &t->slot[i];
}

static void grow(struct ids *t)
{
	struct arena old = t->arena;
	struct seen *from = t->slot;
	size_t n = t->size;
	t->arena = (struct arena)ARENA_INIT;
	t->size = n ? n * 2 : 256;
	t->slot = arena_array(&t->arena, struct seen, t->size);
	for (size_t i = 0; i < n; i++)
		if (from[i].first)
			*lookup(t, from[i].key) = from[i];
	arena_release(&old);
}

/* The entry of an id; a new one when *found is false. */
static struct seen *enter(struct ids *t, struct str id, size_t at, bool *found)
{
	struct digest d;
	if (2 * (t->n + 1) > t->size)
		grow(t);
	sha256(&d, id);
	struct seen *s = lookup(t, d.b);
	*found = s->first != 0;
	if (*found)
		return s;
	memcpy(s->key, d.b, sizeof(s->key));
	s->first = (uint32_t)at + 1;
	s->last = 1;
	t->n++;
	return s;
}

/* --- pass one --- */

/* One template that cannot be rendered for some cases. */
struct miss {
	struct pos at, first;
	const char *msg;
	size_t cases;
};

struct pass {
	struct loader *l;
	struct suite_conf *suite;
	struct cases *cases;
	struct ids ids;
	struct arena scratch;
	struct miss miss[MISSES_MAX];
	size_t nmiss, repeated, answers, traces;
	bool hopeless; /* a template failed with each of the first cases: the rest is not tried */
	struct err no_answer, no_trace;
	VEC(struct str) strange; /* tools with results that the target does not offer */
};

static void missed(struct pass *p, const struct err *err, struct pos row)
{
	/* Without a place of its own it is about the case. */
	struct pos at = err->at.file ? err->at : row;
	for (size_t i = 0; i < p->nmiss; i++)
		if (p->miss[i].at.line == at.line && p->miss[i].at.col == at.col &&
		    !strcmp(p->miss[i].at.file, at.file) && !strcmp(p->miss[i].msg, err->msg)) {
			p->hopeless |= ++p->miss[i].cases >= HOPELESS && p->miss[i].cases > p->cases->n;
			return;
		}
	if (p->nmiss == MISSES_MAX)
		return;
	p->miss[p->nmiss++] = (struct miss){ .at = at, .first = row, .cases = 1,
					     .msg = arena_cstr(p->l->a, str_c(err->msg)) };
}

/* A template that fits no case. */
static void tell_never(struct pass *p, size_t fits, const struct err *err)
{
	if (p->cases->n && !fits && err->kind != ERR_NONE)
		diag_add(p->l->d, err->at, "template-render", "%s, in every case of suite '%s'", err->msg,
			 p->suite->name);
}

static void tell_misses(struct pass *p)
{
	struct diags *d = p->l->d;
	for (size_t i = 0; i < p->nmiss; i++) {
		const struct miss *m = &p->miss[i];
		diag_add(d, m->at, "template-render", "%s (suite '%s', case at %s:%u%s)", m->msg,
			 p->suite->name, m->first.file, m->first.line,
			 m->cases > 1 ? arena_fmt(p->l->a, " and %s%zu more", p->hopeless ? "at least " : "",
						  m->cases - 1) : "");
	}
	tell_never(p, p->answers, &p->no_answer);
	tell_never(p, p->traces, &p->no_trace);
}

/* A result for a tool that the target does not offer would never be asked for. */
static void check_tool(struct pass *p, const struct tcase *c, struct str name)
{
	const json_t *offered = p->suite->target->endpoint.tools;
	size_t i;
	json_t *t;
	if (!p->suite->results_at.file)
		p->suite->results_at = c->at;
	json_array_foreach((json_t *)(uintptr_t)offered, i, t)
		if (str_eq(json_get_str(t, "name"), name))
			return;
	for (i = 0; i < p->strange.n; i++)
		if (str_eq(p->strange.v[i], name))
			return;
	*vec_push(&p->strange, p->l->a) = arena_str(p->l->a, name);
	if (!offered)
		return; /* the provider's own tools, perhaps */
	struct suggest g = SUGGEST_INIT(name);
	json_array_foreach((json_t *)(uintptr_t)offered, i, t)
		suggest_offer(&g, json_get_str(t, "name"));
	diag_warn(p->l->d, c->at, "unknown-tool",
		  "the case has a result for tool '%.*s', which target '%s' does not offer", STR_ARGS(name),
		  p->suite->target->name);
	if (suggest_best(&g).p)
		diag_hint(p->l->d, "did you mean '%.*s'?", STR_ARGS(suggest_best(&g)));
}

static void check_results(struct pass *p, const struct tcase *c)
{
	const char *name;
	size_t i;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)c->talk->tools, name, v)
		check_tool(p, c, str_c(name));
	json_array_foreach((json_t *)(uintptr_t)c->talk->turns, i, v)
		if (json_object_get(v, "tool"))
			check_tool(p, c, json_get_str(v, "tool"));
}

/* The conversation needs somebody who begins it. */
static void check_talk(struct pass *p, const struct tcase *c)
{
	const struct prompt *prompt = &p->suite->target->prompt;
	bool asked = prompt->npart && prompt->part[prompt->npart - 1].role == ROLE_USER;
	struct err err = ERR_INIT;
	if (!c->talk)
		return;
	if (!p->suite->talk_at.file)
		p->suite->talk_at = c->at;
	check_results(p, c);
	unsigned calls = talk_calls_max(c->talk, asked);
	p->suite->max_calls = calls > p->suite->max_calls ? calls : p->suite->max_calls;
	if (asked || json_object_get(json_array_get(c->talk->turns, 0), "user"))
		return;
	err_at(&err, c->at, "the prompt of target '%s' does not end with a user message, so 'turns' must "
	       "begin with one", p->suite->target->name);
	missed(p, &err, c->at);
}

/* Every template that needs no answer. */
static void render_all(struct pass *p, const struct tcase *c)
{
	const struct target_conf *t = p->suite->target;
	struct err err = ERR_INIT;
	struct message *message = NULL;
	const json_t *config;
	struct str text;
	size_t n = 0;
	if (t && t->prompt.npart &&
	    prompt_render(&message, &n, &t->prompt, c->vars, &p->scratch, &err))
		missed(p, &err, c->at);
	if (t)
		check_talk(p, c);
	for (size_t i = 0; i < p->suite->nmetric; i++)
		if (p->suite->metric[i].has_template &&
		    config_render(&config, &p->suite->metric[i], c->vars, &p->scratch, &err))
			missed(p, &err, c->at);
	/* A case without an answer is unscored later; a template that fits no case is wrong. */
	if (t && t->answer && p->answers == 0)
		p->answers += !leaf_text(t->answer, c->vars, &text, &p->scratch, &p->no_answer);
	if (t && t->trace && p->traces == 0)
		p->traces += !leaf_text(t->trace, c->vars, &text, &p->scratch, &p->no_trace);
}

/* Give a derived id its number, or refuse an id that is there already. */
static void settle_id(struct pass *p, struct case_at *x, const struct tcase *c, bool derived)
{
	bool found;
	struct seen *s = enter(&p->ids, c->id, p->cases->n, &found);
	if (!found)
		return;
	if (!derived) {
		const struct case_at *first = case_at(p->cases, s->first - 1);
		const struct dataset *f = &p->cases->dataset[first->dataset];
		const struct dataset_row row = { .offset = first->offset, .line = first->line };
		struct pos at = dataset_pos(f, &row);
		diag_add(p->l->d, c->at, "duplicate-id", "the id '%.*s' is taken by the case at %s:%u",
			 STR_ARGS(c->id), at.file, at.line);
		return;
	}
	p->repeated++;
	do {
		const char *id = arena_fmt(&p->scratch, "%.*s-%u", STR_ARGS(c->id), ++s->last);
		x->repeat = s->last;
		(void)enter(&p->ids, str_c(id), p->cases->n, &found);
		/* The table may have moved. */
		bool there;
		s = enter(&p->ids, c->id, p->cases->n, &there);
		s->last = x->repeat;
	} while (found);
}

static void take_row(struct pass *p, size_t dataset, const struct dataset_row *row)
{
	struct cases *c = p->cases;
	struct tcase one;
	struct err err = ERR_INIT;
	bool derived = false;
	if (c->block.n <= c->n / BLOCK)
		*vec_push(&c->block, p->l->a) = arena_array(p->l->a, struct case_at, BLOCK);
	struct case_at *x = case_at(c, c->n);
	*x = (struct case_at){ .offset = row->offset, .length = (uint32_t)row->length,
			       .line = row->line, .dataset = (uint32_t)dataset };
	if (read_case(c, x, &one, &derived, &p->scratch, &err)) {
		diag_add(p->l->d, err.at.file ? err.at : dataset_pos(&c->dataset[dataset], row),
			 "case", "%s", err.msg);
		return;
	}
	settle_id(p, x, &one, derived);
	number_id(&one, x->repeat, &p->scratch);
	if (one.label && one.label->raters > p->suite->raters)
		p->suite->raters = one.label->raters;
	p->suite->good += one.label && one.label->is == 1;
	p->suite->bad += one.label && one.label->is == 0;
	p->suite->has_asserts |= one.asserts != NULL;
	p->suite->has_quarantine |= one.quarantined;
	p->suite->has_marks |= one.quarantined || one.weight != 1 || !str_eq(one.cluster, one.id);
	if (!p->hopeless)
		render_all(p, &one);
	c->n++;
}

static void take_dataset(struct pass *p, size_t at)
{
	const struct dataset *s = &p->cases->dataset[at];
	struct dataset_walk w;
	struct dataset_row row;
	struct err err = ERR_INIT;
	size_t rows = 0;
	int rc;
	dataset_walk(&w, s);
	for (;;) {
		struct arena_mark m = arena_mark(&p->scratch);
		rc = dataset_next(&w, &row, &p->scratch, &err);
		if (rc <= 0)
			break;
		rows++;
		if (p->cases->n >= CASES_MAX || p->l->d->errors >= DIAG_MAX)
			break;
		take_row(p, at, &row);
		arena_rewind(&p->scratch, m);
	}
	if (rc < 0)
		diag_add(p->l->d, err.at, "case", "%s", err.msg);
	else if (p->cases->n >= CASES_MAX && rc > 0)
		diag_add(p->l->d, dataset_pos(s, &row), "dataset", "a suite has at most %zu cases",
			 CASES_MAX);
	else if (!rows)
		diag_add(p->l->d, (struct pos){ .file = s->file, .line = 1, .col = 1 }, "empty-dataset",
			 "the dataset has no case");
}

/* --- the files of `cases:` --- */

struct files {
	struct loader *l;
	const struct side *s;
	const struct suite_conf *suite;
	const char *key; /* cases, or calibration */
	struct artifacts *artifacts;
	VEC(struct dataset) dataset;
	json_t *id;
};

static void add_files(struct files *f, struct str pattern, struct pos at)
{
	const char *role = f->suite->labelled ? "calibration" : "dataset";
	struct ref_use use = { .role = role, .owner = f->suite->name, .artifacts = f->artifacts,
			       .at = at };
	struct ref *file;
	size_t n = 0;
	if (str_starts(pattern, STR("s3://")) || str_starts(pattern, STR("http://")) ||
	    str_starts(pattern, STR("https://"))) {
		diag_add(f->l->d, at, "dataset", "'%.*s': datasets are read from the tree only",
			 STR_ARGS(pattern));
		diag_hint(f->l->d, "commit the dataset");
		return;
	}
	if (!ref_glob(f->l, f->s, pattern, &use, DATASET_BYTES_MAX, &file, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct dataset one;
		json_array_append_new(f->id, ident_ref(&file[i]));
		if (dataset_open(&one, f->l, &file[i], at))
			*vec_push(&f->dataset, f->l->a) = one;
	}
}

static void add_list(struct files *f, const json_t *suite, const json_t *list)
{
	size_t i, objects = 0;
	json_t *x;
	json_array_foreach((json_t *)(uintptr_t)list, i, x)
		objects += json_is_object(x);
	if (objects && objects < json_array_size(list)) {
		diag_add(f->l->d, doc_pos_member(f->s->doc, suite, f->key), "dataset",
			 "'cases' is a list of files or a list of cases, not both");
		return;
	}
	if (objects) {
		json_array_extend(f->id, (json_t *)(uintptr_t)list);
		*vec_push(&f->dataset, f->l->a) = (struct dataset){
			.kind = DATASET_DOC, .file = f->s->doc->file, .doc = f->s->doc, .list = list,
		};
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)list, i, x)
		add_files(f, json_str(x), doc_pos_item(f->s->doc, list, i));
}

static void run_pass(struct pass *p)
{
	size_t before = p->l->d->errors;
	for (size_t i = 0; i < p->cases->ndataset; i++)
		take_dataset(p, i);
	tell_misses(p);
	if (!p->cases->n && p->l->d->errors == before && !p->cases->ndataset)
		diag_add(p->l->d, p->suite->at, "empty-dataset", "suite '%s' has no case",
			 p->suite->name);
	if (p->repeated && p->suite->labelled)
		diag_add(p->l->d, p->suite->at, "calibration", "%zu labelled answer%s the same as another, word for word: each "
			 "counts once", p->repeated, p->repeated == 1 ? " is" : "s are");
	else if (p->repeated && p->l->d->errors == before)
		diag_warn(p->l->d, p->suite->at, "repeated-cases",
			  "%zu case%s of suite '%s' repeat%s an earlier one word for word", p->repeated,
			  num_s(p->repeated), p->suite->name, p->repeated == 1 ? "s" : "");
	arena_release(&p->scratch);
	arena_release(&p->ids.arena);
}

void dataset_load(struct loader *l, const struct side *s, const json_t *suite, const char *key,
		  struct suite_conf *out, struct artifacts *artifacts, json_t **id)
{
	const json_t *value = json_object_get(suite, key);
	struct files f = { .l = l, .s = s, .suite = out, .key = key, .artifacts = artifacts,
			   .id = json_array() };
	*id = f.id;
	if (json_is_string(value))
		add_files(&f, json_str(value), doc_pos_member(s->doc, suite, key));
	else
		add_list(&f, suite, value);
	struct cases *c = arena_new(l->a, struct cases);
	c->dataset = f.dataset.v;
	c->ndataset = f.dataset.n;
	c->opts.cluster = json_string_value(json_object_get(suite, "cluster"));
	c->opts.labelled = out->labelled;
	c->opts.max_steps = (unsigned)json_integer_value(json_object_get(suite, "max_steps"));
	struct pass *p = arena_new(l->a, struct pass);
	*p = (struct pass){ .l = l, .suite = out, .cases = c };
	if (!l->failed)
		run_pass(p);
	out->cases = c;
	out->ncase = c->n;
}
