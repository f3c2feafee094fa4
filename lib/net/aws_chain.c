#include "net/aws_chain.h"

#include "base/clock.h"
#include "base/num.h"

struct walk {
	struct aws_chain *out;
	const struct awsconf *c;
	struct str seen[AWS_ROLES_MAX];
	size_t nseen;
};

/* Found, not configured, or -1 with *err. */
enum { NOTHING, FOUND };

static struct str get(const struct walk *w, struct str profile, const char *key)
{
	return awsconf_get(w->c, profile, key);
}

static const char *profile_name(const struct walk *w, struct str profile)
{
	return arena_fmt(w->c->arena, "profile '%.*s'", STR_ARGS(str_sub(profile, 0, 60)));
}

static int half(const struct walk *w, struct str profile, const char *has, const char *lacks, struct err *err)
{
	return err_set(err, ERR_TRUST, "%s has %s but no %s", profile_name(w, profile), has, lacks);
}

/* --- lasting keys ------------------------------------------------------------------------------ */

static int environment(struct walk *w, struct err *err)
{
	const struct awsconf *c = w->c;
	struct aws_key k = {
		.id = awsconf_env(c, "AWS_ACCESS_KEY_ID"),
		.secret = awsconf_env(c, "AWS_SECRET_ACCESS_KEY"),
		.token = awsconf_env(c, "AWS_SESSION_TOKEN"),
	};
	int64_t at;
	struct str expires = awsconf_env(c, "AWS_CREDENTIAL_EXPIRATION");
	if (!k.token.n)
		k.token = awsconf_env(c, "AWS_SECURITY_TOKEN");
	if (!k.id.n && !k.secret.n)
		return NOTHING;
	if (!k.id.n || !k.secret.n)
		return err_set(err, ERR_TRUST, "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set");
	if (clock_parse(expires, &at))
		k.expires_ms = at;
	w->out->source = AWS_SOURCE_KEY;
	w->out->name = "the environment";
	w->out->key = k;
	return FOUND;
}

static struct str key_of(const struct awsini *f, struct str profile, const char *key)
{
	return awsini_get(f, "profile", profile, key, NULL);
}

static int lasting(struct walk *w, const struct awsini *f, struct str profile, struct err *err)
{
	struct aws_key k = {
		.id = key_of(f, profile, "aws_access_key_id"),
		.secret = key_of(f, profile, "aws_secret_access_key"),
		.token = key_of(f, profile, "aws_session_token"),
	};
	if (!k.token.n)
		k.token = key_of(f, profile, "aws_security_token");
	if (!k.id.n && !k.secret.n)
		return NOTHING;
	if (!k.id.n)
		return half(w, profile, "aws_secret_access_key", "aws_access_key_id", err);
	if (!k.secret.n)
		return half(w, profile, "aws_access_key_id", "aws_secret_access_key", err);
	w->out->source = AWS_SOURCE_KEY;
	w->out->name = profile_name(w, profile);
	w->out->key = k;
	return FOUND;
}

/* --- web identity, SSO, process ------------------------------------------------------------------ */

static int web(struct walk *w, struct str file, struct aws_role role, const char *name)
{
	w->out->source = AWS_SOURCE_WEB;
	w->out->name = name;
	w->out->token_file = file;
	w->out->web = role;
	return FOUND;
}

static int duration(const struct walk *w, struct str profile, int64_t *out, struct err *err)
{
	struct str s = get(w, profile, "duration_seconds");
	*out = 0;
	if (!s.n || (num_parse_i64(s, out) && *out >= 900 && *out <= 43200))
		return 0;
	return err_set(err, ERR_TRUST, "%s: duration_seconds must be 900 to 43200", profile_name(w, profile));
}

static int web_environment(struct walk *w, struct err *err)
{
	struct str file = awsconf_env(w->c, "AWS_WEB_IDENTITY_TOKEN_FILE");
	struct str arn = awsconf_env(w->c, "AWS_ROLE_ARN");
	if (!file.n)
		return NOTHING;
	if (!arn.n)
		return err_set(err, ERR_TRUST, "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");
	struct aws_role role = { .arn = arn, .session = awsconf_env(w->c, "AWS_ROLE_SESSION_NAME") };
	return web(w, file, role, "AWS_WEB_IDENTITY_TOKEN_FILE");
}

