#include "run/caller.h"

#include "run/flight.h"

enum { NS_PER_MS = 1000000, DEADLINE_MS = 120000, ATTEMPTS = 4 };
/* What a new endpoint may have in flight before anything is known of it. */
enum { WINDOW_START = 64 };
/* Retries that an endpoint has to begin with, for each place of -j; a tenth more with every call.  A
 * server that is gone sees no more than that; one that recovers gives back what its answers took. */
enum { RETRIES_PER_PLACE = 4, RETRIES_MIN = 25 };
#define RETRIES_PER_CALL 0.1
/* Local answers of one turn end after this time, so that sockets are read in between. */
enum { LOCAL_TURN_NS = NS_PER_MS };

static void pump(struct loop_task *t);

struct caller *caller_new(const struct caller_opts *o)
{
	struct caller *c = arena_new(o->arena, struct caller);
	c->o = *o;
	c->pump = (struct loop_task){ .fn = pump, .ctx = c };
	c->run_ns = loop_now(o->loop);
	c->rates = rate_new(o->limit, o->nlimit, loop_now(o->loop), o->arena);
	c->rng = rng_seed(o->seed, STR("caller"), "back-off");
	if (!c->o.max)
		c->o.max = CALLER_MAX_DEFAULT;
	if (!c->o.deadline_ms)
		c->o.deadline_ms = DEADLINE_MS;
	if (!c->o.attempts)
		c->o.attempts = ATTEMPTS;
	return c;
}

void caller_age(struct caller *c, int64_t ms)
{
	c->run_ns = loop_now(c->o.loop) - (ms > 0 ? ms : 0) * NS_PER_MS;
}

static void cancel_list(struct job_list *l)
{
	for (struct caller_job *j = l->first; j; j = j->next)
		flight_cancel(j->flight);
}

void caller_free(struct caller *c)
{
	if (!c)
		return;
	cancel_list(&c->flying);
	cancel_list(&c->waiting);
	for (struct lane *lane = c->lanes; lane; lane = lane->next)
		loop_timer_clear(c->o.loop, &lane->wake);
	loop_unpost(c->o.loop, &c->pump);
}

/* --- lanes ---------------------------------------------------------------------------------------- */

static void wake(struct loop_timer *t)
{
	struct lane *lane = t->ctx;
	loop_post(lane->caller->o.loop, &lane->caller->pump);
}

/* Applications have their address in settings of their own: each target is a lane. */
static const char *application_of(const struct endpoint *e)
{
	return e->provider->given == GIVEN_NOTHING ? NULL : e->name;
}

