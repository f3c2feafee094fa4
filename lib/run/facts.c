#include "run/facts.h"

#include "base/clock.h"
#include "crypto/sha256.h"
#include "doc/canon.h"
#include "doc/jsonx.h"
#include "provider/provider.h"

enum { FACTS_MAX = 8 }; /* questions about one target: a provider that never ends has a bug */
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

struct facts {
	struct run *r;
	const struct fetch *fetch;
	json_t *all;   /* by target */
	json_t *notes;
};

static void set(json_t *o, const char *key, json_t *value)
{
	if (!value || json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static void note(struct facts *f, const char *text)
{
	json_t *j = json_string(text);
	if (!j || json_array_append_new(f->notes, j))
		die_oom();
}

/* What a fact is made of is not kept, but its digest. */
static json_t *digested(const json_t *fact)
{
	json_t *o = json_copy((json_t *)(uintptr_t)fact);
	const json_t *content = json_object_get(fact, FACT_CONTENT);
	if (!o)
		die_oom();
	if (!content)
		return o;
	struct buf b;
	struct digest d;
	char hex[DIGEST_HEX];
	buf_init(&b, SIZE_MAX / 2);
	canon_write(&b, content);
	sha256(&d, buf_str(&b));
	buf_release(&b);
	json_object_del(o, FACT_CONTENT);
	set(o, "sha256", json_string(digest_hex(&d, hex)));
	return o;
}

/* Ask one thing: 0 when it is in `known`, if only as unknown. */
static int ask_one(struct facts *f, const struct endpoint *e, const struct fact_ask *ask, json_t *known,
		   struct err *err)
{
	struct arena *a = f->r->arena;
	struct err why = ERR_INIT;
	const json_t *answer, *fact = NULL;
	if (!fetch_json(&answer, f->fetch, &ask->req, a, &why))
		fact = e->provider->fact_take(ask, answer, a, &why);
	if (fact) {
		set(known, ask->name, digested(fact));
		return 0;
	}
	if (why.kind == ERR_ARTIFACT) {
		*err = why;
		return err_wrap(err, "target '%s'", e->name);
	}
	json_t *unknown = json_object();
	set(unknown, "unknown", json_string(why.msg));
	set(known, ask->name, unknown);
	note(f, arena_fmt(a, "target '%s': its %s is not known, as %s was not answered: %s", e->name, ask->name,
			  ask->permission, why.msg));
	return 0;
}

static int ask_target(struct facts *f, const struct endpoint *e, struct err *err)
{
	if (!e->provider->fact_ask || json_object_get(f->all, e->name))
		return 0;
	json_t *known = json_object();
	set(f->all, e->name, known);
	for (int i = 0; i < FACTS_MAX; i++) {
		struct fact_ask ask;
		struct err why = ERR_INIT;
		int more = e->provider->fact_ask(&ask, e, known, f->r->arena, &why);
		if (more < 0)
			note(f, arena_fmt(f->r->arena, "target '%s': %s", e->name, why.msg));
		if (more <= 0)
			return 0;
		if (ask_one(f, e, &ask, known, err))
			return -1;
	}
	return 0;
}

/* --- the life of a model --- */

/* What is wrong with it, or NULL. */
static const char *life_text(const struct facts *f, const char *target, const json_t *model)
{
	const struct stage *stage = f->r->stage;
	int64_t days = stage ? stage->lifecycle.days : STAGE_LIFECYCLE_DAYS, end;
	struct str id = json_get_str(model, "id"), until = json_get_str(model, "end_of_life");
	bool legacy = str_eqc(json_get_str(model, "status"), "legacy");
	bool ends = until.n && clock_parse(until, &end);
	int64_t left = ends ? end - f->r->head.start_ms : 0;
	bool near = ends && left < days * DAY_MS;
	struct arena *a = f->r->arena;
	if (!legacy && !near)
		return NULL;
	const char *when = !ends ? "" :
			   arena_fmt(a, ", its end of life %s %.10s", left < 0 ? "was" : "is", until.p);
	return arena_fmt(a, "the model '%.*s' of target '%s' is %s%s", STR_ARGS(id), target,
			 legacy ? "a legacy one" : "active", when);
}

static void judge_life(struct facts *f)
{
	struct run *r = f->r;
	bool block = r->stage && r->stage->lifecycle.block;
	const char *target;
	json_t *known;
	json_object_foreach(f->all, target, known) {
		const char *text = life_text(f, target, json_object_get(known, "model"));
		if (!text)
			continue;
		note(f, text);
		if (!block || r->refused)
			continue;
		r->refused = true;
		r->head.stopped = arena_fmt(r->arena, "%s, which the stage's 'model_lifecycle' blocks; no call was made",
					    text);
	}
}

/* --- public --- */

int facts_fetch(struct run *r, const struct fetch *fetch, struct err *err)
{
	struct facts f = { .r = r, .fetch = fetch, .all = arena_json(r->arena, json_object()),
			   .notes = (json_t *)(uintptr_t)r->head.notes };
	if (!f.notes)
		r->head.notes = f.notes = arena_json(r->arena, json_array());
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		if (ask_target(&f, &s->target->endpoint, err))
			return -1;
		for (size_t k = 0; k < s->nmetric; k++)
			if (s->metric[k].judge && ask_target(&f, &s->metric[k].judge->endpoint, err))
				return -1;
	}
	if (!json_object_size(f.all))
		return 0;
	r->head.facts = f.all;
	judge_life(&f);
	return 0;
}

struct str facts_model(const struct record *head, const char *target)
{
	return json_get_str(json_object_get(json_object_get(head->facts, target), "model"), "id");
}
