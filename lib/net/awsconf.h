/* struct awsconf: what the operator's environment and AWS files say: the profile, its settings, the
 * region, FIPS and dual-stack, endpoints.  Read from a getenv-like function and two small
 * files, never from a repository.  Values are copies in the arena. */
#ifndef NET_AWSCONF_H
#define NET_AWSCONF_H

#include "base/err.h"
#include "net/awsini.h"
#include "wire/awshost.h"

struct awsconf {
	struct arena *arena;
	const char *(*getenv)(void *ctx, const char *name);
	void *ctx;
	struct str profile;  /* AWS_PROFILE, AWS_DEFAULT_PROFILE or "default" */
	const char *home;    /* NULL: no HOME */
	const char *config_file, *credentials_file;
	struct awsini config, credentials;
	struct err file_err; /* one of them cannot be read: told when it is needed */
};

/* Reads the files there are.  Never fails: what is wrong with them is told by who needs them. */
void awsconf_load(struct awsconf *c, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		  struct arena *a);
/* A variable without surrounding white space; absent when unset or empty. */
struct str awsconf_env(const struct awsconf *c, const char *name);
/* Are the files readable, and is the profile there when AWS_PROFILE names it? */
int awsconf_check(const struct awsconf *c, struct err *err) MUST_USE;
bool awsconf_has_profile(const struct awsconf *c, struct str profile);
/* A profile's setting: the credentials file goes before the config file. */
struct str awsconf_get(const struct awsconf *c, struct str profile, const char *key);
/* AWS_REGION, AWS_DEFAULT_REGION, the profile's region; absent when nothing says. */
int awsconf_region(const struct awsconf *c, struct str *out, struct err *err) MUST_USE;
/* FIPS, dual-stack and endpoints; the region is the caller's to fill in. */
int awsconf_place(const struct awsconf *c, struct aws_place *out, struct err *err) MUST_USE;

#endif
