/* struct url: an absolute http or https URL in its parts.  Views point into the parsed
 * text, but the host, which is lowered into the arena.  User info is refused: a secret in a
 * URL ends in logs. */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct url {
	bool tls;
	struct str host; /* lower case, IPv6 without brackets */
	bool ipv6;
	unsigned port;   /* 80 or 443 when absent */
	struct str path; /* from '/', with query; "/" when empty; no fragment */
};

/* -1 names what is wrong (ERR_ARTIFACT without a place). */
int url_parse(struct url *out, struct str text, struct arena *a, struct err *err) MUST_USE;

/* Percent-encode everything but unreserved characters and those in `keep`. */
void url_encode(struct buf *out, struct str s, const char *keep);

enum url_net {
	URL_NET_PUBLIC,
	URL_NET_LOOPBACK,   /* 127/8, ::1 */
	URL_NET_PRIVATE,    /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7 and other special ranges */
	URL_NET_LINK_LOCAL, /* 169.254/16, fe80::/10, fd00:ec2::254: metadata services live here */
};
/* By address bytes: 4 or 16 of them.  IPv4 inside IPv6 (mapped, NAT64, 6to4) counts as the IPv4. */
enum url_net url_net_of(const unsigned char *addr, size_t n);
/* By host text: an address literal, or "localhost" and names below it (loopback); any other
 * name is public as far as one can tell. */
enum url_net url_host_net(struct str host);

#endif
