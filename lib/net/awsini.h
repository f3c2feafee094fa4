/* struct awsini: one of AWS's two files of profiles (~/.aws/config, ~/.aws/credentials), read whole.
 * Sections have a kind and a name, settings a key and sometimes keys below them.  Names and
 * values are copies in the arena; an error names the file and the line and never quotes it, for
 * it may hold a secret. */
#ifndef NET_AWSINI_H
#define NET_AWSINI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct awsini_item {
	struct str key, sub; /* lower case; sub is absent but for an indented setting */
	struct str value;
};

struct awsini_section {
	struct str kind; /* "profile", "sso-session", "services" */
	struct str name;
	VEC(struct awsini_item) item;
};

struct awsini {
	VEC(struct awsini_section) section;
};

enum awsini_form { AWSINI_CONFIG, AWSINI_CREDENTIALS };

/* Sections of other kinds and with badly quoted names are skipped, as AWS's tools do; text before
 * the first section and a line that is no setting are errors (ERR_USAGE). */
int awsini_parse(struct awsini *out, struct str text, enum awsini_form form, const char *file,
		 struct arena *a, struct err *err) MUST_USE;
bool awsini_has(const struct awsini *f, const char *kind, struct str name);
/* The last value given; sub NULL for a plain setting.  Absent when there is none. */
struct str awsini_get(const struct awsini *f, const char *kind, struct str name, const char *key,
		      const char *sub);

#endif
