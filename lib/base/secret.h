/* Secrets and the redactor.  A struct secret can be sent, compared and wiped, never
 * formatted.  The redactor knows every live secret and replaces it, also in its base64,
 * percent-encoded and JSON-escaped forms, by "[redacted]" in any text on its way to a log, record, report or
 * error. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

struct secret {
	struct str value;
};

struct redactor {
	struct arena *arena;
	VEC(struct str) needle;
};

void redactor_init(struct redactor *r, struct arena *a);
/* Learn a secret.  Values shorter than 6 bytes are too common to search for and are left. */
void redactor_learn(struct redactor *r, struct str secret);
/* s itself when nothing was found, else a cleaned copy in `a`. */
struct str redact(const struct redactor *r, struct str s, struct arena *a);
/* Overwrite with zeros in a way the compiler keeps. */
void secret_wipe(char *p, size_t n);

#endif
