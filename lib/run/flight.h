/* struct caller_flight: one job on its way through the caller, and struct lane: the endpoint it goes
 * to with its queue and window.  For caller.c, flight.c and program.c alone. */
#ifndef RUN_FLIGHT_H
#define RUN_FLIGHT_H

#include "net/aimd.h"
#include "net/retry.h"
#include "provider/provider.h"
#include "run/caller.h"
#include "run/rate.h"

struct job_list {
	struct caller_job *first, *last;
	unsigned n;
};

struct lane {
	struct lane *next;
	struct caller *caller;
	const struct provider_ops *provider;
	struct str base_url, model;
	const char *application; /* one that has neither: its target's name; else NULL */
	struct job_list queue;
	struct aimd aimd;
	struct str place;
	struct rate **rate;     /* the limits that it shares */
	size_t nrate;
	double seen_out;        /* the most tokens that an answer has had */
	double credit;          /* retries that are left: caller.c */
	struct loop_timer wake; /* a hold or a bucket ends */
	unsigned in_flight;
	/* Refusals of one kind since the start, while nothing was answered. */
	unsigned refusals;
	int refusal_status;
	enum fail refusal;
	bool answered;
	bool known; /* it did, before this run */
};

struct caller {
	struct caller_opts o;
	struct loop_task pump;
	struct lane *lanes;
	struct rate *rates;
	struct job_list flying, waiting, local, ended;
	struct rng rng;
	int64_t run_ns; /* when the run began */
	enum fail stop_why;
	const char *stop_text; /* NULL while calls go on */
	struct caller_stats stats;
};

struct caller_flight {
	struct caller *caller;
	struct lane *lane;
	struct caller_job *job;
	struct job_list *in;
	struct wire_req req;
	struct http_xfer xfer;
	struct child_xfer program;  /* instead of xfer, whose times and status it fills in */
	struct loop_timer back_off;
	void *state;
	unsigned attempt, resent; /* resent: by http itself, inside of attempts */
	int64_t began_ns, deadline_ns; /* of the first attempt */
	int64_t token_ns, visible_ns, terminal_ns;
	int64_t after_ms;
	int advice;
	double ahead;            /* tokens that this attempt was counted with */
	struct aimd_quota quota; /* the scarcer of requests and tokens */
};

/* Calls of a lane that enter and leave the wire, in its own count and in those of its limits. */
void lane_entered(struct lane *l);
void lane_left(struct lane *l);

void job_move(struct caller_job *job, struct job_list *to);
void job_move_front(struct caller_job *job, struct job_list *to);

/* Start the next attempt; its end comes later from the loop.  What cannot be sent at all is put among
 * the ended. */
void flight_start(struct caller_flight *f);
/* An attempt has ended and its reply says how: try again, or be done. */
void flight_ended(struct caller_flight *f);
/* Run the program of f->req.exec.  -1: it cannot even begin. */
int program_start(struct caller_flight *f, struct err *err) MUST_USE;
/* A piece of the answer for the codec. */
int flight_feed(struct caller_flight *f, struct str piece, int64_t now_ns);
/* Off the wire and out of every timer. */
void flight_cancel(struct caller_flight *f);
/* Count the ended job, let it stop the caller when it must, and tell its owner. */
void flight_done(struct caller_flight *f);
/* End everything, now and later.  Without `flying`, calls that are on the wire may still answer: they are
 * paid for, and no attempt follows them. */
void caller_end_all(struct caller *c, enum fail why, const char *text, bool flying);

#endif
