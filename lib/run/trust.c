#include "run/trust.h"

#include "provider/provider.h"

static void usual_keys(struct creds *creds)
{
	for (const struct provider_ops *const *p = provider_all(); *p; p++)
		if ((*p)->default_host && (*p)->default_env)
			creds_bind_usual(creds, (*p)->default_host, (*p)->default_env);
	creds_bind_bedrock(creds);
}

int trust_hosts(struct hosts *hosts, const struct run *r, struct err *err)
{
	const struct trust *t = &r->policy.trust;
	hosts_init(hosts, r->arena);
	for (const struct provider_ops *const *p = provider_all(); *p; p++)
		if ((*p)->default_host)
			hosts_add_default(hosts, str_c((*p)->default_host));
	hosts_add_default_aws(hosts);
	if (t->has_hosts)
		hosts_set_listed(hosts);
	for (size_t i = 0; i < t->nhost; i++)
		if (hosts_add(hosts, str_c(t->host[i]), err))
			return err_wrap(err, "trust.hosts");
	return 0;
}

int trust_open(struct hosts *hosts, struct creds *creds, struct run *r, struct err *err)
{
	const struct trust *t = &r->policy.trust;
	creds_init(creds, r->arena, &r->redactor, r->o.env, r->o.env_ctx);
	usual_keys(creds);
	if (trust_hosts(hosts, r, err))
		return -1;
	for (size_t i = 0; i < t->ncredential; i++)
		if (creds_bind(creds, str_c(t->credential[i].host), t->credential[i].env, t->credential[i].header,
			       err))
			return err_wrap(err, "trust.credentials");
	return 0;
}

static const char *no_env(void *ctx, const char *name)
{
	(void)ctx, (void)name;
	return NULL;
}

void trust_check(struct run *r, struct diags *d)
{
	const struct trust *t = &r->policy.trust;
	const json_t *list = json_object_get(json_object_get(r->policy_doc.root, "trust"), "hosts");
	struct hosts hosts;
	struct creds creds;
	hosts_init(&hosts, r->arena);
	creds_init(&creds, r->arena, NULL, no_env, NULL);
	for (size_t i = 0; i < t->nhost; i++) {
		struct err err = ERR_INIT;
		if (hosts_add(&hosts, str_c(t->host[i]), &err))
			diag_add(d, doc_pos_item(&r->policy_doc, list, i), "trust-host", "%s", err.msg);
	}
	for (size_t i = 0; i < t->ncredential; i++) {
		struct err err = ERR_INIT;
		const struct credential *c = &t->credential[i];
		if (creds_bind(&creds, str_c(c->host), c->env, c->header, &err))
			diag_add(d, c->at, "trust-host", "%s", err.msg);
	}
}
