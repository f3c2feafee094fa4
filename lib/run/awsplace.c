#include "run/awsplace.h"

#include "doc/jsonx.h"
#include "net/awsconf.h"
#include "provider/provider.h"
#include "wire/url.h"

struct resolve {
	struct run *r;
	struct diags *d;
	struct awsconf conf;
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
	awsconf_load(&x->conf, x->r->o.env, x->r->o.env_ctx, x->r->arena);
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

void awsplace_resolve(struct run *r, struct diags *d)
{
	struct resolve x = { .r = r, .d = d };
	bool read = false;
	for (size_t i = 0; i < r->project.ntarget; i++) {
		struct target_conf *t = &r->project.target[i];
		struct err err = ERR_INIT;
		if (!t->endpoint.provider || !t->endpoint.provider->aws)
			continue;
		if (!read && operator(&x, &err)) {
			diag_add(d, t->at, "aws-region", "target '%s': %s", t->name, err.msg);
			return;
		}
		read = true;
		resolve(&x, t);
	}
}
