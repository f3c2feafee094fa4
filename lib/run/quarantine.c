#include "run/quarantine.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/jsonx.h"
#include "run/plan.h"

#include <inttypes.h>

enum { GROUPS_MAX = 10, IDS_SHOWN = 5, SOON_DAYS = 14, TEXT_MAX = 200 };
enum { DAY_MS = 86400000 };

/* Cases of one suite that the same person keeps out for the same reason and time. */
struct group {
	struct str until, owner, reason;
	struct str id[IDS_SHOWN];
	size_t n;
};

struct ward {
	const struct run *r;
	struct arena arena;
	struct group group[GROUPS_MAX];
	size_t ngroup, out, rest; /* all that are out; of those, in no group */
};

static struct group *group_of(struct ward *w, const struct tcase *c)
{
	struct str until = json_get_str(c->quarantine, "until"), owner = json_get_str(c->quarantine, "owner");
	struct str reason = json_get_str(c->quarantine, "reason");
	for (size_t i = 0; i < w->ngroup; i++) {
		struct group *g = &w->group[i];
		if (str_eq(g->until, until) && str_eq(g->owner, owner) && str_eq(g->reason, reason))
			return g;
	}
	if (w->ngroup == GROUPS_MAX)
		return NULL;
	struct group *g = &w->group[w->ngroup++];
	*g = (struct group){
		.until = arena_str(&w->arena, until),
		.owner = arena_str(&w->arena, owner),
		.reason = arena_str(&w->arena, reason),
	};
	return g;
}

static void take(struct ward *w, const struct tcase *c)
{
	if (!plan_quarantined(c, w->r->head.start_ms))
		return;
	struct group *g = group_of(w, c);
	w->out++;
	w->rest += !g;
	if (g && g->n < IDS_SHOWN)
		g->id[g->n] = arena_str(&w->arena, c->id);
	if (g)
		g->n++;
}

static void add_note(json_t *notes, const struct buf *b)
{
	if (json_array_append_new(notes, json_from_str(buf_str(b))))
		die_oom();
}

static void note_group(const struct group *g, const char *suite, json_t *notes)
{
	struct buf b;
	buf_init(&b, 16 * KIB);
	buf_addf(&b, "suite '%s': %zu case%s %s in quarantine until %.*s", suite, g->n, num_s(g->n),
		 g->n == 1 ? "is" : "are", STR_ARGS(g->until));
	if (g->owner.n || g->reason.n)
		buf_addf(&b, " (%.*s%s%.*s)", STR_ARGS(g->owner.n ? utf8_prefix(g->owner, TEXT_MAX) : STR("no owner")),
			 g->reason.n ? ": " : "", STR_ARGS(utf8_prefix(g->reason, TEXT_MAX)));
	else
		buf_adds(&b, " (no owner)");
	buf_adds(&b, g->n == 1 ? " and does not count: " : " and do not count: ");
	for (size_t i = 0; i < g->n && i < IDS_SHOWN; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARGS(g->id[i]));
	if (g->n > IDS_SHOWN)
		buf_addf(&b, " and %zu more", g->n - IDS_SHOWN);
	add_note(notes, &b);
	buf_release(&b);
}

static void note_suite(const struct ward *w, const struct suite_plan *s, json_t *notes)
{
	struct buf b;
	for (size_t i = 0; i < w->ngroup; i++)
		note_group(&w->group[i], s->conf->name, notes);
	buf_init(&b, 16 * KIB);
	if (w->rest) {
		buf_addf(&b, "suite '%s': %zu more case%s %s in quarantine and %s not count", s->conf->name, w->rest,
			 num_s(w->rest), w->rest == 1 ? "is" : "are", w->rest == 1 ? "does" : "do");
		add_note(notes, &b);
	}
	buf_reset(&b);
	if (2 * w->out > s->ncase) {
		buf_addf(&b, "suite '%s': more than half of it is in quarantine: its verdict rests on %zu of %zu cases",
			 s->conf->name, s->ncase - w->out, s->ncase);
		add_note(notes, &b);
	}
	buf_release(&b);
}

int quarantine_notes(const struct run *r, json_t *notes, struct err *err)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_plan *s = &r->suite[i];
		struct ward w = { .r = r, .arena = ARENA_INIT };
		struct arena scratch = ARENA_INIT;
		int bad = 0;
		bool any = s->conf->has_quarantine && s->role == SUITE_PLAIN;
		for (size_t k = 0; any && k < s->ncase && !bad; k++) {
			struct arena_mark m = arena_mark(&scratch);
			struct tcase c;
			bad = cases_get(s->conf->cases, plan_case(s, k), &c, &scratch, err);
			if (!bad)
				take(&w, &c);
			arena_rewind(&scratch, m);
		}
		if (!bad)
			note_suite(&w, s, notes);
		arena_release(&scratch);
		arena_release(&w.arena);
		if (bad)
			return -1;
	}
	return 0;
}

void quarantine_warn(const struct run *r, const struct tcase *c, size_t *told, struct diags *d)
{
	int64_t until, now = r->head.start_ms;
	if (!c->quarantined || !clock_parse(c->quarantine_until, &until))
		return;
	bool orphan = !str_trim(json_get_str(c->quarantine, "owner")).n, over = until <= now;
	int64_t days = (until - now + DAY_MS - 1) / DAY_MS;
	if ((!orphan && !over && days > SOON_DAYS) || (*told)++ >= QUARANTINE_WARNINGS)
		return;
	if (over)
		diag_warn(d, c->at, "quarantine", "case '%.*s': its quarantine ended on %.*s: it counts again",
			  STR_ARGS(c->id), STR_ARGS(c->quarantine_until));
	else if (days <= SOON_DAYS)
		diag_warn(d, c->at, "quarantine", "case '%.*s': its quarantine ends on %.*s, in %" PRId64 " day%s%s",
			  STR_ARGS(c->id), STR_ARGS(c->quarantine_until), days, num_s((size_t)days),
			  orphan ? ", and nobody owns it" : "");
	else
		diag_warn(d, c->at, "quarantine", "case '%.*s' is in quarantine, and nobody owns it", STR_ARGS(c->id));
	diag_hint(d, over ? "remove the quarantine, or give it a new date in the protected branch" :
			    "`owner:` is who brings the case back before it ends");
}
