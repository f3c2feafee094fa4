#include "run/sample.h"

#include "doc/jsonx.h"
#include "provider/provider.h"
#include "record/record_write.h"
#include "run/builtin.h"
#include "run/cost.h"
#include "run/labelled.h"
#include "run/plan.h"
#include "run/programid.h"
#include "run/rowcheck.h"
#include "store/marks.h"
#include "target/target.h"

#include <math.h>

/* One call of one sample: the caller's job and where its reply belongs.  While it is in the air,
 * the same call of another sample waits for it, so what is called never depends on -j. */
struct flight {
	struct caller_job job;
	struct sample *sample;
	struct digest digest;
	struct toll *held;        /* of the budget, until it is paid */
	struct flight *next;      /* in the engine's table, or among the followers of another */
	struct flight *followers;
};

void engine_give_up(struct engine *e, const struct err *err)
{
	if (e->fatal.kind == ERR_NONE)
		e->fatal = *err;
}

static void push_ready(struct sample *s)
{
	s->next = NULL;
	*s->e->ready_end = s;
	s->e->ready_end = &s->next;
}

static bool is_local(const struct endpoint *e)
{
	return e->provider->local;
}

/* --- calls --- */

static void flight_done(struct flight *f)
{
	if (--f->sample->outstanding == 0)
		push_ready(f->sample);
}

/* The place in the table that holds the flight of this call, or where it would be linked. */
static struct flight **flying(struct engine *e, const struct digest *call)
{
	struct flight **at = &e->flying[call->b[0] % ARRAY_LEN(e->flying)];
	while (*at && !digest_eq(&(*at)->digest, call))
		at = &(*at)->next;
	return at;
}

/* True when the answer is already known, in f->job.reply. */
static bool from_store(struct sample *s, struct flight *f)
{
	struct err err = ERR_INIT;
	reply_init(&f->job.reply, &s->arena);
	struct digest key = programid_key(f->job.call->endpoint, &f->digest);
	int found = replies_get(&s->e->replies, &f->digest, &key, &f->job.reply, &s->arena, &err);
	if (found < 0)
		engine_give_up(s->e, &err);
	if (found > 0) /* a key that was none when it was kept */
		reply_scrub(&f->job.reply, &s->e->r->redactor);
	if (found > 0 && f->job.reply.fail == FAIL_NONE && !s->e->r->o.replay)
		caller_known(s->e->caller, f->job.call->endpoint);
	return found > 0;
}

/* Nothing is called that the budget has no room for, by a judge neither. */
static bool refused(struct sample *s, struct flight *f)
{
	struct engine *e = s->e;
	struct toll most = purse_call(&e->purse, f->job.call);
	if (f->held->tokens > 0 || purse_part(&e->purse, &s->toll, most, f->held))
		return false;
	if (!e->over_budget)
		e->over_budget = purse_text(&e->purse, most, e->r->arena);
	reply_init(&f->job.reply, &s->arena);
	reply_fail(&f->job.reply, FAIL_NOT_CALLED, false, "%s", e->over_budget);
	return true;
}

/* Store, wait for the same call, or call.  False when the answer is there at once. */
static bool start_flight(struct flight *f)
{
	struct engine *e = f->sample->e;
	f->next = f->followers = NULL;
	if (is_local(f->job.call->endpoint)) {
		caller_start(e->caller, &f->job);
		return true;
	}
	if (from_store(f->sample, f) || refused(f->sample, f))
		return false;
	struct flight **at = flying(e, &f->digest);
	if (*at) {
		for (at = &(*at)->followers; *at; )
			at = &(*at)->next;
		*at = f;
		return true;
	}
	*at = f;
	caller_start(e->caller, &f->job);
	return true;
}

