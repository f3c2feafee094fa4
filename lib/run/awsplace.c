#include "run/awsplace.h"

#include "doc/jsonx.h"
#include "net/awsconf.h"
#include "provider/provider.h"
#include "wire/url.h"

struct resolve {
	struct run *r;
	struct diags *d;
	struct awsconf conf;
	bool ready;             /* the two below are known */
	struct aws_place place; /* the operator's: no region in it */
	struct str region;      /* the operator's, or absent */
};

/* "arn:aws:bedrock:us-east-1:…": its fourth part; absent for what is no ARN or has none. */
static struct str arn_region(struct str s)
{
	struct str part = { .p = NULL };
	if (!str_starts(s, STR("arn:")))
		return part;
	for (int i = 0; i < 4; i++)
		if (!str_cut(&s, ':', &part))
			return (struct str){ .p = NULL };
	return part;
}

static void two(struct resolve *x, const struct target_conf *t, const char *what, struct str a, struct str b)
{
	diag_add(x->d, doc_pos_member(t->doc, t->config, "model"), "two-values",
		 "target '%s': its region is '%.*s', and %s '%.*s'", t->name, STR_ARGS(a), what, STR_ARGS(b));
	diag_hint(x->d, "write the region once");
}

/* What the target itself says: `region`, `model.region`, its model's ARN.  False after a diag. */
static bool own_region(struct resolve *x, const struct target_conf *t, struct str *out)
{
	const json_t *config = t->endpoint.config;
	struct str of_model = json_get_str(json_object_get(config, "model"), "region");
	struct str arn = arn_region(t->endpoint.model);
	*out = json_get_str(config, "region");
	if (out->n && of_model.n && !str_eq(*out, of_model)) {
		two(x, t, "its model's", *out, of_model);
		return false;
	}
	if (!out->n)
		*out = of_model;
	if (out->n && arn.n && !str_eq(*out, arn)) {
		two(x, t, "that of the model's ARN is", *out, arn);
		return false;
	}
	if (!out->n)
		*out = arn;
	if (!out->n || awshost_region_ok(*out))
		return true;
	diag_add(x->d, t->at, "target-config", "target '%s': '%.*s' is no AWS region", t->name,
		 STR_ARGS(str_sub(*out, 0, 60)));
	diag_hint(x->d, "expected one like us-east-1");
	return false;
}

static bool is_called(const struct run *r, const struct target_conf *t)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		if (s->target == t)
			return true;
		for (size_t k = 0; k < s->nmetric; k++)
			if (s->metric[k].judge == t)
				return true;
	}
	return false;
}

static void no_region(struct resolve *x, const struct target_conf *t)
{
	diag_add(x->d, t->at, "aws-region", "target '%s' is called at AWS, and nothing says in which region", t->name);
	diag_hint(x->d, "set `%s`, or AWS_REGION where gate runs, or `region` in the AWS profile",
		  t->endpoint.provider->no_model ? "region: us-east-1" : "model: {region: us-east-1}");
}

/* What is answered elsewhere than at AWS may be answered otherwise. */
static struct str place_text(const struct resolve *x, const struct aws_place *p)
{
	struct buf b;
	struct arena *a = x->r->arena;
	buf_init(&b, 64 * 1024);
	buf_add(&b, p->region);
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		struct url u;
		struct awshost h;
		struct err err = ERR_INIT;
		const char *name = awshost_name((enum aws_service)i);
		if (str_starts(str_c(name), STR("bedrock")) && p->url[i].n &&
		    !url_parse(&u, p->url[i], a, &err) && !awshost_parse(&h, u.host))
			buf_addf(&b, " %s=%.*s", name, STR_ARGS(p->url[i]));
	}
	struct str out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void resolve(struct resolve *x, struct target_conf *t)
{
	struct aws_place *p = arena_new(x->r->arena, struct aws_place);
	*p = x->place;
	if (!own_region(x, t, &p->region))
		return;
	if (!p->region.n)
		p->region = x->region;
	if (!p->region.n) {
		if (is_called(x->r, t))
			no_region(x, t);
		return;
	}
	t->endpoint.aws = p;
	t->endpoint.place = place_text(x, p);
}

