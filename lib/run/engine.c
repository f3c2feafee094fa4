/* The engine: plays the plan's samples in canonical order with as many in flight as the caller
 * wants.  A turn is: wait, take what landed, flush the store, step what became ready, begin
 * more.  So every answered call is committed before it is scored. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "record/record_read.h"
#include "run/baseline.h"
#include "run/execcheck.h"
#include "run/facts.h"
#include "run/outside.h"
#include "run/plan.h"
#include "run/sample.h"
#include "store/marks.h"
#include "run/stopper.h"
#include "run/surplus.h"

#include <math.h>
#include <signal.h>

enum { PROGRESS_NS = 100000000, LIVE_PER_JOB = 4, NS_PER_MS = 1000000, FACTS_MS = 15000 };

struct driver {
	struct engine e;
	struct outside out;
	struct caller_programs programs;
	struct progress *progress;
	struct loop_timer time_up;
	size_t *turn;         /* suites in the order of play: labelled answers first */
	size_t nturn;
	size_t suite, at;     /* the next sample to begin: place in `turn`, place in the suite's order … */
	unsigned side;        /* … and side: the candidate's, or the baseline's */
	struct stopper stop;
	size_t live_max;
	struct sample *held;  /* begun, and waiting for room in the budget */
	bool *kept;           /* seq: finished before this process began */
	int64_t shown_ns;
	int64_t *suite_start_ns;
	size_t *suite_left;
	unsigned interrupts;
	VEC(struct sample *) sample; /* all that were made: a run given up leaves some in flight */
};

/* --- what a run needs of the outside --- */

static void on_signal(void *ctx, int signo)
{
	struct driver *d = ctx;
	(void)signo;
	if (d->interrupts++) {
		struct err err = ERR_INIT;
		err_set(&err, ERR_REMOTE, "interrupted twice; what was answered is in the store");
		engine_give_up(&d->e, &err);
	}
	caller_stop(d->e.caller, FAIL_NOT_CALLED, "interrupted");
}

static void on_time_up(struct loop_timer *t)
{
	struct driver *d = t->ctx;
	caller_stop(d->e.caller, FAIL_NOT_CALLED, "the stage's time budget is spent");
}

static bool needs_network(const struct run *r)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		if (!s->target->endpoint.provider->local)
			return true;
		for (size_t k = 0; k < s->nmetric; k++)
			if (s->metric[k].judge && !s->metric[k].judge->endpoint.provider->local)
				return true;
	}
	return false;
}

static int open_net(struct driver *d, struct err *err)
{
	struct run *r = d->e.r;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	d->e.loop = loop_new(r->o.clock, err);
	if (!d->e.loop || loop_signals(d->e.loop, &set, on_signal, d, err) ||
	    outside_open(&d->out, r, d->e.loop, needs_network(r) && !r->o.replay, err))
		return -1;
	if (execcheck_any(r) && !r->o.replay) {
		execcheck_programs(r, &d->programs);
		d->programs.child = child_new(&(struct child_opts){
			.loop = d->e.loop, .redactor = &r->redactor, .parallel = d->programs.max });
	}
	struct caller_opts opts = {
		.loop = d->e.loop,
		.http = d->out.http,
		.programs = d->programs.child ? &d->programs : NULL,
		.clock = r->o.clock,
		.seed = r->o.seed,
		.max = r->o.jobs,
		.deadline_ms = r->o.deadline_ms,
		.redactor = &r->redactor,
		.limit = r->policy.limit,
		.nlimit = r->policy.nlimit,
		.arena = r->arena,
	};
	d->e.caller = caller_new(&opts);
	d->time_up = (struct loop_timer){ .fn = on_time_up, .ctx = d };
	if (r->stage && r->stage->budget.time_ms >= 0)
		loop_timer_set(d->e.loop, &d->time_up,
			       loop_now(d->e.loop) + r->stage->budget.time_ms * NS_PER_MS);
	return 0;
}

static void close_net(struct driver *d)
{
	if (d->e.caller)
		caller_free(d->e.caller);
	outside_close(&d->out);
	child_free(d->programs.child);
	if (d->e.loop) {
		loop_timer_clear(d->e.loop, &d->time_up);
		loop_free(d->e.loop);
	}
}

