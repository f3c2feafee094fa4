/* Which ref's policy judges a change.  An explicit choice wins, then git config
 * gate.policyRef, then the branch the CI says the change goes to; where none is named the commit is its own
 * policy.  A ref that is named but cannot be read here is a matter of trust, never a reason to
 * fall back: ERR_TRUST with the fetch command for that CI. */
#ifndef REPO_POLICYREF_H
#define REPO_POLICYREF_H

#include "base/arena.h"
#include "base/err.h"
#include "repo/repo.h"

/* Like getenv, with a context: tests give their own environment. */
typedef const char *env_fn(void *ctx, const char *name);

enum policyref_source { POLICYREF_SELF, POLICYREF_OPTION, POLICYREF_CONFIG, POLICYREF_CI };

struct policyref {
	enum policyref_source source;
	const char *ref;      /* as found: "origin/main"; NULL for self */
	const char *named_by; /* "--policy-ref", "git config gate.policyRef", "GITHUB_BASE_REF" */
	const char *ci;       /* "GitHub Actions" …, or NULL */
	char commit[OID_HEX]; /* resolved once; "" for self */
};

/* `option` is --policy-ref or NULL. */
int policyref_find(struct policyref *out, const struct repo *r, const char *option, env_fn *env,
		   void *env_ctx, struct arena *a, struct err *err) MUST_USE;

#endif