/* Those who waited find the answer in the store, or call for themselves after a failure. */
static void flight_landed(struct caller_job *job)
{
	struct flight *f = job->ctx, *waiting = NULL, *next;
	struct engine *e = f->sample->e;
	struct err err = ERR_INIT;
	if (!is_local(job->call->endpoint)) {
		struct digest key = programid_key(job->call->endpoint, &f->digest);
		if (job->reply.fail == FAIL_NONE && replies_put(&e->replies, &f->digest, &key, &job->reply, &err))
			engine_give_up(e, &err);
		*flying(e, &f->digest) = f->next;
		waiting = f->followers;
	}
	flight_done(f);
	for (; waiting; waiting = next) {
		next = waiting->next;
		if (!start_flight(waiting))
			flight_done(waiting);
	}
}

/* Start the calls of the ask; what the store has is not called again. */
static void start_calls(struct sample *s)
{
	s->nreply = s->ask.item.n;
	s->reply = arena_array(&s->arena, struct reply *, s->nreply);
	s->asked = true;
	struct flight *flight = arena_array(&s->arena, struct flight, s->nreply);
	s->held = arena_array(&s->arena, struct toll, s->nreply);
	s->outstanding = 1; /* held until all are started */
	for (size_t i = 0; i < s->nreply; i++) {
		struct flight *f = &flight[i];
		f->sample = s;
		f->held = &s->held[i];
		f->job = (struct caller_job){
			.call = &s->ask.item.v[i].call,
			.arena = &s->arena,
			.done = flight_landed,
			.ctx = f,
		};
		f->digest = call_digest(f->job.call);
		s->reply[i] = &f->job.reply;
		if (!s->answer)
			s->out.call = f->digest;
		s->outstanding++;
		if (!start_flight(f))
			s->outstanding--;
	}
	if (--s->outstanding == 0)
		push_ready(s);
}

static void reset_ask(struct sample *s)
{
	s->ask = (struct ask){ .arena = &s->arena };
}

static void pay(int64_t *sum, bool *open, struct price p)
{
	*sum = p.pico < 0 ? *sum : price_add(*sum, p.pico);
	*open = *open || p.pico < 0;
}

/* The cost of a sample is that of its calls, also of one that was made on another day. */
static void take_cost(struct sample *s, struct price p)
{
	int64_t *sum = s->answer ? &s->judge_cost : &s->cost;
	if (p.why && !s->answer)
		s->cost_why = p.why;
	*sum = *sum < 0 || p.pico < 0 ? -1 : price_add(*sum, p.pico);
}

/* What a call cost: nothing when it was refused, and nobody knows when it broke off. */
static struct price price_of(struct sample *s, const struct call *c, const struct reply *r)
{
	if (r->fail == FAIL_NONE)
		return cost_reply(s->e->r, c->endpoint, r, &s->arena);
	return (struct price){
		.pico = purse_may_be_billed(r) ? -1 : 0,
		.why = purse_may_be_billed(r) ? "unpriced: the call broke off" : NULL,
	};
}

/* What is deployed under its name may be another today; programs are told apart by their bytes. */
static bool is_application(const struct endpoint *e)
{
	const struct provider_ops *p = e->provider;
	return !p->runs && (p->kind ? strcmp(p->kind, "guardrail") != 0 : p->no_model);
}

/* Money and tokens of one call that came back. */
static void account_call(struct sample *s, const struct call *c, const struct reply *r, struct toll held)
{
	struct spend *spend = &s->e->r->head.spend;
	struct money *m = &s->e->money[s->out.suite];
	struct price p = price_of(s, c, r);
	take_cost(s, p);
	spend->calls++;
	spend->reused += r->reused;
	if (r->reused) {
		m->rejudged += s->answer != NULL;
		m->aged = m->aged || (!s->answer && !s->e->r->o.replay && is_application(c->endpoint));
		purse_release(&s->e->purse, held);
		return;
	}
	spend->attempts += r->attempts;
	spend->tokens_open = spend->tokens_open ||
			     (purse_may_be_billed(r) && (r->usage.in < 0 || r->usage.out < 0));
	spend->tokens += (r->usage.in > 0 ? r->usage.in : 0) + (r->usage.out > 0 ? r->usage.out : 0);
	pay(s->answer ? &m->judge : &m->target, s->answer ? &m->judge_open : &m->target_open, p);
	purse_pay(&s->e->purse, held, c, r, p.pico, p.why);
	if (!s->answer)
		return;
	s->judged.tokens += held.tokens;
	s->judged.pico = price_add(s->judged.pico, held.pico);
}