/* Before the first call: what its targets are.  All of it in so much time. */
static int learn(struct driver *d, struct err *err)
{
	struct run *r = d->e.r;
	struct fetch f = {
		.loop = d->e.loop,
		.http = d->out.http,
		.caller = d->e.caller,
		.redactor = &r->redactor,
		.deadline_ns = loop_clock_ns(d->e.loop) + (int64_t)FACTS_MS * NS_PER_MS,
	};
	if (!d->out.http || facts_fetch(r, &f, err))
		return d->out.http ? -1 : 0;
	for (size_t i = 0; r->refused && i < r->nsuite; i++)
		r->head.suite[i].unscored = r->head.suite[i].planned;
	return 0;
}

/* --- resuming --- */

/* A sample that this process need not play. */
static int count_kept(struct driver *d, const struct outcome *o, struct err *err)
{
	struct run *r = d->e.r;
	struct suite_head *h = &r->head.suite[o->suite];
	if (r->table && verdict_table_add(r->table, o, err))
		return -1;
	sample_count(h, o->status);
	failures_add(d->e.failures, o);
	d->kept[o->seq] = true;
	d->suite_left[o->suite]--;
	d->e.done++;
	return 0;
}

static int take_kept(void *ctx, size_t seq, struct str line, struct err *err)
{
	struct driver *d = ctx;
	struct run *r = d->e.r;
	struct outcome o;
	struct arena_mark m = arena_mark(&d->e.scratch);
	int bad = seq >= r->planned ?
			  err_set(err, ERR_SYSTEM, "the store's unfinished run is of another plan") :
			  record_read_outcome(&o, &r->head, str_trim(line), &d->e.scratch, err);
	if (!bad)
		bad = count_kept(d, &o, err);
	if (!bad && r->marks)
		marks_add(r->marks, &o);
	if (!bad)
		sample_kept(&d->e, &o);
	arena_rewind(&d->e.scratch, m);
	return bad;
}

/* --- the baseline's record --- */

static int take_given(void *ctx, const struct outcome *o, struct err *err)
{
	struct driver *d = ctx;
	if (d->kept[o->seq])
		return 0;
	return sample_keep(&d->e, o, true, err) || count_kept(d, o, err) ? -1 : 0;
}

static int take_record(struct driver *d, struct err *err)
{
	struct run *r = d->e.r;
	for (size_t i = r->nplain; i < r->nsuite; i++)
		if (r->suite[i].given && baseline_outcomes(r, i, take_given, d, err))
			return -1;
	return 0;
}

/* What the provider's own logs find this run's calls by. */
static void label_calls(struct run *r)
{
	json_t *labels = arena_json(r->arena, json_object());
	json_object_set_new(labels, "gate-run", json_string(r->head.run_id));
	if (r->head.commit)
		json_object_set_new(labels, "gate-commit", json_string(r->head.commit));
	for (size_t i = 0; i < r->project.ntarget; i++)
		r->project.target[i].endpoint.metadata = labels;
}

/* Take up the unfinished run of this very plan, if --resume was asked for and there is one. */
static int begin_run(struct driver *d, struct err *err)
{
	struct run *r = d->e.r;
	int found = 0;
	if (r->o.resume && !r->refused) {
		found = store_run_unfinished(r->store, &r->head.plan_digest, &r->head.run_id,
					     &r->head.start_ms, r->arena, err);
		if (found < 0)
			return -1;
	}
	if (store_run_begin(r->store, &r->head, found > 0, err))
		return -1;
	label_calls(r);
	r->head.spend.resumed = found > 0;
	caller_age(d->e.caller, r->o.clock.wall_ms(r->o.clock.ctx) - r->head.start_ms);
	if (found > 0 && store_outcomes_each(r->store, take_kept, d, err))
		return -1;
	return r->refused ? 0 : take_record(d, err);
}

/* --- turns --- */

static struct sample *new_sample(struct driver *d)
{
	struct sample *s = d->e.pool;
	if (s) {
		d->e.pool = s->next;
		return s;
	}
	s = arena_new(d->e.r->arena, struct sample);
	*vec_push(&d->sample, d->e.r->arena) = s;
	s->e = &d->e;
	arena_alloc(&s->arena, 1);
	s->base = arena_mark(&s->arena);
	return s;
}

/* Whose turn it is: the two sides of a comparison alternate, and take turns in going first, so that what
 * slows calls for a while slows both. */
static size_t whose_turn(const struct driver *d, size_t suite)
{
	const struct suite_plan *s = &d->e.r->suite[suite];
	bool twin = s->base == BASE_TWIN && d->side != (d->at & 1);
	return twin ? s->twin : suite;
}

