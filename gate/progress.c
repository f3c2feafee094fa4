#include "gate/progress.h"

#include <stdio.h>

enum { BAR = 18, LOG_EVERY_S = 10 };
#define NS_PER_S INT64_C(1000000000)

static size_t done_of(const struct suite_head *s)
{
	return s->scored + s->unscored + s->quarantined + s->surplus;
}

static void put_bar(const struct progress_view *v, size_t done, size_t planned)
{
	size_t full = planned ? done * BAR / planned : 0;
	for (size_t i = 0; i < BAR; i++)
		fputs(i < full ? (v->gate->err.utf8 ? "█" : "#") : (v->gate->err.utf8 ? "░" : "."), stderr);
}

static void put_line(const struct progress_view *v, const struct suite_head *s, int64_t elapsed_ns)
{
	size_t done = done_of(s);
	double seconds = (double)elapsed_ns / (double)NS_PER_S;
	fprintf(stderr, "  %-12s %zu/%zu  ", s->name, done, s->planned);
	if (v->gate->err.tty)
		put_bar(v, done, s->planned);
	fprintf(stderr, "  %.0f s", seconds);
	if (seconds >= 1)
		fprintf(stderr, "  %.0f/s", (double)done / seconds);
	double usd = s->usd + s->judge_usd;
	if (usd > 0)
		fprintf(stderr, usd >= 0.1 ? "  $%.2f" : "  $%.4f", usd);
	if (s->unscored)
		fprintf(stderr, "  %zu unscored", s->unscored);
}

static void update(struct progress *p, const struct run *r, size_t suite, bool done)
{
	struct progress_view *v = p->ctx;
	int64_t now = v->gate->clock.mono_ns(v->gate->clock.ctx);
	bool tty = v->gate->err.tty;
	if (v->quiet || (!tty && !done && now - v->shown_ns < LOG_EVERY_S * NS_PER_S))
		return;
	v->shown_ns = now;
	if (tty)
		fputs("\r\033[K", stderr);
	put_line(v, &r->head.suite[suite],
		 done ? r->head.suite[suite].wall_ms * 1000000 : now - v->start_ns);
	v->line_open = tty && (!done || v->passing);
	if (!v->line_open)
		fputc('\n', stderr);
	fflush(stderr);
}

void progress_init(struct progress_view *v, const struct gate *g, bool quiet)
{
	int64_t now = g->clock.mono_ns(g->clock.ctx);
	*v = (struct progress_view){
		.progress = { .update = update },
		.gate = g,
		.quiet = quiet,
		.passing = term_same(&g->out, &g->err),
		.start_ns = now,
		.shown_ns = now,
	};
	v->progress.ctx = v;
}

void progress_end(struct progress_view *v)
{
	if (v->line_open)
		fputs("\r\033[K", stderr);
	v->line_open = false;
}