/* … and of all that just came back. */
static void account(struct sample *s)
{
	for (size_t i = 0; i < s->nreply; i++) {
		const struct call *c = &s->ask.item.v[i].call;
		if (is_local(c->endpoint))
			continue;
		s->open = s->open || s->reply[i]->fail == FAIL_NOT_CALLED;
		if (s->reply[i]->fail == FAIL_NOT_CALLED)
			purse_release(&s->e->purse, s->held[i]);
		else
			account_call(s, c, s->reply[i], s->held[i]);
	}
	if (!s->answer && s->nreply && !is_local(s->ask.item.v[0].call.endpoint))
		s->out.cost_usd = s->cost < 0 ? NAN : price_usd(s->cost);
	s->out.judge_usd = s->judge_cost < 0 ? NAN : price_usd(s->judge_cost);
}

static bool has_judge(const struct suite_plan *s)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (s->metric[i].conf->judge && !is_local(&s->metric[i].conf->judge->endpoint))
			return true;
	return false;
}

/* Dollars that were read back, in whole pico-dollars; not there: unpriced. */
static struct price paid_before(double usd)
{
	return (struct price){ .pico = isfinite(usd) ? llround(usd * PRICE_PER_USD) : -1 };
}

void sample_kept(struct engine *e, const struct outcome *o)
{
	struct spend *spend = &e->r->head.spend;
	struct money *m = &e->money[o->suite];
	const struct suite_plan *s = &e->r->suite[o->suite];
	const struct usage *u = &o->reply.usage;
	bool called = !is_local(&s->conf->target->endpoint) && o->reply.fail != FAIL_NOT_CALLED;
	if (called && !o->reply.reused) {
		spend->tokens += (u->in > 0 ? u->in : 0) + (u->out > 0 ? u->out : 0);
		if (isfinite(o->cost_usd) || purse_may_be_billed(&o->reply))
			pay(&m->target, &m->target_open, paid_before(o->cost_usd));
	}
	spend->calls += called;
	if (has_judge(s) && o->reply.fail == FAIL_NONE)
		pay(&m->judge, &m->judge_open, paid_before(o->judge_usd));
}

void sample_spent(struct engine *e)
{
	struct record *h = &e->r->head;
	int64_t all = 0;
	bool open = false;
	for (size_t i = 0; i < h->nsuite; i++) {
		const struct money *m = &e->money[i];
		h->suite[i].usd = m->target_open ? (double)NAN : price_usd(m->target);
		h->suite[i].judge_usd = m->judge_open ? (double)NAN : price_usd(m->judge);
		open = open || m->target_open || m->judge_open;
		all = price_add(all, price_add(m->target, m->judge));
	}
	h->spend.usd = open ? (double)NAN : price_usd(all);
}

/* --- scoring --- */

static void cell_failed(struct cell *c, const char *why)
{
	*c = (struct cell){ .state = CELL_UNSCORED, .value = NAN, .reason = str_c(why) };
}

static bool render_metric(struct sample *s, const struct metric_plan *m, struct cell *cell)
{
	struct err err = ERR_INIT;
	s->config = m->conf->config;
	s->prepared = m->prepared;
	if (m->asserts)
		s->config = rowcheck_assert_config(&s->c, &s->arena);
	else if (!m->conf->has_template)
		return true;
	if ((m->asserts || !config_render(&s->config, m->conf, s->c.vars, &s->arena, &err)) &&
	    (!m->scorer->prepare ||
	     !m->scorer->prepare(&s->prepared, s->config, &s->arena, &err)))
		return true;
	cell_failed(cell, arena_fmt(&s->arena, "%s", err.msg));
	return false;
}