/* Move to the next sample; false when all have begun.  *sample is its number within the suite. */
static bool next_sample(struct driver *d, size_t *suite, size_t *sample)
{
	struct run *r = d->e.r;
	for (; d->suite < d->nturn; d->suite++, d->at = 0) {
		size_t i = d->turn[d->suite];
		const struct suite_plan *s = &r->suite[i];
		unsigned sides = s->base == BASE_TWIN ? 2 : 1;
		for (; d->at < s->ncase * s->conf->repeats && !stopper_done(&d->stop, i); d->at++, d->side = 0)
			for (; d->side < sides; d->side++) {
				*suite = whose_turn(d, i);
				*sample = stopper_place(&d->stop, i, d->at);
				if (!d->kept[r->suite[*suite].first_seq + *sample])
					return true;
			}
	}
	return false;
}

/* Let it begin if the budget has room, or, when nothing else can still make room, let it
 * end without a call. */
static bool admit(struct driver *d, struct sample *s)
{
	struct engine *e = &d->e;
	if (!purse_reserve(&e->purse, s->toll, e->live == 1)) {
		if (e->live > 1)
			return false;
		if (!e->over_budget)
			e->over_budget = purse_text(&e->purse, s->toll, e->r->arena);
		caller_stop(e->caller, FAIL_NOT_CALLED, e->over_budget);
		purse_close(&e->purse); /* what follows is answered by the store or not at all */
		s->toll = (struct toll){ 0 };
	}
	sample_admit(s);
	return true;
}

static void begin_some(struct driver *d)
{
	if (d->held && !admit(d, d->held))
		return;
	d->held = NULL;
	size_t suite, sample;
	while (d->e.live < d->live_max && caller_capacity(d->e.caller) && d->e.fatal.kind == ERR_NONE &&
	       next_sample(d, &suite, &sample)) {
		unsigned repeats = d->e.r->suite[suite].conf->repeats;
		if (!d->suite_start_ns[suite])
			d->suite_start_ns[suite] = loop_clock_ns(d->e.loop);
		struct sample *s = new_sample(d);
		d->side++;
		if (!sample_begin(s, suite, sample / repeats, (unsigned)(sample % repeats)))
			return;
		if (!admit(d, s)) {
			d->held = s;
			return;
		}
	}
}

static void finished_in(struct driver *d, size_t suite)
{
	struct run *r = d->e.r;
	if (--d->suite_left[suite])
		return;
	r->head.suite[suite].wall_ms = (loop_clock_ns(d->e.loop) - d->suite_start_ns[suite]) / NS_PER_MS;
	sample_spent(&d->e);
	if (d->progress)
		d->progress->update(d->progress, r, suite, true);
}

static void step_ready(struct driver *d)
{
	while (d->e.ready && d->e.fatal.kind == ERR_NONE) {
		struct sample *s = d->e.ready;
		size_t suite = s->out.suite, before = d->e.done;
		d->e.ready = s->next;
		if (!d->e.ready)
			d->e.ready_end = &d->e.ready;
		sample_step(s);
		if (d->e.done != before)
			finished_in(d, suite);
	}
}

static void show(struct driver *d)
{
	int64_t now = loop_now(d->e.loop);
	if (!d->progress || now - d->shown_ns < PROGRESS_NS)
		return;
	d->shown_ns = now;
	sample_spent(&d->e);
	size_t suite = d->turn[d->suite < d->nturn ? d->suite : d->nturn - 1];
	d->progress->update(d->progress, d->e.r, suite, false);
}

/* Everything that is to come has come. */
static bool is_over(struct driver *d)
{
	size_t suite, sample;
	if (d->e.done == d->e.r->planned)
		return true;
	return d->stop.any && !d->e.live && !next_sample(d, &suite, &sample);
}

/* Suites that were stopped early: their samples are settled anew, and their time ends here. */
static int close_early(struct driver *d, struct err *err)
{
	struct run *r = d->e.r;
	for (size_t i = 0; d->stop.any && i < r->nsuite; i++)
		if (d->suite_left[i] && d->suite_start_ns[i])
			r->head.suite[i].wall_ms = (loop_clock_ns(d->e.loop) - d->suite_start_ns[i]) / NS_PER_MS;
	return d->stop.any ? surplus_settle(&d->e, &d->stop, err) : 0;
}

