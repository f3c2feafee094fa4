#include "run/flight.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "net/quota.h"

enum { NS_PER_MS = 1000000, REFUSALS_MAX = 5 };
/* A failure's text as records and reports keep it: two lines of a screen. */
enum { FAIL_TEXT_SHOWN = 400 };

/* --- lists ------------------------------------------------------------------------------------ */

static void unlink_job(struct caller_job *job)
{
	struct job_list *l = job->flight->in;
	if (!l)
		return;
	*(job->prev ? &job->prev->next : &l->first) = job->next;
	*(job->next ? &job->next->prev : &l->last) = job->prev;
	job->next = job->prev = NULL;
	job->flight->in = NULL;
	l->n--;
}

void job_move(struct caller_job *job, struct job_list *to)
{
	unlink_job(job);
	job->prev = to->last;
	*(to->last ? &to->last->next : &to->first) = job;
	to->last = job;
	to->n++;
	job->flight->in = to;
}

void job_move_front(struct caller_job *job, struct job_list *to)
{
	unlink_job(job);
	job->next = to->first;
	*(to->first ? &to->first->prev : &to->last) = job;
	to->first = job;
	to->n++;
	job->flight->in = to;
}

/* --- while it comes in -------------------------------------------------------------------------- */

static int on_head(struct http_xfer *x, const struct wire_status *st)
{
	struct caller_flight *f = x->ctx;
	struct clock c = f->caller->o.clock;
	int64_t wall_ms = c.wall_ms(c.ctx);
	f->quota = quota_read(st, wall_ms);
	if (st->code >= 400) {
		f->after_ms = retry_after_ms(st, wall_ms);
		f->advice = retry_advice(st);
	}
	return f->lane->provider->begin(f->state, &f->job->reply, st, f->job->call);
}

int flight_feed(struct caller_flight *f, struct str piece, int64_t now_ns)
{
	unsigned events = 0;
	int result = f->lane->provider->feed(f->state, &f->job->reply, piece, &events);
	if ((events & FEED_FIRST_TOKEN) && !f->token_ns)
		f->token_ns = now_ns;
	if ((events & FEED_FIRST_VISIBLE) && !f->visible_ns)
		f->visible_ns = now_ns;
	if ((events & FEED_TERMINAL) && !f->terminal_ns)
		f->terminal_ns = now_ns;
	return result;
}

static int on_body(struct http_xfer *x, struct str piece, int64_t now_ns)
{
	return flight_feed(x->ctx, piece, now_ns);
}

/* --- when it has ended ---------------------------------------------------------------------------- */

static int64_t since(int64_t from, int64_t to)
{
	return !to ? -1 : to > from ? to - from : 0;
}

static void take_times(struct caller_flight *f)
{
	const struct http_xfer *x = &f->xfer;
	struct reply *r = &f->job->reply;
	int64_t from = x->request_ns ? x->request_ns : x->start_ns;
	r->time.latency = since(from, f->terminal_ns ? f->terminal_ns : x->end_ns);
	r->time.connect = since(x->start_ns, from);
	r->time.wait = since(f->began_ns, x->start_ns);
	if (!r->streamed)
		return;
	r->time.ttft = since(from, f->token_ns);
	r->time.ttfv = since(from, f->visible_ns);
}

/* Failed attempts have it, too: they stand in time like answers. */
static void take_begun(struct caller_flight *f)
{
	int64_t ns = f->xfer.start_ns - f->caller->run_ns;
	if (f->xfer.start_ns)
		f->job->reply.time.begun_ms = (ns > 0 ? ns / NS_PER_MS : 0) + 1;
}

/* What the transport says goes before what the codec made of half a body; but a status that is
 * an error, and a stream whose terminal event was seen, speak for themselves. */
static void judge(struct caller_flight *f)
{
	struct http_xfer *x = &f->xfer;
	struct reply *r = &f->job->reply;
	const char *why = x->why ? x->why : "";
	if (x->end == HTTP_DONE || x->status >= 300 || (f->terminal_ns && !r->fail)) {
		if (x->status)
			f->lane->provider->finish(f->state, r);
		return;
	}
	switch (x->end) {
	case HTTP_DENIED:
		reply_fail(r, FAIL_DENIED, false, "%s", why);
		break;
	case HTTP_UNTRUSTED:
		reply_fail(r, FAIL_NETWORK, false, "%s", why);
		break;
	case HTTP_NETWORK:
		reply_fail(r, FAIL_NETWORK, true, "%s", why);
		break;
	case HTTP_CUT:
		/* An answer had begun: asking again would be rolling the dice again. */
		reply_fail(r, FAIL_CUT, false, "the answer was cut before its end: %s", why);
		break;
	case HTTP_MALFORMED:
		reply_fail(r, FAIL_MALFORMED, false, "the server does not speak HTTP: %s", why);
		break;
	case HTTP_TOO_LARGE:
		reply_fail(r, FAIL_TOO_LARGE, false, "%s", why);
		break;
	case HTTP_DEADLINE:
		reply_fail(r, FAIL_DEADLINE, false, "no %s within the call's deadline of %lld ms",
			   x->status ? "end of the answer" : x->request_ns ? "answer" :
			   x->no_key ? "AWS credentials" : "connection",
			   (long long)((f->deadline_ns - f->began_ns) / NS_PER_MS));
		break;
	case HTTP_STOPPED:
	case HTTP_DONE:
		reply_fail(r, FAIL_MALFORMED, false, "the answer could not be read");
		break;
	}
}