static void messages_of(const struct sample *s, struct str *system, struct str *user)
{
	for (size_t i = 0; i < s->nmessage; i++) {
		if (s->message[i].role == ROLE_USER)
			*user = s->message[i].text;
		if (s->message[i].role == ROLE_SYSTEM && !system->p)
			*system = s->message[i].text;
	}
}

/* A conversation's last user message, which its last answer answers. */
static void last_turn_of(const struct sample *s, struct str *user)
{
	size_t i;
	json_t *x;
	if (!s->answer->calls)
		return;
	json_array_foreach((json_t *)(uintptr_t)s->answer->trajectory, i, x)
		if (str_eqc(json_get_str(x, "kind"), "user"))
			*user = json_get_str(x, "text");
}

static struct evidence evidence_of(struct sample *s, const struct metric_plan *m)
{
	struct evidence ev = {
		.answer = buf_str(&s->answer->text),
		.reply = s->answer,
		.cost_usd = s->out.cost_usd,
		.tools = s->suite->conf->target->endpoint.tools,
		.traced = s->suite->conf->target->endpoint.provider->talks,
		.vars = s->c.vars,
		.config = s->config,
		.prepared = s->prepared,
		.judge = m->conf->judge ? &m->conf->judge->endpoint : NULL,
		.sample = s->out.sample,
		.seed = s->e->r->o.seed,
		.case_id = s->c.id,
		.arena = &s->arena,
	};
	messages_of(s, &ev.system, &ev.input);
	last_turn_of(s, &ev.input);
	if (!s->asked)
		return ev;
	struct reply *list = arena_array(&s->arena, struct reply, s->nreply);
	for (size_t i = 0; i < s->nreply; i++)
		list[i] = *s->reply[i];
	ev.answers = list;
	ev.nanswer = s->nreply;
	return ev;
}

/* A judge that could not be reached has judged nothing. */
static const struct reply *failed_reply(const struct sample *s)
{
	for (size_t i = 0; i < s->nreply; i++)
		if (s->reply[i]->fail != FAIL_NONE)
			return s->reply[i];
	return NULL;
}

static bool legal_score(const struct metric_plan *m, double x)
{
	if (!isfinite(x))
		return false;
	if (m->traits.kind == METRIC_BINARY)
		return x == 0 || x == 1;
	return m->traits.kind == METRIC_VALUE || (x >= 0 && x <= 1);
}

static void keep_score(struct sample *s, const struct metric_plan *m, const struct score *score,
		       struct cell *cell)
{
	double x = m->conf->negated ? 1 - score->value : score->value;
	if (!legal_score(m, x)) {
		cell_failed(cell, arena_fmt(&s->arena, "scorer '%s' gave %g, which is no score",
					    m->scorer->name, x));
		return;
	}
	*cell = (struct cell){ .state = CELL_SCORED, .value = x, .reason = score->reason };
	if (!score->detail)
		return;
	if (!s->detail)
		s->detail = arena_json(&s->arena, json_object());
	json_object_set(s->detail, m->conf->name, (json_t *)(uintptr_t)score->detail);
}

/* A case without assertions has nothing of that metric: neither scored nor missing. */
static bool is_absent(const struct sample *s, size_t metric)
{
	return s->suite->metric[metric].asserts && !s->c.asserts;
}