static int web_profile(struct walk *w, struct str profile, struct err *err)
{
	struct str file = get(w, profile, "web_identity_token_file");
	struct str arn = get(w, profile, "role_arn");
	if (!file.n)
		return NOTHING;
	if (!arn.n)
		return half(w, profile, "web_identity_token_file", "role_arn", err);
	struct aws_role role = { .arn = arn, .session = get(w, profile, "role_session_name") };
	if (duration(w, profile, &role.duration_s, err))
		return -1;
	return web(w, file, role, profile_name(w, profile));
}

static int sso(struct walk *w, struct str profile, struct err *err)
{
	struct aws_chain *o = w->out;
	struct str session = get(w, profile, "sso_session");
	struct str url = get(w, profile, "sso_start_url"), region = get(w, profile, "sso_region");
	if (!session.n && !url.n)
		return NOTHING;
	if (session.n) {
		if (!awsini_has(&w->c->config, "sso-session", session))
			return err_set(err, ERR_TRUST, "%s names sso_session '%.*s', which '%s' does not have",
				       profile_name(w, profile), STR_ARGS(str_sub(session, 0, 60)),
				       w->c->config_file ? w->c->config_file : "");
		url = awsini_get(&w->c->config, "sso-session", session, "sso_start_url", NULL);
		region = awsini_get(&w->c->config, "sso-session", session, "sso_region", NULL);
	}
	o->sso_account = get(w, profile, "sso_account_id");
	o->sso_role = get(w, profile, "sso_role_name");
	if (session.n && !o->sso_account.n && !o->sso_role.n)
		return NOTHING; /* a session that gives tokens to other services */
	if (!o->sso_account.n || !o->sso_role.n)
		return half(w, profile, "SSO settings", !o->sso_role.n ? "sso_role_name" : "sso_account_id", err);
	if (!url.n || !region.n)
		return half(w, profile, "SSO settings", url.n ? "sso_region" : "sso_start_url", err);
	o->source = AWS_SOURCE_SSO;
	o->name = profile_name(w, profile);
	o->sso_session = session;
	o->sso_url = url;
	o->sso_region = region;
	return FOUND;
}

static int process(struct walk *w, struct str profile)
{
	struct str command = get(w, profile, "credential_process");
	if (!command.n)
		return NOTHING;
	w->out->source = AWS_SOURCE_PROCESS;
	w->out->name = arena_fmt(w->c->arena, "credential_process of %s", profile_name(w, profile));
	w->out->command = command;
	return FOUND;
}

/* --- roles ---------------------------------------------------------------------------------------- */

static bool wants_role(const struct walk *w, struct str profile)
{
	return get(w, profile, "role_arn").n &&
	       (get(w, profile, "source_profile").n || get(w, profile, "credential_source").n);
}

static bool has_key(const struct walk *w, struct str profile)
{
	return get(w, profile, "aws_access_key_id").n > 0;
}

static int credential_source(struct walk *w, struct str profile, struct str source, struct err *err)
{
	struct aws_chain *o = w->out;
	o->name = arena_fmt(w->c->arena, "%s by credential_source", profile_name(w, profile));
	if (str_eqc(source, "Environment")) {
		int found = environment(w, err);
		return found ? found : err_set(err, ERR_TRUST, "%s takes its credentials from the "
							       "environment, and AWS_ACCESS_KEY_ID is not set",
					       profile_name(w, profile));
	}
	if (str_eqc(source, "Ec2InstanceMetadata"))
		o->source = AWS_SOURCE_IMDS;
	else if (str_eqc(source, "EcsContainer"))
		o->source = AWS_SOURCE_CONTAINER;
	else
		return err_set(err, ERR_TRUST, "%s: credential_source '%.*s' is none of Environment, "
					       "Ec2InstanceMetadata and EcsContainer",
			       profile_name(w, profile), STR_ARGS(str_sub(source, 0, 40)));
	return FOUND;
}

static int from_profile(struct walk *w, struct str profile, bool nested, struct err *err);

static int source_profile(struct walk *w, struct str profile, struct str source, struct err *err)
{
	if (!awsconf_has_profile(w->c, source))
		return err_set(err, ERR_TRUST, "%s names source_profile '%.*s', which there is not",
			       profile_name(w, profile), STR_ARGS(str_sub(source, 0, 60)));
	int found = from_profile(w, source, true, err);
	return found ? found : err_set(err, ERR_TRUST, "%s: source_profile '%.*s' has no credentials",
				       profile_name(w, profile), STR_ARGS(str_sub(source, 0, 60)));
}