/* The limits count what the call took, no longer what it might have. */
static void tell_limits(struct caller_flight *f)
{
	struct lane *lane = f->lane;
	const struct reply *r = &f->job->reply;
	if ((double)r->usage.out > lane->seen_out)
		lane->seen_out = (double)r->usage.out;
	for (size_t i = 0; i < lane->nrate; i++) {
		double burndown = rate_burndown(lane->rate[i]->rule, str_c(lane->provider->name), lane->model);
		bucket_adjust(&lane->rate[i]->tokens, rate_taken(r, burndown, f->ahead) - f->ahead);
	}
}

static void tell_window(struct caller_flight *f)
{
	struct lane *lane = f->lane;
	const struct reply *r = &f->job->reply;
	int64_t now = loop_now(f->caller->o.loop);
	aimd_quota_seen(&lane->aimd, now, f->quota, lane->in_flight);
	if (r->fail == FAIL_NONE) {
		aimd_good(&lane->aimd, now, lane->in_flight);
	} else if (r->fail == FAIL_RATE_LIMITED && r->retryable) {
		f->caller->stats.throttles += aimd_throttled(&lane->aimd, now, f->after_ms);
	} else if (r->fail == FAIL_SERVER || r->fail == FAIL_NETWORK || r->fail == FAIL_DEADLINE ||
		   r->fail == FAIL_CUT) {
		aimd_trouble(&lane->aimd, now, f->after_ms);
	}
}

static void try_again(struct loop_timer *t)
{
	struct caller_flight *f = t->ctx;
	job_move_front(f->job, &f->lane->queue);
	loop_post(f->caller->o.loop, &f->caller->pump);
}

/* All of its retries are gone and it never answered: the rest would only be more of it. */
static void give_up_lane(struct caller_flight *f, const char *text)
{
	struct caller *c = f->caller;
	const char *name = f->job->call->endpoint->name;
	if (!c->stop_text)
		caller_end_all(c, FAIL_NOT_CALLED,
			       arena_fmt(c->o.arena, "no call of target '%s' was answered in %llu attempts: %s",
					 name ? name : "", (unsigned long long)c->stats.attempts, text), false);
}

/* Says why there is no further attempt, or sets the timer of the next. */
static bool retry(struct caller_flight *f)
{
	struct caller *c = f->caller;
	struct reply *r = &f->job->reply;
	int64_t now = loop_now(c->o.loop), wait = 0;
	struct retry_in in = {
		.attempt = f->attempt,
		.attempts = c->o.attempts,
		.retryable = r->retryable,
		.advice = f->xfer.status >= 400 ? f->advice : -1,
		.after_ms = f->after_ms,
		.left_ms = (f->deadline_ns - now) / NS_PER_MS,
		.waiting = c->waiting.n,
	};
	enum retry_verdict v = retry_next(&in, &c->rng, &wait);
	const char *text = r->fail_text.p ? r->fail_text.p : "";
	if (v == RETRY_SPENT && f->attempt > 1)
		r->fail_text = str_c(arena_fmt(r->arena, "%s; gave up after %u attempts", text,
					       f->attempt));
	if (v == RETRY_TOO_LATE)
		r->fail_text = str_c(arena_fmt(r->arena, "%s; the next attempt would pass the deadline",
					       text));
	if (v != RETRY_AGAIN || c->stop_text)
		return false;
	if (f->lane->credit < 1) {
		r->fail_text = str_c(arena_fmt(r->arena, "%s; not tried again: too many calls of this endpoint have "
					       "failed", text));
		if (!f->lane->answered)
			give_up_lane(f, text);
		return false;
	}
	f->lane->credit--;
	c->stats.retries++;
	f->back_off = (struct loop_timer){ .fn = try_again, .ctx = f };
	loop_timer_set(c->o.loop, &f->back_off, now + wait * NS_PER_MS);
	job_move(f->job, &c->waiting);
	return true;
}

void flight_ended(struct caller_flight *f)
{
	struct reply *r = &f->job->reply;
	struct loop *loop = f->caller->o.loop;
	f->resent += f->xfer.resent;
	r->attempts = f->attempt + f->resent;
	r->http_status = f->xfer.status;
	tell_window(f);
	tell_limits(f);
	lane_left(f->lane);
	loop_post(loop, &f->caller->pump);
	if (r->fail && retry(f))
		return;
	if (!r->fail) {
		take_times(f);
		f->lane->credit += f->attempt - 1; /* they were not in vain */
	}
	take_begun(f);
	flight_done(f);
}