/* The operator's part, read once. */
static int operator(struct resolve *x, struct err *err)
{
	x->ready = true;
	if (awsconf_place(&x->conf, &x->place, err) || awsconf_region(&x->conf, &x->region, err))
		return -1;
	if (x->region.n && !awshost_region_ok(x->region))
		return err_set(err, ERR_USAGE, "'%.*s' (AWS_REGION, AWS_DEFAULT_REGION or the profile's) is no AWS region",
			       STR_ARGS(str_sub(x->region, 0, 60)));
	return 0;
}

const json_t *awsplace_record(const struct run *r)
{
	json_t *places = arena_json(r->arena, json_object());
	for (size_t i = 0; i < r->project.ntarget; i++) {
		const struct target_conf *t = &r->project.target[i];
		if (t->endpoint.place.p && is_called(r, t))
			json_object_set_new(places, t->name, json_from_str(t->endpoint.place));
	}
	return json_object_size(places) ? places : NULL;
}

/* Its calls take AWS's credentials: a provider of AWS's, or one that is sent to AWS's hosts. */
static bool takes_credentials(const struct resolve *x, const struct target_conf *t)
{
	struct url u;
	struct awshost h;
	struct err ignored = ERR_INIT;
	const struct provider_ops *p = t->endpoint.provider;
	if (!p || p->local)
		return false;
	return p->aws || (t->endpoint.base_url.n && !url_parse(&u, t->endpoint.base_url, x->r->arena, &ignored) &&
			  awshost_parse(&h, u.host));
}

/* A profile can name a program to run and a role to take.  What git tracks, the change under judgement may have
 * written: it gets no such word. */
static bool is_own(struct resolve *x, const struct target_conf *t)
{
	const char *const files[] = { x->conf.config_file, x->conf.credentials_file };
	const struct tree *judged = x->r->o.source == RUN_COMMIT ? x->r->commit_tree : NULL;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (!files[i] || !repo_tracks_folder(x->r->repo, judged, files[i], x->r->arena))
			continue;
		diag_add(x->d, t->at, "aws-profile", "target '%s' takes AWS credentials, and the profile file '%s' is "
			 "tracked by git: a change could name a program in it", t->name, files[i]);
		diag_hint(x->d, "keep it outside of the repository, and AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE at "
				"where it is");
		return false;
	}
	return true;
}

/* A certificate authority is trusted for the whole process, so the environment alone names one. */
static void check_bundle(struct resolve *x, const struct target_conf *t)
{
	struct str s = awsconf_get(&x->conf, x->conf.profile, "ca_bundle");
	if (!s.n || awsconf_env(&x->conf, "AWS_CA_BUNDLE").n)
		return;
	diag_warn(x->d, t->at, "aws-profile", "target '%s': the AWS profile's ca_bundle '%.*s' is not used", t->name,
		  STR_ARGS(str_sub(s, 0, 200)));
	diag_hint(x->d, "set AWS_CA_BUNDLE to it where gate runs");
}

void awsplace_resolve(struct run *r, struct diags *d)
{
	struct resolve x = { .r = r, .d = d };
	struct err err = ERR_INIT;
	bool read = false;
	for (size_t i = 0; i < r->project.ntarget; i++) {
		struct target_conf *t = &r->project.target[i];
		if (!takes_credentials(&x, t))
			continue;
		if (!read) {
			awsconf_load(&x.conf, r->o.env, r->o.env_ctx, r->arena);
			if (!is_own(&x, t))
				return;
			check_bundle(&x, t);
		}
		if (t->endpoint.provider->aws && !x.ready && operator(&x, &err)) {
			diag_add(d, t->at, "aws-region", "target '%s': %s", t->name, err.msg);
			return;
		}
		read = true;
		if (t->endpoint.provider->aws)
			resolve(&x, t);
	}
}