static int assume(struct walk *w, struct str profile, struct err *err)
{
	struct str source = get(w, profile, "source_profile"), kind = get(w, profile, "credential_source");
	struct aws_role role = {
		.arn = get(w, profile, "role_arn"),
		.session = get(w, profile, "role_session_name"),
		.external_id = get(w, profile, "external_id"),
	};
	for (size_t i = 0; i < w->nseen; i++)
		if (str_eq(w->seen[i], profile))
			return err_set(err, ERR_TRUST, "%s comes back to itself by source_profile",
				       profile_name(w, profile));
	if (w->nseen == AWS_ROLES_MAX)
		return err_set(err, ERR_TRUST, "more than %d roles stand one behind the other", AWS_ROLES_MAX);
	w->seen[w->nseen++] = profile;
	if (source.n && kind.n)
		return err_set(err, ERR_TRUST, "%s has both source_profile and credential_source",
			       profile_name(w, profile));
	if (get(w, profile, "mfa_serial").n)
		return err_set(err, ERR_TRUST, "%s asks for a code (mfa_serial), and nobody is asked here; take "
					       "a session with `aws sts assume-role` first",
			       profile_name(w, profile));
	if (duration(w, profile, &role.duration_s, err))
		return -1;
	int found = source.n ? source_profile(w, profile, source, err) :
			       credential_source(w, profile, kind, err);
	if (found != FOUND)
		return found;
	w->out->role[w->out->nrole++] = role;
	return FOUND;
}

/* A source profile with keys of its own is not asked for its role. */
static int from_profile(struct walk *w, struct str profile, bool nested, struct err *err)
{
	if (wants_role(w, profile) && !(nested && has_key(w, profile)))
		return assume(w, profile, err);
	int found = web_profile(w, profile, err);
	if (found == NOTHING && get(w, profile, "role_arn").n && !has_key(w, profile))
		return half(w, profile, "role_arn", "source_profile, credential_source or "
						    "web_identity_token_file", err);
	if (found == NOTHING)
		found = sso(w, profile, err);
	if (found == NOTHING)
		found = lasting(w, &w->c->credentials, profile, err);
	if (found == NOTHING)
		found = process(w, profile);
	if (found == NOTHING)
		found = lasting(w, &w->c->config, profile, err);
	if (found == NOTHING && get(w, profile, "login_session").n)
		return err_set(err, ERR_TRUST, "%s has a session of `aws login`, which is not read here; set "
					       "credential_process = aws configure export-credentials --format process",
			       profile_name(w, profile));
	return found;
}

/* --- the whole -------------------------------------------------------------------------------------- */

static bool container(struct walk *w)
{
	if (!awsconf_env(w->c, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").n &&
	    !awsconf_env(w->c, "AWS_CONTAINER_CREDENTIALS_FULL_URI").n)
		return false;
	w->out->source = AWS_SOURCE_CONTAINER;
	w->out->name = "the container's endpoint";
	return true;
}

int aws_chain_find(struct aws_chain *out, const struct awsconf *c, struct err *err)
{
	struct walk w = { .out = out, .c = c };
	*out = (struct aws_chain){ .tried = "" };
	int found = environment(&w, err);
	if (found == NOTHING && awsconf_check(c, err))
		return -1;
	/* A role of the profile goes before the web identity of the environment, its keys after it. */
	bool role = wants_role(&w, c->profile);
	if (found == NOTHING && role)
		found = from_profile(&w, c->profile, false, err);
	if (found == NOTHING)
		found = web_environment(&w, err);
	if (found == NOTHING && !role)
		found = from_profile(&w, c->profile, false, err);
	if (found == NOTHING && container(&w))
		found = FOUND;
	if (found)
		return found < 0 ? -1 : 0;
	out->source = AWS_SOURCE_IMDS;
	out->name = "instance metadata";
	out->tried = arena_fmt(c->arena, "AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and "
					 "AWS_CONTAINER_CREDENTIALS_… are not set; profile '%.*s' has none%s",
			       STR_ARGS(str_sub(c->profile, 0, 40)),
			       awsconf_has_profile(c, c->profile) ? "" : " (no such profile)");
	return 0;
}