static void on_done(struct http_xfer *x)
{
	judge(x->ctx);
	flight_ended(x->ctx);
}

/* --- public --------------------------------------------------------------------------------------- */

static void fail_unsent(struct caller_flight *f, const struct err *err)
{
	enum fail why = err->kind == ERR_TRUST	  ? FAIL_DENIED :
			f->req.exec		  ? FAIL_PROGRAM :
			err->kind == ERR_ARTIFACT ? FAIL_REQUEST_REFUSED :
			err->kind == ERR_SYSTEM	  ? FAIL_NETWORK :
						    FAIL_DENIED;
	reply_fail(&f->job->reply, why, false, "%s", err->msg);
	job_move(f->job, &f->caller->ended);
	loop_post(f->caller->o.loop, &f->caller->pump);
}

static int prepare(struct caller_flight *f, struct err *err)
{
	struct caller *c = f->caller;
	if (f->attempt) {
		reply_reset(&f->job->reply);
	} else {
		if (!c->o.http && !f->lane->provider->runs)
			return err_set(err, ERR_BUG, "this run was started without a network");
		if (f->lane->provider->encode(&f->req, f->job->call, f->job->arena, err))
			return -1;
		f->began_ns = loop_now(c->o.loop);
		f->deadline_ns = f->began_ns + c->o.deadline_ms * NS_PER_MS;
	}
	return 0;
}

void flight_start(struct caller_flight *f)
{
	struct caller *c = f->caller;
	struct err err = ERR_INIT;
	if (prepare(f, &err)) {
		fail_unsent(f, &err);
		return;
	}
	f->attempt++;
	f->token_ns = f->visible_ns = f->terminal_ns = 0;
	f->after_ms = f->advice = -1;
	f->quota = (struct aimd_quota){ -1, -1, -1 };
	f->state = arena_alloc(f->job->arena, f->lane->provider->state_size);
	f->xfer = (struct http_xfer){
		.req = &f->req,
		.arena = f->job->arena,
		.body_max = REPLY_BYTES_MAX,
		.deadline_ns = f->deadline_ns,
		.on_head = on_head,
		.on_body = on_body,
		.on_done = on_done,
		.ctx = f,
	};
	if (f->req.exec ? program_start(f, &err) : http_start(c->o.http, &f->xfer, &err)) {
		fail_unsent(f, &err);
		return;
	}
	c->stats.attempts++;
	lane_entered(f->lane);
	job_move(f->job, &c->flying);
}

void flight_cancel(struct caller_flight *f)
{
	struct caller *c = f->caller;
	if (f->in == &c->flying) {
		if (f->req.exec)
			child_cancel(c->o.programs->child, &f->program);
		else
			http_cancel(c->o.http, &f->xfer);
		lane_left(f->lane);
	}
	loop_timer_clear(c->o.loop, &f->back_off);
}

/* The same refusal five times and never an answer: the rest would only be more of it. */
static void count_refusal(struct caller_flight *f)
{
	struct lane *lane = f->lane;
	const struct reply *r = &f->job->reply;
	bool counts = !r->retryable || r->fail == FAIL_NETWORK;
	bool own = r->fail == FAIL_REQUEST_REFUSED || r->fail == FAIL_PROGRAM; /* this case's own fault, perhaps */
	counts = counts && !(lane->known && own);
	if (r->fail == FAIL_NONE)
		lane->answered = true;
	if (lane->answered || !counts || r->fail == FAIL_NOT_CALLED || r->fail == FAIL_DEADLINE ||
	    r->fail == FAIL_CUT || r->fail == FAIL_MALFORMED || r->fail == FAIL_TOO_LARGE)
		return;
	bool same = lane->refusal == r->fail && lane->refusal_status == r->http_status;
	lane->refusals = same ? lane->refusals + 1 : 1;
	lane->refusal = r->fail;
	lane->refusal_status = r->http_status;
	struct caller *c = f->caller;
	if (lane->refusals < REFUSALS_MAX || c->stop_text)
		return;
	const char *name = f->job->call->endpoint->name;
	const char *text = arena_fmt(c->o.arena, "the first %d calls of target '%s' all failed alike: %.*s",
				     REFUSALS_MAX, name ? name : "", STR_ARGS(r->fail_text));
	caller_end_all(c, FAIL_NOT_CALLED, text, false);
}

void flight_done(struct caller_flight *f)
{
	struct caller *c = f->caller;
	struct caller_job *job = f->job;
	struct reply *r = &job->reply;
	unlink_job(job);
	reply_scrub(r, c->o.redactor);
	if (r->fail) {
		r->fail_text = utf8_prefix(r->fail_text, FAIL_TEXT_SHOWN);
		c->stats.failed++;
	} else {
		c->stats.answered++;
	}
	if (f->lane)
		count_refusal(f);
	job->done(job); /* f may be gone now */
}
