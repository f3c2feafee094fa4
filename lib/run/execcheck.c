#include "run/execcheck.h"

#include "doc/jsonx.h"
#include "provider/provider.h"

#include <unistd.h>

/* Where plain names are looked for unless the policy passes PATH on. */
#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool runs(const struct target_conf *t)
{
	return t && t->endpoint.provider && t->endpoint.provider->runs;
}

/* Each target that this run would call, once. */
static void each_target(const struct run *r, void (*fn)(const struct target_conf *t, void *ctx), void *ctx)
{
	VEC(const struct target_conf *) seen = { .v = NULL };
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		for (size_t k = 0; k <= s->nmetric; k++) {
			const struct target_conf *t = k ? s->metric[k - 1].judge : s->target;
			bool known = !runs(t);
			for (size_t n = 0; n < seen.n; n++)
				known = known || seen.v[n] == t;
			if (known)
				continue;
			*vec_push(&seen, r->arena) = t;
			fn(t, ctx);
		}
	}
}

struct check {
	const struct run *r;
	struct diags *d;
};

static void not_allowed(const struct check *k, const struct target_conf *t)
{
	diag_add(k->d, t->provider_at, "exec-denied", "target '%s' runs a program, and the policy does not allow that",
		 t->name);
	diag_hint(k->d, "the policy's word is `trust: {allow_exec: {programs: […]}}`");
}

/* A commit that is its own policy would give itself the word: then the word is the caller's. */
static bool own_word(const struct run *r)
{
	return (r->o.measure || r->head.policy_self) && r->o.calls && !r->o.replay && !r->o.allow_exec;
}

static void own_word_denied(const struct check *k, const struct target_conf *t)
{
	diag_add(k->d, t->provider_at, "exec-denied",
		 "target '%s' runs a program, and %s, so the change itself would allow it", t->name,
		 k->r->o.measure ? "no policy is read" : "the policy is the commit's own");
	diag_hint(k->d, "name a protected policy with --policy-ref, or say --allow-exec if you trust this commit as "
			"your own code");
}

static const char *program_of(const struct target_conf *t)
{
	const char *name = json_string_value(json_array_get(json_object_get(t->endpoint.config, "command"), 0));
	return name ? name : "";
}

static bool listed(const struct trust *t, const char *program)
{
	for (size_t i = 0; i < t->nprogram; i++)
		if (!strcmp(t->program[i], program))
			return true;
	return !t->has_programs;
}

static void check_target(const struct target_conf *t, void *ctx)
{
	struct check *k = ctx;
	const struct trust *trust = &k->r->policy.trust;
	const char *program = program_of(t);
	if (!k->r->o.measure && !trust->allow_exec) {
		not_allowed(k, t);
	} else if (own_word(k->r)) {
		own_word_denied(k, t);
	} else if (!k->r->o.measure && *program && !listed(trust, program)) {
		diag_add(k->d, doc_pos_member(t->doc, t->config, "command"), "exec-denied",
			 "target '%s' runs program '%s', which the policy's allow_exec does not list", t->name,
			 program);
		diag_hint(k->d, "a program is listed exactly as `command` names it");
	}
}

void execcheck(const struct run *r, struct diags *d)
{
	struct check k = { .r = r, .d = d };
	each_target(r, check_target, &k);
}

static void tell(const struct target_conf *t, void *ctx)
{
	json_t *text = json_sprintf("target '%s' runs program '%s' of this machine, which its candidate id does not cover",
				    t->name, program_of(t));
	if (json_array_append_new(ctx, text))
		die_oom();
}

void execcheck_notes(const struct run *r, json_t *notes)
{
	each_target(r, tell, notes);
}

static void note(const struct target_conf *t, void *ctx)
{
	(void)t;
	*(bool *)ctx = true;
}

bool execcheck_any(const struct run *r)
{
	bool any = false;
	each_target(r, note, &any);
	return any;
}

/* Variables that are no secret anywhere, and whose values stand in many an honest answer. */
static bool is_public(const char *name)
{
	static const char *const names[] = { "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "USER", "LOGNAME" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return str_starts(str_c(name), STR("LC_"));
}

void execcheck_programs(struct run *r, struct caller_programs *out)
{
	const struct trust *t = &r->policy.trust;
	const char **env = arena_array(r->arena, const char *, t->nexec_env + 2);
	size_t n = 0;
	out->path = USUAL_PATH;
	for (size_t i = 0; i < t->nexec_env; i++) {
		const char *name = t->exec_env[i];
		const char *value = r->o.env ? r->o.env(r->o.env_ctx, name) : NULL;
		if (!value)
			continue;
		if (!is_public(name))
			redactor_learn(&r->redactor, arena_str(r->arena, str_c(value)));
		if (!strcmp(name, "PATH"))
			out->path = arena_cstr(r->arena, str_c(value));
		else
			env[n++] = arena_fmt(r->arena, "%s=%s", name, value);
	}
	env[n++] = arena_fmt(r->arena, "PATH=%s", out->path);
	out->env = env;
	out->dir = t->exec_dir;
	/* More than there are processors would measure how they wait for each other. */
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	out->max = r->o.jobs ? r->o.jobs : processors > 0 ? (unsigned)processors : 1;
}
