#include "record/record_write.h"

#include "base/clock.h"
#include "doc/jsonw.h"

#include <math.h>

static void write_cell(struct jsonw *w, const char *name, const struct cell *c)
{
	jsonw_open(w, name, '{');
	if (c->state == CELL_SCORED)
		jsonw_num(w, "value", c->value);
	else
		jsonw_bool(w, "unscored", true);
	if (c->reason.n)
		jsonw_str(w, "reason", c->reason);
	jsonw_close(w, '}');
}

/* The measured times, or everything else: the two never stand in one object. */
static void write_cells(struct jsonw *w, const struct suite_head *s, const struct outcome *o,
			bool times)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (o->cell[i].state != CELL_ABSENT && metric_is_time(&s->metric[i]) == times)
			write_cell(w, s->metric[i].name, &o->cell[i]);
}

static void write_tokens(struct jsonw *w, const char *key, int64_t n)
{
	if (n >= 0)
		jsonw_int(w, key, n);
}

static void write_usage(struct jsonw *w, const struct usage *u)
{
	if (u->in < 0 && u->out < 0)
		return;
	jsonw_open(w, "usage", '{');
	write_tokens(w, "in", u->in);
	write_tokens(w, "out", u->out);
	write_tokens(w, "cache_read", u->cache_read);
	write_tokens(w, "cache_write", u->cache_write);
	write_tokens(w, "cache_write_1h", u->cache_write_1h);
	write_tokens(w, "reasoning", u->reasoning);
	jsonw_close(w, '}');
}

static void write_ms(struct jsonw *w, const char *key, int64_t ns)
{
	if (ns >= 0)
		jsonw_num(w, key, (double)(ns / 1000) / 1000);
}

static void write_times(struct jsonw *w, const struct suite_head *s, const struct outcome *o)
{
	jsonw_open(w, "times", '{');
	write_cells(w, s, o, true);
	write_ms(w, "ttfv_ms", o->reply.time.ttfv);
	write_ms(w, "connect_ms", o->reply.time.connect);
	write_ms(w, "wait_ms", o->reply.time.wait);
	if (o->reply.time.begun_ms > 0 && o->reply.time.begun_ms <= BEGUN_MS_MAX && !o->reply.reused)
		jsonw_int(w, "begun_ms", o->reply.time.begun_ms);
	if (o->reply.request_id.n)
		jsonw_str(w, "request_id", o->reply.request_id);
	jsonw_int(w, "attempts", o->reply.attempts);
	if (o->reply.reused)
		jsonw_bool(w, "reused", true);
	jsonw_close(w, '}');
}

static void write_answer(struct jsonw *w, const struct outcome *o)
{
	char hex[DIGEST_HEX];
	if (o->input.n)
		jsonw_str(w, "input", o->input);
	if (o->reply.fail == FAIL_NONE) {
		jsonw_str(w, "answer", o->answer);
		jsonw_text(w, "finish", finish_name(o->reply.finish));
		if (o->reply.finish_raw.n)
			jsonw_str(w, "finish_raw", o->reply.finish_raw);
		jsonw_json(w, "tool_calls", o->reply.tool_calls);
		jsonw_json(w, "contexts", o->reply.contexts);
		jsonw_json(w, "trajectory", o->reply.trajectory);
		jsonw_json(w, "guardrail", o->reply.guardrail);
		jsonw_json(w, "provider_detail", o->reply.detail);
	} else {
		jsonw_open(w, "failure", '{');
		jsonw_text(w, "cause", fail_name(o->reply.fail));
		jsonw_str(w, "text", o->reply.fail_text);
		if (o->reply.http_status)
			jsonw_int(w, "status", o->reply.http_status);
		jsonw_close(w, '}');
	}
	if (o->reply.model.n)
		jsonw_str(w, "model", o->reply.model);
	if (o->reply.tier.n)
		jsonw_str(w, "tier", o->reply.tier);
	if (o->reply.speed.n)
		jsonw_str(w, "speed", o->reply.speed);
	write_usage(w, &o->reply.usage);
	if (isfinite(o->cost_usd))
		jsonw_num(w, "cost_usd", o->cost_usd);
	if (isfinite(o->judge_usd) && o->judge_usd != 0)
		jsonw_num(w, "judge_usd", o->judge_usd);
	jsonw_text(w, "call", digest_hex(&o->call, hex));
}

