#include "wire/awshost.h"

#include "base/compiler.h"

enum { REGION_MAX = 40 };

static const struct service {
	const char *host; /* before ".REGION.SUFFIX" */
	const char *fips; /* the same with FIPS; NULL: there is none */
	const char *signing, *env;
	bool dual_only, bearer;
} services[AWS_SERVICES] = {
	[AWS_BEDROCK] = { .host = "bedrock", .fips = "bedrock-fips", .signing = "bedrock",
			  .env = "BEDROCK", .bearer = true },
	[AWS_BEDROCK_RUNTIME] = { .host = "bedrock-runtime", .fips = "bedrock-runtime-fips",
				  .signing = "bedrock", .env = "BEDROCK_RUNTIME", .bearer = true },
	[AWS_BEDROCK_AGENT] = { .host = "bedrock-agent", .fips = "bedrock-agent-fips",
				.signing = "bedrock", .env = "BEDROCK_AGENT" },
	[AWS_BEDROCK_AGENT_RUNTIME] = { .host = "bedrock-agent-runtime",
					.fips = "bedrock-agent-runtime-fips", .signing = "bedrock",
					.env = "BEDROCK_AGENT_RUNTIME" },
	[AWS_BEDROCK_AGENTCORE] = { .host = "bedrock-agentcore", .fips = "bedrock-agentcore-fips",
				    .signing = "bedrock-agentcore", .env = "BEDROCK_AGENTCORE" },
	[AWS_BEDROCK_AGENTCORE_CONTROL] = { .host = "bedrock-agentcore-control",
					    .fips = "bedrock-agentcore-control-fips",
					    .signing = "bedrock-agentcore",
					    .env = "BEDROCK_AGENTCORE_CONTROL" },
	[AWS_BEDROCK_MANTLE] = { .host = "bedrock-mantle", .signing = "bedrock-mantle",
				 .env = "BEDROCK_MANTLE", .dual_only = true, .bearer = true },
	[AWS_STS] = { .host = "sts", .fips = "sts-fips", .signing = "sts", .env = "STS" },
	[AWS_SSO] = { .host = "portal.sso", .fips = "portal.sso-fips", .signing = "awsssoportal",
		      .env = "SSO" },
	[AWS_OIDC] = { .host = "oidc", .fips = "oidc-fips", .signing = "sso-oauth",
		       .env = "SSO_OIDC" },
};

/* By the region's beginning; the last is everyone else's. */
static const struct partition {
	const char *prefix, *suffix, *dual;
} partitions[] = {
	{ "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
	{ "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
	{ "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
	{ "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
	{ "", "amazonaws.com", "api.aws" },
};

static const struct partition *partition_of(struct str region)
{
	const struct partition *p = partitions;
	while (!str_starts(region, str_c(p->prefix)))
		p++;
	return p;
}

bool awshost_region_ok(struct str region)
{
	if (!region.n || region.n > REGION_MAX || region.p[0] == '-' || region.p[region.n - 1] == '-')
		return false;
	for (size_t i = 0; i < region.n; i++) {
		char c = region.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

/* In GovCloud the plain hosts of these are the FIPS ones. */
static bool fips_is_plain(enum aws_service s, struct str region)
{
	return str_starts(region, STR("us-gov-")) && (s == AWS_STS || s == AWS_SSO || s == AWS_OIDC);
}

int awshost_url(struct str *out, const struct aws_place *p, enum aws_service s, struct arena *a,
		struct err *err)
{
	const struct service *v = &services[s];
	struct str own = p->url[s];
	if (own.n) {
		while (own.n && own.p[own.n - 1] == '/')
			own.n--;
		*out = arena_str(a, own);
		return 0;
	}
	if (!awshost_region_ok(p->region))
		return err_set(err, ERR_ARTIFACT, "'%.*s' is no AWS region; expected one like 'us-east-1'",
			       STR_ARGS(str_sub(p->region, 0, 60)));
	if (p->fips && !v->fips)
		return err_set(err, ERR_ARTIFACT, "'%s' has no FIPS endpoint, and AWS_USE_FIPS_ENDPOINT asks "
						  "for one", v->host);
	const struct partition *part = partition_of(p->region);
	const char *host = p->fips && !fips_is_plain(s, p->region) ? v->fips : v->host;
	const char *suffix = p->dualstack || v->dual_only ? part->dual : part->suffix;
	*out = str_c(arena_fmt(a, "https://%s.%.*s.%s", host, STR_ARGS(p->region), suffix));
	return 0;
}

const char *awshost_signing_name(enum aws_service s)
{
	return services[s].signing;
}

const char *awshost_name(enum aws_service s)
{
	return services[s].host;
}

const char *awshost_env_suffix(enum aws_service s)
{
	return services[s].env;
}

bool awshost_takes_bearer(enum aws_service s)
{
	return services[s].bearer;
}

/* "NAME.REGION", the host without its partition's suffix. */
static bool parse_name(struct awshost *out, struct str s)
{
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		const char *form[] = { services[i].host, services[i].fips };
		for (size_t k = 0; k < ARRAY_LEN(form); k++) {
			struct str name = str_c(form[k]);
			if (!name.n || !str_starts(s, name) || s.n <= name.n || s.p[name.n] != '.')
				continue;
			struct str region = str_sub(s, name.n + 1, s.n);
			if (!awshost_region_ok(region))
				continue;
			out->service = (enum aws_service)i;
			out->region = region;
			out->fips = k == 1;
			return true;
		}
	}
	return false;
}

/* A VPC endpoint's own name: "vpce-ID.NAME.REGION.vpce.SUFFIX". */
static bool parse_vpce(struct awshost *out, struct str s)
{
	if (!str_starts(s, STR("vpce-")) || !str_ends(s, STR(".vpce")))
		return false;
	ptrdiff_t dot = str_chr(s, '.', 0);
	out->vpce = true;
	return parse_name(out, str_sub(s, (size_t)dot + 1, s.n - 5));
}

static bool parse_below(struct awshost *out, struct str host, const char *suffix, bool dual)
{
	struct str end = str_c(suffix);
	if (host.n <= end.n + 1 || !str_ends(host, end) || host.p[host.n - end.n - 1] != '.')
		return false;
	struct str s = str_sub(host, 0, host.n - end.n - 1);
	out->dualstack = dual;
	return parse_name(out, s) || (!dual && parse_vpce(out, s));
}

bool awshost_parse(struct awshost *out, struct str host)
{
	for (size_t i = 0; i < ARRAY_LEN(partitions); i++) {
		struct awshost h = { .vpce = false };
		if (!parse_below(&h, host, partitions[i].suffix, false)) {
			h = (struct awshost){ .vpce = false };
			if (!parse_below(&h, host, partitions[i].dual, true))
				continue;
		}
		if (partition_of(h.region) != &partitions[i])
			return false;
		*out = h;
		return true;
	}
	return false;
}