static bool same_application(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void share_limits(struct lane *lane, struct caller *c)
{
	struct str provider = str_c(lane->provider->name);
	lane->rate = arena_array(c->o.arena, struct rate *, c->o.nlimit);
	for (struct rate *r = c->rates; r; r = r->next)
		if (rate_fits(r->rule, provider, lane->model))
			lane->rate[lane->nrate++] = r;
}

static struct lane *lane_new(struct caller *c, const struct endpoint *e)
{
	struct arena *a = c->o.arena;
	struct lane *lane = arena_new(a, struct lane), **at = &c->lanes;
	*lane = (struct lane){
		.caller = c,
		.provider = e->provider,
		.base_url = arena_str(a, e->base_url),
		.model = arena_str(a, e->model),
		.application = application_of(e),
		.wake = { .fn = wake, .ctx = lane },
	};
	unsigned max = e->provider->runs && c->o.programs && c->o.programs->max ? c->o.programs->max :
										  c->o.max;
	aimd_init(&lane->aimd, WINDOW_START < max ? WINDOW_START : max, max);
	lane->place = arena_str(a, e->place);
	lane->credit = RETRIES_PER_PLACE * (c->o.max > RETRIES_MIN ? c->o.max : RETRIES_MIN);
	share_limits(lane, c);
	while (*at)
		at = &(*at)->next;
	*at = lane;
	return lane;
}

static struct lane *lane_of(struct caller *c, const struct endpoint *e)
{
	for (struct lane *lane = c->lanes; lane; lane = lane->next)
		if (lane->provider == e->provider && str_eq(lane->base_url, e->base_url) &&
		    str_eq(lane->model, e->model) && str_eq(lane->place, e->place) &&
		    same_application(lane->application, application_of(e)))
			return lane;
	return lane_new(c, e);
}

void lane_entered(struct lane *l)
{
	l->in_flight++;
	for (size_t i = 0; i < l->nrate; i++)
		l->rate[i]->in_flight++;
}

void lane_left(struct lane *l)
{
	l->in_flight--;
	for (size_t i = 0; i < l->nrate; i++)
		l->rate[i]->in_flight--;
}

/* Take one call out of every limit, or nothing of any: then the nanoseconds to wait, or -1 until some
 * call has ended. */
static int64_t take_limits(struct lane *lane, double ahead, int64_t now)
{
	int64_t wait = 0;
	for (size_t i = 0; i < lane->nrate; i++) {
		struct rate *r = lane->rate[i];
		if (r->rule->concurrency && r->in_flight >= r->rule->concurrency)
			return -1;
		int64_t requests = bucket_wait(&r->requests, 1, now), tokens = bucket_wait(&r->tokens, ahead, now);
		wait = requests > wait ? requests : wait;
		wait = tokens > wait ? tokens : wait;
	}
	for (size_t i = 0; i < lane->nrate && !wait; i++) {
		bucket_take(&lane->rate[i]->requests, 1, now);
		bucket_take(&lane->rate[i]->tokens, ahead, now);
	}
	return wait;
}

/* May this lane start a call now?  If not for its hold or its limits, it sets its alarm. */
static bool lane_ready(struct lane *lane, int64_t now)
{
	if (!lane->queue.n || lane->in_flight >= aimd_window(&lane->aimd))
		return false;
	struct caller_job *job = lane->queue.first;
	int64_t wait = aimd_start_ns(&lane->aimd, now) - now;
	if (wait <= 0) {
		job->flight->ahead = lane->nrate ? rate_ahead(job->call, lane->seen_out) : 0;
		wait = take_limits(lane, job->flight->ahead, now);
	}
	if (!wait)
		return true;
	if (wait > 0)
		loop_timer_set(lane->caller->o.loop, &lane->wake, now + wait);
	return false;
}

/* --- the pump --------------------------------------------------------------------------------------- */

/* A round gives every endpoint one call, so that none starves when all share -j. */
static void start_calls(struct caller *c)
{
	bool started = true;
	int64_t now = loop_now(c->o.loop);
	while (started && !c->stop_text) {
		started = false;
		for (struct lane *lane = c->lanes; lane && c->flying.n < c->o.max; lane = lane->next) {
			if (!lane_ready(lane, now))
				continue;
			flight_start(lane->queue.first->flight);
			started = true;
		}
	}
}

static void answer_local(struct caller *c)
{
	int64_t end = loop_clock_ns(c->o.loop) + LOCAL_TURN_NS;
	while (c->local.n) {
		struct caller_job *job = c->local.first;
		job->call->endpoint->provider->local_answer(&job->reply, job->call);
		job->reply.attempts = 1;
		flight_done(job->flight);
		if (loop_clock_ns(c->o.loop) >= end)
			break;
	}
	if (c->local.n)
		loop_post(c->o.loop, &c->pump);
}

static void report_ended(struct caller *c)
{
	for (unsigned n = c->ended.n; n && c->ended.n; n--)
		flight_done(c->ended.first->flight);
	if (c->ended.n)
		loop_post(c->o.loop, &c->pump);
}

static void pump(struct loop_task *t)
{
	struct caller *c = t->ctx;
	report_ended(c);
	answer_local(c);
	start_calls(c);
}

/* --- stopping ----------------------------------------------------------------------------------------- */

static void end_list(struct caller *c, struct job_list *l)
{
	while (l->first) {
		struct caller_job *job = l->first;
		flight_cancel(job->flight);
		job_move(job, &c->ended);
		reply_reset(&job->reply);
		job->reply.attempts = job->flight->attempt;
		reply_fail(&job->reply, c->stop_why, false, "%s", c->stop_text);
	}
}

void caller_end_all(struct caller *c, enum fail why, const char *text, bool flying)
{
	if (c->stop_text)
		return;
	c->stop_why = why;
	c->stop_text = text;
	if (flying)
		end_list(c, &c->flying);
	end_list(c, &c->waiting);
	end_list(c, &c->local);
	for (struct lane *lane = c->lanes; lane; lane = lane->next)
		end_list(c, &lane->queue);
	loop_post(c->o.loop, &c->pump);
}

/* --- public --------------------------------------------------------------------------------------------- */

void caller_start(struct caller *c, struct caller_job *job)
{
	const struct endpoint *e = job->call->endpoint;
	struct caller_flight *f = arena_new(job->arena, struct caller_flight);
	*f = (struct caller_flight){ .caller = c, .job = job };
	job->flight = f;
	job->next = job->prev = NULL;
	reply_init(&job->reply, job->arena);
	c->stats.started++;
	loop_post(c->o.loop, &c->pump);
	if (c->stop_text) {
		reply_fail(&job->reply, c->stop_why, false, "%s", c->stop_text);
		job_move(job, &c->ended);
	} else if (e->provider->local) {
		job_move(job, &c->local);
	} else {
		f->lane = lane_of(c, e);
		f->lane->credit += RETRIES_PER_CALL;
		job_move(job, &f->lane->queue);
	}
}

void caller_known(struct caller *c, const struct endpoint *e)
{
	lane_of(c, e)->known = true;
}

static unsigned queued(const struct caller *c)
{
	unsigned n = c->local.n + c->ended.n;
	for (const struct lane *lane = c->lanes; lane; lane = lane->next)
		n += lane->queue.n;
	return n;
}

unsigned caller_capacity(const struct caller *c)
{
	unsigned live = c->flying.n + c->waiting.n + queued(c);
	return live < c->o.max ? c->o.max - live : 0;
}

void caller_stop(struct caller *c, enum fail why, const char *text)
{
	if (c->stop_text) {
		/* It had stopped by itself and let what was on the wire answer: that ends now, too. */
		end_list(c, &c->flying);
		loop_post(c->o.loop, &c->pump);
	}
	caller_end_all(c, why, arena_cstr(c->o.arena, str_c(text)), true);
}

const char *caller_stopped_reason(const struct caller *c)
{
	return c->stop_text;
}

struct caller_stats caller_stats(const struct caller *c)
{
	struct caller_stats s = c->stats;
	s.in_flight = c->flying.n;
	s.queued = queued(c);
	s.waiting = c->waiting.n;
	for (const struct lane *lane = c->lanes; lane; lane = lane->next)
		s.window += aimd_window(&lane->aimd);
	if (s.window > c->o.max)
		s.window = c->o.max;
	return s;
}
