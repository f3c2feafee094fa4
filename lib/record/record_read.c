#include "record/record_read.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"
#include "record/outcome_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A reader of one document: the first thing wrong is kept, the rest reads as empty. */
struct reader {
	const char *file;
	struct arena *arena;
	const char *bad; /* member that is missing or of the wrong type */
};

static const json_t *get(struct reader *r, const json_t *o, const char *key, json_type type)
{
	const json_t *v = json_object_get(o, key);
	if (v && json_typeof(v) == type)
		return v;
	if (!r->bad)
		r->bad = key;
	return NULL;
}

static const char *text(struct reader *r, const json_t *o, const char *key)
{
	(void)r;
	return json_string_value(json_object_get(o, key));
}

static const char *must_text(struct reader *r, const json_t *o, const char *key)
{
	const char *s = text(r, o, key);
	if (!s && !r->bad)
		r->bad = key;
	return s ? s : "";
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_number(v) ? json_number_value(v) : NAN;
}

static int64_t integer(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, JSON_INTEGER);
	return v ? json_integer_value(v) : 0;
}

static size_t count(struct reader *r, const json_t *o, const char *key)
{
	int64_t n = integer(r, o, key);
	if (n >= 0)
		return (size_t)n;
	if (!r->bad)
		r->bad = key;
	return 0;
}