void record_write_outcome(struct buf *out, const struct record *head, const struct outcome *o)
{
	const struct suite_head *s = &head->suite[o->suite];
	struct jsonw w = { .out = out };
	jsonw_open(&w, NULL, '{');
	jsonw_int(&w, "seq", (int64_t)o->seq);
	jsonw_text(&w, "suite", s->name);
	jsonw_str(&w, "case", o->case_id);
	jsonw_int(&w, "sample", o->sample);
	jsonw_text(&w, "status", sample_status_name(o->status));
	if (!str_eq(o->cluster, o->case_id))
		jsonw_str(&w, "cluster", o->cluster);
	if (o->weight != 1)
		jsonw_num(&w, "weight", o->weight);
	if (o->at.file) {
		jsonw_open(&w, "at", '{');
		jsonw_text(&w, "file", o->at.file);
		jsonw_int(&w, "line", o->at.line);
		jsonw_close(&w, '}');
	}
	jsonw_json(&w, "quarantine", o->quarantine);
	jsonw_open(&w, "tags", '{');
	for (size_t i = 0; i < o->ntag; i++) {
		struct str k = o->tag[i].key;
		char key[256];
		if (k.n >= sizeof(key) || memchr(k.p, 0, k.n))
			continue; /* no slice can name it */
		memcpy(key, k.p, k.n);
		key[k.n] = '\0';
		jsonw_str(&w, key, o->tag[i].value);
	}
	jsonw_close(&w, '}');
	jsonw_open(&w, "scores", '{');
	write_cells(&w, s, o, false);
	jsonw_close(&w, '}');
	write_answer(&w, o);
	jsonw_json(&w, "detail", o->detail);
	write_times(&w, s, o);
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}

static void write_digest(struct jsonw *w, const char *key, const struct digest *d)
{
	char hex[DIGEST_HEX];
	jsonw_text(w, key, digest_hex(d, hex));
}

static void write_metric(struct jsonw *w, const struct metric_head *m)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "name", m->name);
	jsonw_text(w, "scorer", m->scorer);
	jsonw_text(w, "kind", metric_kind_name(m->kind));
	jsonw_text(w, "direction", direction_name(m->direction));
	jsonw_num(w, "cut", m->cut);
	jsonw_text(w, "unit", m->unit);
	if (m->has_range) {
		jsonw_num(w, "lo", m->lo);
		jsonw_num(w, "hi", m->hi);
	}
	jsonw_bool(w, "builtin", m->builtin);
	if (m->judged)
		jsonw_bool(w, "judged", true);
	if (m->weight != 1)
		jsonw_num(w, "weight", m->weight);
	jsonw_close(w, '}');
}

