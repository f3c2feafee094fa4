#include "run/lint.h"

#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/canon.h"
#include "doc/jsonx.h"
#include "doc/template.h"
#include "run/quarantine.h"
#include "score/piiscan.h"
#include "score/scorekit.h"
#include "score/secretscan.h"

enum { FINDINGS_MAX = 64, TWINS_SHOWN = 5, VALUE_DEPTH_MAX = 32 };

enum wanted { WANT_SECRETS = 1, WANT_PII = 2, WANT_TWINS = 4 };

/* One kind of thing in one file: the first place stands for all. */
struct finding_at {
	struct pos at;
	const char *kind, *text, *where;
	bool secret;
	size_t n;
};

struct lint {
	const struct run *r;
	struct diags *d;
	struct finding_at finding[FINDINGS_MAX];
	size_t nfinding;
};

/* --- what is made up, and known to be ------------------------------------------------------------- */

static bool has_example(struct str s)
{
	static const struct str word[] = { STR_INIT("EXAMPLE"), STR_INIT("example"), STR_INIT("Example") };
	for (size_t i = 0; i < ARRAY_LEN(word); i++)
		if (str_find(s, word[i], 0) >= 0)
			return true;
	return false;
}

/* Domains that RFC 2606 keeps for examples. */
static bool example_address(struct str s)
{
	static const struct str ends[] = {
		STR_INIT("example.com"), STR_INIT("example.org"), STR_INIT("example.net"), STR_INIT(".example"),
		STR_INIT(".test"), STR_INIT(".invalid"), STR_INIT(".localhost"),
	};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (s.n > ends[i].n && str_ieq(str_sub(s, s.n - ends[i].n, s.n), ends[i]))
			return true;
	return false;
}

/* Numbers that payment companies, IBAN's registry and the telephone plan publish for tests. */
static bool example_number(struct str s)
{
	static const struct str known[] = {
		STR_INIT("4111111111111111"), STR_INIT("4242424242424242"), STR_INIT("4012888888881881"),
		STR_INIT("4000056655665556"), STR_INIT("5555555555554444"), STR_INIT("5105105105105100"),
		STR_INIT("378282246310005"), STR_INIT("371449635398431"), STR_INIT("6011111111111117"),
		STR_INIT("6011000990139424"), STR_INIT("123456789"), STR_INIT("078051120"),
		STR_INIT("GB29NWBK60161331926819"), STR_INIT("DE89370400440532013000"),
		STR_INIT("FR1420041010050500013M02606"),
	};
	char bare[64];
	size_t n = 0;
	for (size_t i = 0; i < s.n && n < sizeof(bare); i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z'))
			bare[n++] = s.p[i];
	struct str text = { .p = bare, .n = n };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(text, known[i]))
			return true;
	return false;
}

