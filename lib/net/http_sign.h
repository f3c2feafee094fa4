/* AWS signatures of attempts: waiting for a key before anything is sent, signing with it and the host's own
 * time, and telling from a refusal's head that another time or another key would do.  For the http*.c files
 * alone. */
#ifndef NET_HTTP_SIGN_H
#define NET_HTTP_SIGN_H

#include "net/http_slot.h"

enum { HTTP_WAITS = 0, HTTP_SIGNED = 1 };

/* HTTP_SIGNED with auth->aws filled in; HTTP_WAITS: x goes on by itself when there is a key; -1. */
int http_sign(struct http_xfer *x, const struct url *u, struct http_auth *auth, struct err *err) MUST_USE;
/* Should the signed attempt, refused with this head, be sent once more? */
bool http_sign_resend(struct http_slot *s, const struct wire_status *st);
/* End x, of which nothing is on its way, with *err. */
void http_sign_refused(struct http_xfer *x, const struct err *err);
/* It waits no more. */
void http_sign_cancel(struct http_xfer *x);

#endif