static bool truth(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static int name(struct reader *r, const json_t *o, const char *key, int (*parse)(struct str))
{
	int v = parse(json_get_str(o, key));
	if (v >= 0)
		return v;
	if (!r->bad)
		r->bad = key;
	return 0;
}

static void digest(struct reader *r, const json_t *o, const char *key, struct digest *out)
{
	if (!hex_decode(json_get_str(o, key), out->b, DIGEST_BYTES) && !r->bad)
		r->bad = key;
}

static struct pos place(struct reader *r, const json_t *o)
{
	const json_t *at = json_object_get(o, "at");
	return (struct pos){
		.file = text(r, at, "file"),
		.line = (unsigned)json_integer_value(json_object_get(at, "line")),
		.col = (unsigned)json_integer_value(json_object_get(at, "col")),
	};
}

static void read_metric(struct reader *r, const json_t *o, struct metric_head *m)
{
	m->name = must_text(r, o, "name");
	m->scorer = must_text(r, o, "scorer");
	m->kind = (enum metric_kind)name(r, o, "kind", metric_kind_parse);
	m->direction = (enum direction)name(r, o, "direction", direction_parse);
	m->cut = number(o, "cut");
	m->unit = must_text(r, o, "unit");
	m->lo = number(o, "lo");
	m->hi = number(o, "hi");
	m->has_range = !isnan(m->lo) && !isnan(m->hi);
	m->builtin = truth(o, "builtin");
	m->judged = truth(o, "judged");
	m->weight = json_object_get(o, "weight") ? number(o, "weight") : 1;
}

static void read_suite(struct reader *r, const json_t *o, struct suite_head *s)
{
	s->name = must_text(r, o, "name");
	s->target = must_text(r, o, "target");
	digest(r, o, "suite_id", &s->suite_id);
	digest(r, o, "candidate_id", &s->candidate_id);
	s->is_new = truth(o, "new");
	if (json_object_get(o, "role"))
		s->role = (enum suite_role)name(r, o, "role", suite_role_parse);
	if (json_object_get(o, "base"))
		s->base = (enum suite_base)name(r, o, "base", suite_base_parse);
	s->of = text(r, o, "of");
	s->of_metric = text(r, o, "of_metric");
	s->reused = text(r, o, "reused");
	s->repeats = (unsigned)count(r, o, "repeats");
	s->cases = count(r, o, "cases");
	s->planned = count(r, o, "planned");
	s->scored = count(r, o, "scored");
	s->unscored = count(r, o, "unscored");
	s->quarantined = count(r, o, "quarantined");
	s->surplus = count(r, o, "surplus");
	if (s->role == SUITE_CALIBRATION) {
		s->good = count(r, o, "good");
		s->bad = count(r, o, "bad");
	}
	s->usd = number(o, "usd");
	s->judge_usd = number(o, "judge_usd");
	s->wall_ms = integer(r, get(r, o, "times", JSON_OBJECT), "wall_ms");
	const json_t *list = get(r, o, "metrics", JSON_ARRAY);
	s->nmetric = json_array_size(list);
	s->metric = arena_array(r->arena, struct metric_head, s->nmetric);
	for (size_t i = 0; i < s->nmetric; i++)
		read_metric(r, json_array_get(list, i), &s->metric[i]);
}

static void read_finding(struct reader *r, const json_t *o, struct finding *f)
{
	f->text = must_text(r, o, "threshold");
	f->label = must_text(r, o, "label");
	f->at = place(r, o);
	f->suite = text(r, o, "suite");
	f->metric = text(r, o, "metric");
	f->aggregate = text(r, o, "aggregate");
	f->slice = text(r, o, "slice");
	f->op = text(r, o, "op");
	f->bound = number(o, "bound");
	f->bound_text = text(r, o, "needs");
	f->unit = text(r, o, "unit");
	f->blocking = str_eqc(json_get_str(o, "severity"), "block");
	f->observed_only = str_eqc(json_get_str(o, "decide"), "observed");
	f->confidence = number(o, "confidence");
	f->verdict = (enum verdict_kind)name(r, o, "verdict", verdict_parse);
	f->estimate = number(o, "estimate");
	f->has_estimate = !isnan(f->estimate);
	f->observed_text = text(r, o, "observed");
	f->lower = number(o, "lower");
	f->upper = number(o, "upper");
	f->has_bounds = json_object_get(o, "lower") != NULL; /* a side may be null */
	f->n = count(r, o, "n");
	f->clusters = count(r, o, "clusters");
	f->unscored = count(r, o, "unscored");
	f->absent = count(r, o, "absent");
	f->hits = number(o, "hits");
	f->method = text(r, o, "method");
	f->note = text(r, o, "note");
	f->because = text(r, o, "because");
	f->unreachable = truth(o, "unreachable");
	const json_t *needed = json_object_get(o, "cases_needed");
	f->needed = needed ? json_integer_value(needed) : -1;
	f->judge = json_object_get(o, "judge");
	const json_t *detects = json_object_get(o, "detects");
	f->detects = json_is_number(detects) ? json_number_value(detects) : NAN;
	f->blocks = json_object_get(o, "blocks") ? count(r, o, "blocks") : 0;
	f->paired = json_object_get(o, "paired");
}

static void read_subject(struct reader *r, const json_t *o, struct record *out)
{
	out->repo = text(r, o, "repo");
	out->commit = text(r, o, "commit");
	out->tree = text(r, o, "tree");
	out->branch = text(r, o, "branch");
	out->config_path = must_text(r, o, "config");
	digest(r, o, "candidate_id", &out->candidate_id);
	out->worktree = truth(o, "worktree");
	out->artifacts = json_object_get(o, "artifacts");
}

static void read_policy(struct reader *r, const json_t *o, struct record *out)
{
	out->policy_ref = text(r, o, "ref");
	out->policy_commit = text(r, o, "commit");
	out->policy_path = text(r, o, "path");
	out->policy_self = text(r, o, "self");
	if (out->policy_path)
		digest(r, o, "sha256", &out->policy_digest);
	out->confidence = number(o, "confidence");
	out->prices = json_object_get(o, "prices");
	out->policy = json_object_get(o, "stage");
}

static void read_times(struct reader *r, const json_t *o, struct record *out)
{
	out->run_id = must_text(r, o, "run");
	if ((!clock_parse(json_get_str(o, "start"), &out->start_ms) ||
	     !clock_parse(json_get_str(o, "end"), &out->end_ms)) &&
	    !r->bad)
		r->bad = "start";
	out->spend.attempts = integer(r, o, "attempts");
	out->spend.reused = integer(r, o, "reused");
	digest(r, o, "outcomes_sha256", &out->outcomes_digest);
	out->earlier_verdicts = json_object_get(o, "earlier_verdicts");
	out->judges = json_object_get(o, "judges");
	out->flaky = json_object_get(o, "flaky");
}

/* A twin is told by its suite: nothing else may pair with it. */
static void check_twins(struct reader *r, const struct record *rec)
{
	for (size_t i = 0; i < rec->nsuite; i++) {
		const struct suite_head *s = &rec->suite[i], *of = NULL;
		for (size_t k = 0; k < i && s->of; k++)
			if (!strcmp(rec->suite[k].name, s->of))
				of = &rec->suite[k];
		if (s->role == SUITE_PLAIN && i && s[-1].role != SUITE_PLAIN)
			r->bad = "role";
		bool twin = of && of->role == SUITE_PLAIN && record_twin(rec, s->of, s->role, s->of_metric) == s;
		if (s->role == SUITE_PLAIN ? s->of || s->of_metric : !twin)
			r->bad = "of";
		if (s->role == SUITE_BASELINE && twin && s->planned != of->planned)
			r->bad = "planned";
	}
}

static void read_lists(struct reader *r, const json_t *o, struct record *out)
{
	const json_t *suites = get(r, o, "suites", JSON_ARRAY);
	out->nsuite = json_array_size(suites);
	out->suite = arena_array(r->arena, struct suite_head, out->nsuite);
	for (size_t i = 0; i < out->nsuite; i++)
		read_suite(r, json_array_get(suites, i), &out->suite[i]);
	if (!r->bad)
		check_twins(r, out);
	const json_t *findings = get(r, o, "findings", JSON_ARRAY);
	out->nfinding = json_array_size(findings);
	out->finding = arena_array(r->arena, struct finding, out->nfinding);
	for (size_t i = 0; i < out->nfinding; i++)
		read_finding(r, json_array_get(findings, i), &out->finding[i]);
}

static void read_head(struct reader *r, const json_t *o, struct record *out)
{
	out->version = (int)integer(r, o, "version");
	out->gate_version = must_text(r, o, "gate");
	out->stage = text(r, o, "stage");
	out->verdict = (enum verdict_kind)name(r, o, "verdict", verdict_parse);
	out->exit_code = (int)integer(r, o, "exit_code");
	out->stopped = text(r, o, "stopped");
	out->measure = truth(o, "measure");
	out->filtered = truth(o, "filtered");
	out->proposed = truth(o, "proposed");
	out->replayed = truth(o, "replayed");
	out->proxy = text(r, o, "proxy");
	out->places = json_object_get(o, "places");
	out->baseline = json_object_get(o, "baseline");
	out->combination = json_object_get(o, "combination");
	out->seed = (uint64_t)integer(r, o, "seed");
	digest(r, o, "plan", &out->plan_digest);
	read_subject(r, get(r, o, "subject", JSON_OBJECT), out);
	read_policy(r, get(r, o, "policy", JSON_OBJECT), out);
	read_lists(r, o, out);
	out->noutcome = count(r, o, "outcomes");
	const json_t *spend = get(r, o, "spend", JSON_OBJECT);
	out->spend.usd = number(spend, "usd");
	out->spend.tokens = integer(r, spend, "tokens");
	out->spend.calls = integer(r, spend, "calls");
	out->spend.resumed = truth(spend, "resumed");
	out->spend.tokens_open = truth(spend, "tokens_open");
	out->failures = json_object_get(o, "failures");
	out->notes = json_object_get(o, "notes");
	out->facts = json_object_get(o, "facts");
	read_times(r, get(r, o, "times", JSON_OBJECT), out);
}

int record_read_head(struct record *out, struct str bytes, const char *file, struct arena *a,
		     struct err *err)
{
	json_error_t why;
	json_t *root = json_loadb(bytes.p ? bytes.p : "", bytes.n,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (!root)
		return err_set(err, ERR_TRUST, "'%s' is no record: line %d: %s", file, why.line,
			       why.text);
	arena_json(a, root);
	if (!str_eqc(json_get_str(root, "schema"), "gate-record"))
		return err_set(err, ERR_USAGE, "'%s' is no record of gate: no \"schema\": \"gate-record\"",
			       file);
	if (json_integer_value(json_object_get(root, "version")) != 1)
		return err_set(err, ERR_USAGE, "'%s' has a record version that this gate does not know; use the gate that wrote it",
			       file);
	struct reader r = { .file = file, .arena = a };
	struct record rec = { .version = 1 };
	read_head(&r, root, &rec);
	if (r.bad)
		return err_set(err, ERR_TRUST, "'%s' was changed or cut off: member '%s' is missing or wrong",
			       file, r.bad);
	*out = rec;
	return 0;
}

static bool read_cells(const json_t *from, const struct suite_head *s, struct cell *cell,
		       struct arena *a)
{
	(void)a;
	for (size_t i = 0; i < s->nmetric; i++) {
		const json_t *c = json_object_get(from, s->metric[i].name);
		if (!json_is_object(c))
			continue;
		const json_t *value = json_object_get(c, "value");
		cell[i].reason = json_get_str(c, "reason");
		cell[i].state = json_is_number(value) ? CELL_SCORED : CELL_UNSCORED;
		cell[i].value = value ? json_number_value(value) : NAN;
	}
	return json_is_object(from);
}

static int64_t tokens(const json_t *usage, const char *key)
{
	const json_t *v = json_object_get(usage, key);
	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static int64_t nanoseconds(const json_t *times, const char *key)
{
	double ms = number(times, key);
	return isnan(ms) ? -1 : llround(ms * 1e6);
}

/* 0 when it is not said, or nothing that a run writes. */
static int64_t begun(const json_t *times)
{
	const json_t *v = json_object_get(times, "begun_ms");
	json_int_t ms = json_is_integer(v) ? json_integer_value(v) : 0;
	return ms > 0 && ms <= BEGUN_MS_MAX ? ms : 0;
}

static void read_reply(const json_t *o, const json_t *times, struct reply *r)
{
	const json_t *failure = json_object_get(o, "failure"), *usage = json_object_get(o, "usage");
	int finish = finish_parse(json_get_str(o, "finish"));
	int fail = fail_parse(json_get_str(failure, "cause"));
	r->finish = finish > 0 ? (enum finish)finish : FINISH_NONE;
	r->finish_raw = json_get_str(o, "finish_raw");
	r->tool_calls = json_object_get(o, "tool_calls");
	r->contexts = json_object_get(o, "contexts");
	r->trajectory = json_object_get(o, "trajectory");
	r->guardrail = json_object_get(o, "guardrail");
	r->detail = json_object_get(o, "provider_detail");
	r->fail = !failure ? FAIL_NONE : fail > 0 ? (enum fail)fail : FAIL_NOT_CALLED;
	r->fail_text = json_get_str(failure, "text");
	r->http_status = (int)json_integer_value(json_object_get(failure, "status"));
	r->model = json_get_str(o, "model");
	r->tier = json_get_str(o, "tier");
	r->speed = json_get_str(o, "speed");
	r->request_id = json_get_str(times, "request_id");
	r->attempts = (unsigned)json_integer_value(json_object_get(times, "attempts"));
	r->reused = truth(times, "reused");
	r->usage = (struct usage){
		.in = tokens(usage, "in"),
		.out = tokens(usage, "out"),
		.cache_read = tokens(usage, "cache_read"),
		.cache_write = tokens(usage, "cache_write"),
		.cache_write_1h = tokens(usage, "cache_write_1h"),
		.reasoning = tokens(usage, "reasoning"),
	};
	r->time = (struct times)TIMES_UNKNOWN;
	r->time.ttfv = nanoseconds(times, "ttfv_ms");
	r->time.connect = nanoseconds(times, "connect_ms");
	r->time.wait = nanoseconds(times, "wait_ms");
	r->time.begun_ms = begun(times);
}

static void read_tags(struct outcome *out, const json_t *tags, struct arena *a)
{
	struct tag *t = arena_array(a, struct tag, json_object_size(tags));
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)tags, key, value)
		t[out->ntag++] = (struct tag){ .key = str_c(key), .value = json_str(value) };
	out->tag = t;
}

static int find_suite(const struct record *head, struct str name_of)
{
	for (size_t i = 0; i < head->nsuite; i++)
		if (str_eqc(name_of, head->suite[i].name))
			return (int)i;
	return -1;
}

int record_read_outcome(struct outcome *out, const struct record *head, struct str line,
			struct arena *a, struct err *err)
{
	json_t *o = json_loadb(line.p ? line.p : "", line.n, JSON_ALLOW_NUL, NULL);
	if (!o)
		return err_set(err, ERR_TRUST, "a line of the outcomes is no JSON");
	arena_json(a, o);
	struct reader r = { .arena = a };
	int suite = find_suite(head, json_get_str(o, "suite"));
	struct outcome x = { .suite = suite < 0 ? 0 : (unsigned)suite };
	x.seq = count(&r, o, "seq");
	x.case_id = json_get_str(o, "case");
	x.sample = (unsigned)count(&r, o, "sample");
	x.status = (enum sample_status)name(&r, o, "status", sample_status_parse);
	x.cluster = json_object_get(o, "cluster") ? json_get_str(o, "cluster") : x.case_id;
	x.weight = json_object_get(o, "weight") ? number(o, "weight") : 1;
	x.at = place(&r, o);
	const json_t *times = get(&r, o, "times", JSON_OBJECT);
	if (suite < 0 || !x.case_id.p || r.bad)
		return err_set(err, ERR_TRUST, "an outcome was changed: member '%s' is missing or wrong",
			       suite < 0 ? "suite" : r.bad ? r.bad : "case");
	struct cell *cell = arena_array(a, struct cell, head->suite[suite].nmetric);
	read_cells(json_object_get(o, "scores"), &head->suite[suite], cell, a);
	read_cells(times, &head->suite[suite], cell, a);
	x.cell = cell;
	read_tags(&x, json_object_get(o, "tags"), a);
	x.input = json_get_str(o, "input");
	x.answer = json_get_str(o, "answer");
	read_reply(o, times, &x.reply);
	x.cost_usd = number(o, "cost_usd");
	x.judge_usd = number(o, "judge_usd");
	x.detail = json_object_get(o, "detail");
	x.quarantine = json_object_get(o, "quarantine");
	if (!hex_decode(json_get_str(o, "call"), x.call.b, DIGEST_BYTES))
		return err_set(err, ERR_TRUST, "an outcome was changed: member 'call' is no digest");
	*out = x;
	return 0;
}

/* The mapped outcomes file and how far the iterator has come. */
struct mapped {
	const struct record *head;
	struct str text, rest;
	size_t seen;
	size_t dropped; /* bytes before this were given back to the kernel */
	struct outcome_scan *scan;
};

enum { DROP_BYTES = 4 * 1024 * 1024, VERIFY_BYTES = 256 * 1024 };

/* Pages that were read count as ours until they are given back: a hundred thousand outcomes would
 * be tens of megabytes.  Read again, they come from the file again. */
static void drop_pages(struct mapped *m, size_t upto)
{
	size_t end = upto - upto % DROP_BYTES;
	if (end <= m->dropped)
		return;
	(void)madvise((char *)(uintptr_t)m->text.p + m->dropped, end - m->dropped, MADV_DONTNEED);
	m->dropped = end;
}

static void unmap(void *p)
{
	struct mapped *m = p;
	if (m->text.n)
		munmap((void *)(uintptr_t)m->text.p, m->text.n);
}

static int mapped_next(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err)
{
	struct mapped *m = it->ctx;
	struct str line;
	if (!str_line(&m->rest, &line))
		return 0;
	m->seen++;
	drop_pages(m, (size_t)(line.p - m->text.p));
	if (it->brief && outcome_scan_line(m->scan, o, line, a))
		return 1;
	if (record_read_outcome(o, m->head, line, a, err))
		return err_wrap(err, "outcomes line %zu", m->seen);
	return 1;
}

static int mapped_rewind(struct outcomes *it, struct err *err)
{
	struct mapped *m = it->ctx;
	(void)err;
	m->rest = m->text;
	m->seen = 0;
	m->dropped = 0;
	return 0;
}

static int map_file(struct str *out, const char *path, struct err *err)
{
	AUTO(auto_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st)) {
		int why = errno;
		return err_set(err, ERR_TRUST, "cannot read the outcomes '%s': %s", path, strerror(why));
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_TRUST, "the outcomes '%s' are no plain file", path);
	*out = (struct str){ .p = "", .n = 0 };
	if (st.st_size == 0)
		return 0;
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		int why = errno;
		return err_set(err, ERR_SYSTEM, "cannot map '%s': %s", path, strerror(why));
	}
	*out = (struct str){ .p = p, .n = (size_t)st.st_size };
	return 0;
}