static bool made_up(enum pii_kind kind, struct str s)
{
	char digits[32];
	size_t n = 0;
	if (kind == PII_EMAIL)
		return example_address(s);
	for (size_t i = 0; i < s.n && n < sizeof(digits); i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits[n++] = s.p[i];
	/* 555-01xx: never given to anybody. */
	if (kind == PII_PHONE)
		return n >= 7 && str_eq((struct str){ .p = digits + n - 7, .n = 5 }, STR("55501"));
	return example_number(s);
}

/* --- findings ------------------------------------------------------------------------------------- */

static void found(struct lint *l, struct finding_at f, struct str text)
{
	for (size_t i = 0; i < l->nfinding; i++) {
		struct finding_at *x = &l->finding[i];
		if (!strcmp(x->kind, f.kind) && !strcmp(x->at.file, f.at.file)) {
			x->n++;
			return;
		}
	}
	if (l->nfinding == FINDINGS_MAX)
		return;
	struct arena *a = l->r->arena;
	f.n = 1;
	f.text = kit_mask(a, text);
	f.where = f.where ? arena_fmt(a, "%s", f.where) : NULL;
	l->finding[l->nfinding++] = f;
}

static void tell(struct lint *l)
{
	for (size_t i = 0; i < l->nfinding; i++) {
		const struct finding_at *f = &l->finding[i];
		const char *in = f->where ? arena_fmt(l->r->arena, " in '%s'", f->where) : "";
		const char *more = f->n > 1 ? arena_fmt(l->r->arena, ", and %zu more in this file", f->n - 1) : "";
		if (f->secret)
			diag_add(l->d, f->at, "secret", "a credential is committed: %s%s: %s%s", f->kind, in,
				 f->text, more);
		else
			diag_warn(l->d, f->at, "personal-data", "%s%s: %s%s", f->kind, in, f->text, more);
		if (f->secret)
			diag_hint(l->d, "revoke it and take it out; one made up for a test says EXAMPLE in it, "
					"or the suite says `allow: [secrets]`");
		else
			diag_hint(l->d, "made-up data uses example.com, 555-01xx and test card numbers; for what "
					"is meant to be there the suite says `allow: [pii]`");
	}
}

/* --- texts ---------------------------------------------------------------------------------------- */

/* A text that stands at `f.at`, or, where `file` is the whole file, at its own line. */
static void scan(struct lint *l, struct str s, unsigned want, struct finding_at f, const char *file)
{
	struct secret_hit secret;
	struct pii_hit pii;
	f.secret = true;
	for (size_t at = 0; want & WANT_SECRETS && secret_next(s, at, &secret); at = secret.to) {
		struct str text = str_sub(s, secret.from, secret.to);
		f.kind = secret.kind;
		if (file)
			f.at = template_pos(file, s, secret.from);
		if (!has_example(text))
			found(l, f, text);
	}
	f.secret = false;
	/* Addresses of machines are no more personal than version numbers look like them. */
	for (int k = 0; want & WANT_PII && k < PII_IP; k++)
		for (size_t at = 0; pii_next(s, (enum pii_kind)k, at, &pii); at = pii.to) {
			struct str text = str_sub(s, pii.from, pii.to);
			f.kind = pii_kind_name(pii.kind);
			if (file)
				f.at = template_pos(file, s, pii.from);
			if (!made_up(pii.kind, text))
				found(l, f, text);
		}
}

static void scan_value(struct lint *l, const json_t *j, unsigned want, struct finding_at f, int depth)
{
	const char *key;
	json_t *v;
	size_t i;
	if (json_is_string(j))
		scan(l, json_str(j), want, f, NULL);
	if (depth == VALUE_DEPTH_MAX)
		return;
	json_array_foreach((json_t *)(uintptr_t)j, i, v)
		scan_value(l, v, want, f, depth + 1);
	json_object_foreach((json_t *)(uintptr_t)j, key, v) {
		if (!depth)
			f.where = key;
		scan_value(l, v, want, f, depth + 1);
	}
}

/* --- files ---------------------------------------------------------------------------------------- */

static int scan_file(struct lint *l, const struct artifact *x, struct err *err)
{
	const struct run *r = l->r;
	const struct tree *t = x->from_policy ? r->policy_tree : r->commit_tree;
	struct arena scratch = ARENA_INIT;
	struct str text;
	char oid[OID_HEX];
	if (!strcmp(x->role, "dataset"))
		return 0; /* case by case */
	if (tree_read(t, x->path, ARTIFACT_BYTES_MAX, &text, oid, &scratch, err)) {
		arena_release(&scratch);
		return -1;
	}
	bool said = !strcmp(x->role, "prompt") || !strcmp(x->role, "rubric");
	const char *file = t == r->commit_tree ? x->path : arena_fmt(r->arena, "%.7s:%s", tree_commit(t), x->path);
	scan(l, text, WANT_SECRETS | (said ? WANT_PII : 0), (struct finding_at){ .n = 0 }, file);
	arena_release(&scratch);
	return 0;
}

static int scan_files(struct lint *l, struct err *err)
{
	const struct run *r = l->r;
	for (size_t i = 0; i < r->project.ntarget; i++)
		for (size_t k = 0; k < r->project.target[i].nartifact; k++)
			if (scan_file(l, &r->project.target[i].artifact[k], err))
				return -1;
	for (size_t i = 0; i < r->nsuite; i++)
		for (size_t k = 0; k < r->suite[i].conf->nartifact; k++)
			if (scan_file(l, &r->suite[i].conf->artifact[k], err))
				return -1;
	const struct doc *doc[] = { r->project.doc, r->stage ? &r->policy_doc : NULL };
	for (size_t i = 0; i < ARRAY_LEN(doc); i++)
		if (doc[i])
			scan(l, doc[i]->text, WANT_SECRETS, (struct finding_at){ .n = 0 }, doc[i]->file);
	return 0;
}

/* --- cases ---------------------------------------------------------------------------------------- */

struct twin {
	unsigned char key[16];
	uint32_t first; /* case + 1; 0 = free */
};

struct twins {
	struct twin *slot;
	size_t size, n;
};

/* What a case asks, whatever it is called and however it is counted. */
static void content_of(struct digest *out, const struct tcase *c, struct buf *text)
{
	static const char *const not_content[] = { "id", "weight", "cluster", "quarantine", "description",
						   "metadata" };
	json_t *copy = json_copy((json_t *)(uintptr_t)c->vars);
	if (c->asserts)
		json_object_set(copy, "assert", (json_t *)(uintptr_t)c->asserts);
	if (c->talk && c->talk->turns)
		json_object_set(copy, "turns", (json_t *)(uintptr_t)c->talk->turns);
	if (c->talk && c->talk->tools)
		json_object_set(copy, "tool_results", (json_t *)(uintptr_t)c->talk->tools);
	for (size_t i = 0; i < ARRAY_LEN(not_content); i++)
		json_object_del(copy, not_content[i]);
	buf_reset(text);
	canon_write(text, copy);
	json_decref(copy);
	sha256(out, buf_str(text));
}

/* The earlier case with the same content, or NULL after this one is kept. */
static const struct twin *twin_of(struct twins *t, const struct digest *d, size_t at)
{
	uint64_t h;
	memcpy(&h, d->b, sizeof(h));
	for (size_t i = (size_t)h & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct twin *x = &t->slot[i];
		if (x->first && !memcmp(x->key, d->b, sizeof(x->key)))
			return x;
		if (x->first)
			continue;
		memcpy(x->key, d->b, sizeof(x->key));
		x->first = (uint32_t)at + 1;
		return NULL;
	}
}

/* Rows without an id that repeat one another were told while they were read: X, X-2, X-3. */
static bool same_derived_id(struct str a, struct str b)
{
	enum { HEX_DIGITS = 12 };
	struct str head = str_sub(a, 0, HEX_DIGITS);
	for (size_t i = 0; i < head.n; i++)
		if (!strchr("0123456789abcdef", head.p[i]))
			return false;
	return head.n == HEX_DIGITS && str_starts(b, head);
}

static int tell_twin(struct lint *l, const struct suite_conf *s, struct twins *t, const struct tcase *c,
		     size_t first, struct arena *a, struct err *err)
{
	struct tcase other;
	if (cases_get(s->cases, first, &other, a, err))
		return -1;
	if (same_derived_id(c->id, other.id))
		return 0;
	if (t->n++ < TWINS_SHOWN) {
		diag_warn(l->d, c->at, "repeated-cases", "case '%.*s' says the same as case '%.*s' at %s:%u",
			  STR_ARGS(c->id), STR_ARGS(other.id), other.at.file, other.at.line);
		diag_hint(l->d, "a case that counts twice is no second evidence: remove it, or use `repeats`");
	}
	return 0;
}

static unsigned wanted_of(const struct suite_conf *s)
{
	const json_t *allow = json_object_get(s->config, "allow");
	unsigned want = WANT_SECRETS | WANT_PII | WANT_TWINS;
	for (size_t i = 0; i < json_array_size(allow); i++) {
		struct str name = json_str(json_array_get(allow, i));
		want &= ~(str_eqc(name, "pii") ? (unsigned)WANT_PII :
			  str_eqc(name, "secrets") ? (unsigned)WANT_SECRETS :
			  str_eqc(name, "duplicates") ? (unsigned)WANT_TWINS : 0u);
	}
	return want;
}

static int scan_case(struct lint *l, const struct suite_conf *s, size_t i, struct twins *t, size_t *wards,
		     struct buf *text, struct arena *a, struct err *err)
{
	struct tcase c;
	struct digest d;
	unsigned want = wanted_of(s);
	if (cases_get(s->cases, i, &c, a, err))
		return -1;
	/* Written in gate.yaml itself: seen with that file. */
	if (l->r->project.doc && !strcmp(c.at.file, l->r->project.doc->file))
		want &= ~(unsigned)WANT_SECRETS;
	scan_value(l, c.vars, want, (struct finding_at){ .at = c.at }, 0);
	scan_value(l, c.talk ? c.talk->turns : NULL, want, (struct finding_at){ .at = c.at, .where = "turns" }, 1);
	scan_value(l, c.talk ? c.talk->tools : NULL, want,
		   (struct finding_at){ .at = c.at, .where = "tool_results" }, 1);
	quarantine_warn(l->r, &c, wards, l->d);
	content_of(&d, &c, text);
	const struct twin *x = want & WANT_TWINS ? twin_of(t, &d, i) : NULL;
	return x ? tell_twin(l, s, t, &c, x->first - 1, a, err) : 0;
}

static int scan_suite(struct lint *l, const struct suite_conf *s, struct err *err)
{
	struct arena a = ARENA_INIT, table = ARENA_INIT;
	struct twins t = { .size = 256 };
	struct buf text;
	size_t wards = 0;
	int bad = 0;
	while (t.size < 2 * s->ncase)
		t.size *= 2;
	t.slot = arena_array(&table, struct twin, t.size);
	buf_init(&text, DATASET_BYTES_MAX);
	for (size_t i = 0; i < s->ncase && !bad; i++) {
		struct arena_mark m = arena_mark(&a);
		bad = scan_case(l, s, i, &t, &wards, &text, &a, err);
		arena_rewind(&a, m);
	}
	if (t.n > TWINS_SHOWN)
		diag_warn(l->d, s->at, "repeated-cases", "%zu cases of suite '%s' say the same as another one; "
			  "the first %d are named", t.n, s->name, TWINS_SHOWN);
	if (wards > QUARANTINE_WARNINGS)
		diag_warn(l->d, s->at, "quarantine", "%zu quarantines of suite '%s' end soon, have ended or have no owner; "
			  "the first %d are named", wards, s->name, QUARANTINE_WARNINGS);
	buf_release(&text);
	arena_release(&table);
	arena_release(&a);
	return bad;
}

int lint(const struct run *r, struct diags *d, struct err *err)
{
	struct lint *l = arena_new(r->arena, struct lint);
	*l = (struct lint){ .r = r, .d = d };
	int bad = scan_files(l, err);
	for (size_t i = 0; i < r->nsuite && !bad; i++)
		if (r->suite[i].role == SUITE_PLAIN) /* a twin has the same cases */
			bad = scan_suite(l, r->suite[i].conf, err);
	if (!bad)
		tell(l);
	return bad;
}