static void write_suite(struct jsonw *w, const struct suite_head *s)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "name", s->name);
	jsonw_text(w, "target", s->target);
	write_digest(w, "suite_id", &s->suite_id);
	write_digest(w, "candidate_id", &s->candidate_id);
	jsonw_bool(w, "new", s->is_new);
	if (s->role != SUITE_PLAIN)
		jsonw_text(w, "role", suite_role_name(s->role));
	jsonw_text(w, "of", s->of);
	jsonw_text(w, "of_metric", s->of_metric);
	if (s->base != BASE_NONE)
		jsonw_text(w, "base", suite_base_name(s->base));
	jsonw_text(w, "reused", s->reused);
	jsonw_int(w, "repeats", s->repeats);
	jsonw_int(w, "cases", (int64_t)s->cases);
	jsonw_int(w, "planned", (int64_t)s->planned);
	jsonw_int(w, "scored", (int64_t)s->scored);
	jsonw_int(w, "unscored", (int64_t)s->unscored);
	jsonw_int(w, "quarantined", (int64_t)s->quarantined);
	jsonw_int(w, "surplus", (int64_t)s->surplus);
	if (s->role == SUITE_CALIBRATION) {
		jsonw_int(w, "good", (int64_t)s->good);
		jsonw_int(w, "bad", (int64_t)s->bad);
	}
	jsonw_num(w, "usd", s->usd);
	jsonw_num(w, "judge_usd", s->judge_usd);
	jsonw_open(w, "metrics", '[');
	for (size_t i = 0; i < s->nmetric; i++)
		write_metric(w, &s->metric[i]);
	jsonw_close(w, ']');
	jsonw_open(w, "times", '{');
	jsonw_int(w, "wall_ms", s->wall_ms);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void write_place(struct jsonw *w, struct pos at)
{
	if (!at.file)
		return;
	jsonw_open(w, "at", '{');
	jsonw_text(w, "file", at.file);
	jsonw_int(w, "line", at.line);
	jsonw_int(w, "col", at.col);
	jsonw_close(w, '}');
}

static void write_finding(struct jsonw *w, const struct finding *f)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "threshold", f->text);
	jsonw_text(w, "label", f->label);
	write_place(w, f->at);
	jsonw_text(w, "suite", f->suite);
	jsonw_text(w, "metric", f->metric);
	jsonw_text(w, "aggregate", f->aggregate);
	jsonw_text(w, "slice", f->slice);
	jsonw_text(w, "op", f->op);
	jsonw_num(w, "bound", f->bound);
	jsonw_text(w, "needs", f->bound_text);
	jsonw_text(w, "unit", f->unit);
	jsonw_text(w, "severity", f->blocking ? "block" : "warn");
	jsonw_text(w, "decide", f->observed_only ? "observed" : "evidence");
	jsonw_num(w, "confidence", f->confidence);
	jsonw_text(w, "verdict", verdict_name(f->verdict));
	if (f->has_estimate)
		jsonw_num(w, "estimate", f->estimate);
	jsonw_text(w, "observed", f->observed_text);
	if (f->has_bounds) {
		jsonw_num(w, "lower", f->lower);
		jsonw_num(w, "upper", f->upper);
	}
	jsonw_int(w, "n", (int64_t)f->n);
	jsonw_int(w, "clusters", (int64_t)f->clusters);
	jsonw_int(w, "unscored", (int64_t)f->unscored);
	jsonw_int(w, "absent", (int64_t)f->absent);
	jsonw_num(w, "hits", f->hits);
	jsonw_text(w, "method", f->method);
	jsonw_text(w, "note", f->note);
	jsonw_text(w, "because", f->because);
	if (f->unreachable)
		jsonw_bool(w, "unreachable", true);
	if (f->needed >= 0)
		jsonw_int(w, "cases_needed", f->needed);
	jsonw_json(w, "judge", f->judge);
	if (isfinite(f->detects))
		jsonw_num(w, "detects", f->detects);
	if (f->blocks)
		jsonw_int(w, "blocks", (int64_t)f->blocks);
	jsonw_json(w, "paired", f->paired);
	jsonw_close(w, '}');
}

void record_write_finding(struct buf *out, const struct finding *f)
{
	struct jsonw w = { .out = out };
	write_finding(&w, f);
}

static void write_subject(struct jsonw *w, const struct record *r)
{
	jsonw_open(w, "subject", '{');
	jsonw_text(w, "repo", r->repo);
	jsonw_text(w, "commit", r->commit);
	jsonw_text(w, "tree", r->tree);
	jsonw_text(w, "branch", r->branch);
	jsonw_text(w, "config", r->config_path);
	write_digest(w, "candidate_id", &r->candidate_id);
	jsonw_bool(w, "worktree", r->worktree);
	jsonw_json(w, "artifacts", r->artifacts);
	jsonw_close(w, '}');
}