static size_t count_lf(struct str s)
{
	size_t n = 0;
	for (const char *p = s.p, *end = s.p + s.n; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

static int verify_outcomes(struct mapped *m, const char *path, struct err *err)
{
	const struct record *head = m->head;
	struct sha256 hash;
	struct digest d;
	size_t lines = m->text.n && m->text.p[m->text.n - 1] != '\n';
	sha256_init(&hash);
	for (size_t at = 0; at < m->text.n; at += VERIFY_BYTES) {
		struct str piece = str_sub(m->text, at, at + VERIFY_BYTES);
		sha256_update(&hash, piece);
		lines += count_lf(piece);
		drop_pages(m, at + piece.n);
	}
	m->dropped = 0;
	sha256_final(&hash, &d);
	if (digest_eq(&d, &head->outcomes_digest) && lines == head->noutcome)
		return 0;
	return err_set(err, ERR_TRUST, "'%s' is not what the record's head names: it was changed, cut off or belongs to another run",
		       path);
}

static int open_record(struct record_file *out, const char *path, bool verify, struct arena *a,
		       struct err *err)
{
	struct stat st;
	bool folder = !stat(path, &st) && S_ISDIR(st.st_mode);
	const char *slash = strrchr(path, '/');
	size_t cut = slash ? (size_t)(slash - path) : 0;
	const char *in = folder ? path :
			 slash	? arena_cstr(a, (struct str){ .p = path, .n = cut ? cut : 1 }) :
				  ".";
	const char *head = folder ? arena_fmt(a, "%s/record.json", path) : path;
	const char *lines = arena_fmt(a, "%s/outcomes.jsonl", in);
	struct str bytes;
	struct mapped *m = arena_new(a, struct mapped);
	struct record_file f = { .folder = in };
	/* A pipe would be waited for, for ever. */
	if (!stat(head, &st) && !S_ISREG(st.st_mode))
		return err_set(err, ERR_TRUST, "the record '%s' is no plain file", head);
	if (fs_read(&bytes, head, RECORD_HEAD_MAX, a, err) ||
	    record_read_head(&f.head, bytes, head, a, err) || map_file(&m->text, lines, err))
		return -1;
	arena_defer(a, unmap, m);
	m->head = &f.head;
	if (verify && verify_outcomes(m, lines, err))
		return -1;
	m->rest = m->text;
	*out = f;
	m->head = &out->head;
	m->scan = outcome_scan_new(m->head, a);
	out->outcomes = (struct outcomes){ .next = mapped_next, .rewind = mapped_rewind, .ctx = m };
	return 0;
}

int record_open(struct record_file *out, const char *path, struct arena *a, struct err *err)
{
	return open_record(out, path, true, a, err);
}

int record_open_own(struct record_file *out, const char *path, struct arena *a, struct err *err)
{
	return open_record(out, path, false, a, err);
}