/* Step the scorer of the current metric; false while it waits for calls. */
static bool step_metric(struct sample *s)
{
	const struct metric_plan *m = &s->suite->metric[s->metric];
	struct cell *cell = &s->cell[s->metric];
	struct err err = ERR_INIT;
	struct score score = { .value = NAN };
	const struct reply *bad = s->asked ? failed_reply(s) : NULL;
	if (m->label) {
		*cell = labelled_cell(m, &s->c);
		return true;
	}
	if (is_absent(s, s->metric)) {
		*cell = (struct cell){ .state = CELL_ABSENT, .value = NAN };
		return true;
	}
	if (bad) {
		cell_failed(cell, arena_fmt(&s->arena, "judge: %s: %.*s", fail_name(bad->fail),
					    STR_ARGS(bad->fail_text)));
		return true;
	}
	if (!s->asked) {
		if (!render_metric(s, m, cell))
			return true;
		s->scorer_state = arena_alloc(&s->arena, m->scorer->state_size);
	}
	struct evidence ev = evidence_of(s, m);
	reset_ask(s);
	int step = m->scorer->step(s->scorer_state, &ev, &s->ask, &score, &err);
	if (step == STEP_ASK && s->ask.item.n) {
		start_calls(s);
		return false;
	}
	if (step == STEP_DONE)
		keep_score(s, m, &score, cell);
	else
		cell_failed(cell, step == STEP_ASK ? "the scorer asked for nothing" :
						     arena_fmt(&s->arena, "%s", err.msg));
	return true;
}

/* --- the end of a sample --- */

void sample_count(struct suite_head *h, enum sample_status status)
{
	switch (status) {
	case SAMPLE_SCORED:
		h->scored++;
		break;
	case SAMPLE_UNSCORED:
		h->unscored++;
		break;
	case SAMPLE_QUARANTINED:
		h->quarantined++;
		break;
	case SAMPLE_SURPLUS:
		h->surplus++;
		break;
	}
}

static void fill_outcome(struct sample *s)
{
	struct str system = { .p = NULL };
	bool unscored = s->answer->fail != FAIL_NONE;
	for (size_t i = 0; i < s->nscore; i++)
		unscored = unscored || s->cell[i].state == CELL_UNSCORED;
	if (unscored && s->out.status == SAMPLE_SCORED)
		s->out.status = SAMPLE_UNSCORED;
	builtin_cells(s->cell + s->nscore, s->answer, &s->suite->conf->target->endpoint,
		      s->out.cost_usd, s->cost_why, unscored);
	s->out.cell = s->cell;
	s->out.reply = *s->answer;
	s->out.answer = buf_str(&s->answer->text);
	s->out.detail = s->detail;
	messages_of(s, &system, &s->out.input);
	last_turn_of(s, &s->out.input);
}

int sample_keep(struct engine *e, const struct outcome *o, bool settled, struct err *err)
{
	buf_reset(&e->line);
	record_write_outcome(&e->line, &e->r->head, o);
	if (e->line.over)
		return err_set(err, ERR_SYSTEM, "case '%.*s': its outcome is larger than %zu bytes",
			       STR_ARGS(o->case_id), e->line.max);
	struct arena_mark m = arena_mark(&e->scratch);
	struct str clean = redact(&e->r->redactor, buf_str(&e->line), &e->scratch);
	int bad = store_outcome_put(e->r->store, o->seq, clean,
				    settled, err);
	arena_rewind(&e->scratch, m);
	return bad;
}

static void finish_sample(struct sample *s)
{
	struct engine *e = s->e;
	struct err err = ERR_INIT;
	fill_outcome(s);
	sample_count(&e->r->head.suite[s->out.suite], s->out.status);
	/* Neither the answer nor a judge's word is missing for want of a call. */
	bool settled = !s->open && s->out.reply.fail != FAIL_NOT_CALLED;
	if (sample_keep(e, &s->out, settled, &err) ||
	    (e->r->table && verdict_table_add(e->r->table, &s->out, &err)))
		engine_give_up(e, &err);
	failures_add(e->failures, &s->out);
	if (e->r->marks)
		marks_add(e->r->marks, &s->out);
	purse_release(&e->purse, s->toll);
	purse_saw_judging(&e->purse, s->judged);
	e->done++;
	e->live--;
	arena_rewind(&s->arena, s->base);
	s->next = e->pool;
	e->pool = s;
}

/* --- stepping --- */

static void end_target(struct sample *s, struct reply *answer)
{
	s->answer = answer;
	s->asked = false;
	if (answer->fail == FAIL_NONE)
		return;
	const char *why = arena_fmt(&s->arena, "%s: %.*s", fail_name(answer->fail),
				    STR_ARGS(answer->fail_text));
	for (size_t i = 0; i < s->nscore; i++)
		if (is_absent(s, i))
			s->cell[i] = (struct cell){ .state = CELL_ABSENT, .value = NAN };
		else
			cell_failed(&s->cell[i], why);
	s->metric = s->nscore;
}