static void write_policy(struct jsonw *w, const struct record *r)
{
	jsonw_open(w, "policy", '{');
	jsonw_text(w, "ref", r->policy_ref);
	jsonw_text(w, "commit", r->policy_commit);
	jsonw_text(w, "path", r->policy_path);
	jsonw_text(w, "self", r->policy_self);
	if (r->policy_path)
		write_digest(w, "sha256", &r->policy_digest);
	jsonw_num(w, "confidence", r->confidence);
	jsonw_json(w, "prices", r->prices);
	jsonw_json(w, "stage", r->policy);
	jsonw_close(w, '}');
}

static void write_spend(struct jsonw *w, const struct spend *s)
{
	jsonw_open(w, "spend", '{');
	jsonw_num(w, "usd", s->usd);
	jsonw_int(w, "tokens", s->tokens);
	jsonw_int(w, "calls", s->calls);
	if (s->resumed)
		jsonw_bool(w, "resumed", true);
	if (s->tokens_open)
		jsonw_bool(w, "tokens_open", true);
	jsonw_close(w, '}');
}

static void write_run_times(struct jsonw *w, const struct record *r)
{
	char text[CLOCK_TEXT];
	jsonw_open(w, "times", '{');
	jsonw_text(w, "run", r->run_id);
	jsonw_text(w, "start", clock_rfc3339(r->start_ms, text));
	jsonw_text(w, "end", clock_rfc3339(r->end_ms, text));
	jsonw_int(w, "attempts", r->spend.attempts);
	jsonw_int(w, "reused", r->spend.reused);
	write_digest(w, "outcomes_sha256", &r->outcomes_digest);
	jsonw_json(w, "earlier_verdicts", r->earlier_verdicts);
	jsonw_json(w, "judges", r->judges);
	jsonw_json(w, "flaky", r->flaky);
	jsonw_close(w, '}');
}

void record_write_head(struct buf *out, const struct record *r)
{
	struct jsonw w = { .out = out, .indent = true };
	jsonw_open(&w, NULL, '{');
	jsonw_text(&w, "schema", "gate-record");
	jsonw_int(&w, "version", r->version);
	jsonw_text(&w, "gate", r->gate_version);
	jsonw_text(&w, "stage", r->stage);
	jsonw_text(&w, "verdict", verdict_name(r->verdict));
	jsonw_int(&w, "exit_code", r->exit_code);
	jsonw_text(&w, "stopped", r->stopped);
	jsonw_bool(&w, "measure", r->measure);
	jsonw_bool(&w, "filtered", r->filtered);
	jsonw_bool(&w, "proposed", r->proposed);
	jsonw_bool(&w, "replayed", r->replayed);
	jsonw_text(&w, "proxy", r->proxy);
	if (json_object_size(r->places))
		jsonw_json(&w, "places", r->places);
	jsonw_json(&w, "baseline", r->baseline);
	jsonw_json(&w, "combination", r->combination);
	jsonw_int(&w, "seed", (int64_t)r->seed);
	write_digest(&w, "plan", &r->plan_digest);
	write_subject(&w, r);
	write_policy(&w, r);
	jsonw_open(&w, "suites", '[');
	for (size_t i = 0; i < r->nsuite; i++)
		write_suite(&w, &r->suite[i]);
	jsonw_close(&w, ']');
	jsonw_open(&w, "findings", '[');
	for (size_t i = 0; i < r->nfinding; i++)
		write_finding(&w, &r->finding[i]);
	jsonw_close(&w, ']');
	jsonw_int(&w, "outcomes", (int64_t)r->noutcome);
	write_spend(&w, &r->spend);
	jsonw_json(&w, "failures", r->failures);
	jsonw_json(&w, "notes", r->notes);
	jsonw_json(&w, "facts", r->facts);
	write_run_times(&w, r);
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}