static int play(struct driver *d, struct err *err)
{
	stopper_init(&d->stop, d->e.r, d->suite_left);
	if (stopper_look(&d->stop, err))
		return -1;
	while (!is_over(d) && d->e.fatal.kind == ERR_NONE) {
		begin_some(d);
		if (store_flush(d->e.r->store, err))
			return -1;
		bool idle = !d->e.ready;
		size_t before = d->e.done;
		step_ready(d);
		show(d);
		if (d->e.done != before && stopper_look(&d->stop, err))
			return -1;
		if (is_over(d))
			break;
		if ((idle || !caller_capacity(d->e.caller)) && loop_turn(d->e.loop, err))
			return -1;
	}
	if (d->e.fatal.kind != ERR_NONE) {
		*err = d->e.fatal;
		return -1;
	}
	return close_early(d, err) || store_flush(d->e.r->store, err) ? -1 : 0;
}

static void take_turns(struct driver *d)
{
	struct run *r = d->e.r;
	d->turn = arena_array(r->arena, size_t, r->nsuite + 1);
	for (int labels = 1; labels >= 0; labels--)
		for (size_t i = 0; i < r->nsuite; i++)
			if (r->suite[i].role != SUITE_BASELINE && (r->suite[i].role == SUITE_CALIBRATION) == labels)
				d->turn[d->nturn++] = i;
}

static void setup(struct driver *d, struct run *r, struct progress *p)
{
	*d = (struct driver){ .e = { .r = r }, .progress = p };
	d->e.ready_end = &d->e.ready;
	buf_init(&d->e.line, OUTCOME_LINE_MAX);
	purse_init(&d->e.purse, r);
	r->failures = d->e.failures = failures_new(&r->head, r->stage, r->arena);
	if (r->o.store)
		r->marks = marks_new(&r->head, r->arena);
	d->e.money = arena_array(r->arena, struct money, r->nsuite);
	d->kept = arena_array(r->arena, bool, r->planned);
	d->suite_start_ns = arena_array(r->arena, int64_t, r->nsuite);
	d->suite_left = arena_array(r->arena, size_t, r->nsuite);
	for (size_t i = 0; i < r->nsuite; i++)
		d->suite_left[i] = r->head.suite[i].planned;
	take_turns(d);
	/* What is in the air when a run stops early is paid for nothing. */
	size_t per_job = r->stage && r->stage->early ? 1 : LIVE_PER_JOB;
	d->live_max = (size_t)(r->o.jobs ? r->o.jobs : CALLER_MAX_DEFAULT) * per_job;
}

static void release_samples(struct driver *d)
{
	for (size_t i = 0; i < d->sample.n; i++)
		arena_release(&d->sample.v[i]->arena);
	if (d->held)
		arena_release(&d->held->arena);
	arena_release(&d->e.scratch);
	buf_release(&d->e.line);
}

static void note_aged(struct driver *d)
{
	struct run *r = d->e.r;
	for (size_t i = 0; i < r->nsuite; i++)
		r->suite[i].rejudged = d->e.money[i].rejudged;
	json_t *notes = (json_t *)(uintptr_t)r->head.notes;
	for (size_t i = 0; notes && i < r->nsuite; i++) {
		const char *name = r->suite[i].conf->target->name;
		if (!d->e.money[i].aged)
			continue;
		json_t *text = json_sprintf("suite '%s': answers of target '%s' were taken from the store; what is deployed "
					    "there may be another by now, and --fresh calls it again",
					    r->suite[i].conf->name, name);
		if (json_array_append_new(notes, text))
			die_oom();
	}
}

int run_execute(struct run *r, struct progress *p, struct err *err)
{
	struct driver d;
	setup(&d, r, p);
	int bad = run_open_store(r, err) ||
		  replies_open(&d.e.replies, r->store, r->o.fresh, r->o.reply_dir, r->o.replay,
			       r->arena, err) ||
		  open_net(&d, err) || learn(&d, err) || begin_run(&d, err) || (!r->refused && play(&d, err));
	if (d.e.caller && caller_stopped_reason(d.e.caller))
		r->head.stopped = arena_fmt(r->arena, "%s", caller_stopped_reason(d.e.caller));
	else if (d.e.over_budget)
		r->head.stopped = d.e.over_budget;
	sample_spent(&d.e);
	r->paid_micro = purse_paid_micro(&d.e.purse);
	note_aged(&d);
	r->suspended = d.interrupts > 0;
	r->called = r->head.spend.calls || (d.e.caller && caller_stats(d.e.caller).attempts);
	const char *proxy = d.out.http ? http_proxy(d.out.http) : NULL;
	r->head.proxy = proxy ? arena_cstr(r->arena, str_c(proxy)) : NULL;
	if (d.interrupts) {
		/* The record is being written: one more Ctrl-C must not leave it half done. */
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
	}
	close_net(&d);
	if (!bad)
		bad = replies_close(&d.e.replies, err);
	release_samples(&d);
	return bad ? -1 : 0;
}
