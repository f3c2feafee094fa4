#include "net/awsconf.h"

#include "base/fs.h"
#include "base/limits.h"
#include "wire/url.h"

#include <errno.h>
#include <unistd.h>

static const char *path_of(const struct awsconf *c, const char *variable, const char *below_home)
{
	struct str s = awsconf_env(c, variable);
	if (s.n && s.p[0] == '~' && s.n > 1 && s.p[1] == '/' && c->home)
		return arena_fmt(c->arena, "%s%.*s", c->home, STR_ARGS(str_sub(s, 1, s.n)));
	if (s.n)
		return arena_cstr(c->arena, s);
	return c->home ? arena_fmt(c->arena, "%s/%s", c->home, below_home) : NULL;
}

static void read_file(struct awsconf *c, struct awsini *out, const char *path, enum awsini_form form)
{
	struct str text;
	if (!path || c->file_err.kind || (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR)))
		return;
	if (!fs_read_again(&text, path, AWS_FILE_BYTES_MAX, c->arena, &c->file_err))
		(void)!awsini_parse(out, text, form, path, c->arena, &c->file_err);
}

void awsconf_load(struct awsconf *c, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		  struct arena *a)
{
	*c = (struct awsconf){ .arena = a, .getenv = getenv_fn, .ctx = ctx };
	struct str home = awsconf_env(c, "HOME");
	c->home = home.n ? arena_cstr(a, home) : NULL;
	c->profile = awsconf_env(c, "AWS_PROFILE");
	if (!c->profile.n)
		c->profile = awsconf_env(c, "AWS_DEFAULT_PROFILE");
	if (!c->profile.n)
		c->profile = STR("default");
	c->config_file = path_of(c, "AWS_CONFIG_FILE", ".aws/config");
	c->credentials_file = path_of(c, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
	read_file(c, &c->config, c->config_file, AWSINI_CONFIG);
	read_file(c, &c->credentials, c->credentials_file, AWSINI_CREDENTIALS);
}

struct str awsconf_env(const struct awsconf *c, const char *name)
{
	struct str s = str_trim(str_c(c->getenv ? c->getenv(c->ctx, name) : NULL));
	return s.n ? arena_str(c->arena, s) : (struct str){ .p = NULL };
}

bool awsconf_has_profile(const struct awsconf *c, struct str profile)
{
	return awsini_has(&c->config, "profile", profile) ||
	       awsini_has(&c->credentials, "profile", profile);
}

int awsconf_check(const struct awsconf *c, struct err *err)
{
	if (c->file_err.kind) {
		*err = c->file_err;
		return -1;
	}
	if (str_eqc(c->profile, "default") || awsconf_has_profile(c, c->profile))
		return 0;
	return err_set(err, ERR_USAGE, "AWS_PROFILE names '%.*s', which is neither in '%s' nor in '%s'",
		       STR_ARGS(str_sub(c->profile, 0, 60)), c->credentials_file ? c->credentials_file : "",
		       c->config_file ? c->config_file : "");
}

struct str awsconf_get(const struct awsconf *c, struct str profile, const char *key)
{
	struct str s = awsini_get(&c->credentials, "profile", profile, key, NULL);
	return s.n ? s : awsini_get(&c->config, "profile", profile, key, NULL);
}

int awsconf_region(const struct awsconf *c, struct str *out, struct err *err)
{
	static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		*out = awsconf_env(c, variables[i]);
		if (out->n)
			return 0;
	}
	if (awsconf_check(c, err))
		return -1;
	*out = awsconf_get(c, c->profile, "region");
	return 0;
}

/* "true" or "false" by the variable, else by the profile; false when neither says. */
static int flag(const struct awsconf *c, const char *variable, const char *key, bool *out, struct err *err)
{
	struct str s = awsconf_env(c, variable);
	bool by_env = s.n > 0;
	if (!by_env)
		s = awsconf_get(c, c->profile, key);
	*out = str_ieq(s, STR("true"));
	if (!s.n || *out || str_ieq(s, STR("false")))
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is '%.*s'; expected true or false", by_env ? variable : key,
		       STR_ARGS(str_sub(s, 0, 40)));
}

static struct str lower(struct arena *a, const char *s)
{
	char *p = arena_cstr(a, str_c(s));
	for (char *c = p; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 'a' - 'A');
	return str_c(p);
}

/* Variables before the profile, the service's own before everyone's. */
static struct str endpoint(const struct awsconf *c, enum aws_service s, const char **source)
{
	const char *suffix = awshost_env_suffix(s);
	struct str services = awsconf_get(c, c->profile, "services");
	const char *own = arena_fmt(c->arena, "AWS_ENDPOINT_URL_%s", suffix);
	const struct {
		const char *name;
		struct str url;
	} places[] = {
		{ own, awsconf_env(c, own) },
		{ "AWS_ENDPOINT_URL", awsconf_env(c, "AWS_ENDPOINT_URL") },
		{ "endpoint_url of the profile's services",
		  awsini_get(&c->config, "services", services, lower(c->arena, suffix).p, "endpoint_url") },
		{ "endpoint_url of the profile", awsconf_get(c, c->profile, "endpoint_url") },
	};
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		*source = places[i].name;
		if (places[i].url.n)
			return places[i].url;
	}
	return (struct str){ .p = NULL };
}

int awsconf_place(const struct awsconf *c, struct aws_place *out, struct err *err)
{
	bool ignore = false;
	*out = (struct aws_place){ .fips = false };
	if (flag(c, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &out->fips, err) ||
	    flag(c, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &out->dualstack, err) ||
	    flag(c, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", &ignore, err))
		return -1;
	for (int i = 0; !ignore && i < AWS_SERVICES; i++) {
		struct url u;
		const char *source;
		struct str url = endpoint(c, (enum aws_service)i, &source);
		if (url.n && url_parse(&u, url, c->arena, err))
			return err_wrap(err, "%s", source);
		out->url[i] = url;
	}
	return 0;
}
