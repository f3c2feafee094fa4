#include "run/outside.h"

#include "net/creds_aws.h"
#include "run/trust.h"

#include <unistd.h>

/* AWS's chain goes over the same http, and may run a program of the operator's. */
static void open_aws(struct outside *o, struct run *r, struct loop *loop)
{
	struct child_opts child = { .loop = loop, .redactor = &r->redactor };
	o->child = child_new(&child);
	struct creds_aws_opts opts = {
		.loop = loop,
		.http = o->http,
		.child = o->child,
		.clock = r->o.clock,
		.arena = r->arena,
		.redactor = &r->redactor,
		.getenv = r->o.env,
		.getenv_ctx = r->o.env_ctx,
		.environment = (const char *const *)environ,
	};
	o->creds.aws = creds_aws_new(&opts);
}

int outside_open(struct outside *o, struct run *r, struct loop *loop, bool calls, struct err *err)
{
	if (trust_open(&o->hosts, &o->creds, r, err))
		return -1;
	if (!calls)
		return 0;
	struct http_opts opts = {
		.loop = loop,
		.hosts = &o->hosts,
		.creds = &o->creds,
		.redactor = &r->redactor,
		.max_connections = r->o.jobs,
		.getenv = r->o.env,
		.getenv_ctx = r->o.env_ctx,
		.user_agent = arena_fmt(r->arena, "gate/%s", r->o.gate_version),
	};
	o->http = http_new(&opts, err);
	if (!o->http)
		return -1;
	open_aws(o, r, loop);
	return 0;
}

void outside_close(struct outside *o)
{
	creds_aws_free(o->creds.aws);
	if (o->http)
		http_free(o->http);
	child_free(o->child);
}