static void fail_target(struct sample *s, enum fail kind, const struct err *err)
{
	struct reply *none = arena_new(&s->arena, struct reply);
	reply_init(none, &s->arena);
	reply_fail(none, kind, false, "%s", err->msg);
	end_target(s, none);
}

/* A call of a model is what is sent: a corrected 'expected' must not call again. */
const json_t *sample_given(const struct suite_conf *s, const struct tcase *c, struct arena *a)
{
	const struct provider_ops *p = s->target->endpoint.provider;
	if (p->local)
		return c->vars;
	switch (p->given) {
	case GIVEN_READ:
		return s->target->per_case ? target_given(s->target, c->vars, a) : NULL;
	case GIVEN_SHOWN:
		return suite_shown(s, c->vars, a);
	case GIVEN_NOTHING:
		break;
	}
	return NULL;
}

bool sample_asks(const struct message *m, size_t n)
{
	return n && m[n - 1].role == ROLE_USER;
}

static struct target_input target_input_of(const struct sample *s)
{
	return (struct target_input){
		.endpoint = &s->suite->conf->target->endpoint,
		.message = s->message,
		.nmessage = s->nmessage,
		.talk = s->c.talk,
		.given = s->given,
		.sample = s->out.sample,
		.reply = s->asked ? s->reply : NULL,
		.nreply = s->asked ? s->nreply : 0,
	};
}

/* Step the target; false while it waits for calls. */
static bool step_target(struct sample *s)
{
	struct err err = ERR_INIT;
	struct reply *answer = NULL;
	struct target_input in = target_input_of(s);
	if (!s->target) {
		s->target = target_for(&in);
		s->target_state = arena_alloc(&s->arena, s->target->state_size);
	}
	reset_ask(s);
	int step = s->target->step(s->target_state, &in, &s->ask, &answer, &err);
	if (step == STEP_ASK && s->ask.item.n) {
		start_calls(s);
		return false;
	}
	if (step == STEP_DONE && answer)
		end_target(s, answer);
	else
		fail_target(s, FAIL_MALFORMED, &err);
	return true;
}

void sample_step(struct sample *s)
{
	if (s->asked)
		account(s);
	if (!s->answer && !step_target(s))
		return;
	while (s->metric < s->nscore) {
		if (!step_metric(s))
			return;
		s->asked = false;
		s->metric++;
	}
	finish_sample(s);
}

bool sample_begin(struct sample *s, size_t suite, size_t at, unsigned repeat)
{
	struct engine *e = s->e;
	struct arena *a = &s->arena;
	struct err err = ERR_INIT;
	*s = (struct sample){ .e = e, .arena = *a, .base = s->base };
	s->suite = &e->r->suite[suite];
	s->nscore = e->r->head.suite[suite].nmetric - BUILTIN_COUNT;
	s->cell = arena_array(a, struct cell, e->r->head.suite[suite].nmetric);
	e->live++;
	if (cases_get(s->suite->conf->cases, plan_case(s->suite, at), &s->c, a, &err)) {
		engine_give_up(e, &err);
		e->live--;
		return false;
	}
	plan_outcome(&s->out, e->r, suite, at, repeat, &s->c, a);
	s->given = sample_given(s->suite->conf, &s->c, a);
	if (prompt_render(&s->message, &s->nmessage, &s->suite->conf->target->prompt, s->c.vars, a, &err))
		fail_target(s, FAIL_NOT_CALLED, &err);
	else
		s->toll = purse_sample(&e->purse, s->suite, s->message, s->nmessage,
				       talk_calls(s->c.talk, sample_asks(s->message, s->nmessage)));
	return true;
}

void sample_admit(struct sample *s)
{
	if (s->answer || step_target(s))
		push_ready(s);
}
