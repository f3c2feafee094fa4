#include "wire/url.h"

#include <arpa/inet.h>
#include <string.h>

static bool alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_in(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	return true;
}

/* Dotted decimal with four parts and no leading zeros: the one form that every parser reads alike. */
static bool ipv4(struct str s, unsigned char out[4])
{
	char text[16];
	if (s.n >= sizeof(text) || !all_in(s, "0123456789."))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	char back[16];
	return inet_pton(AF_INET, text, out) == 1 && inet_ntop(AF_INET, out, back, sizeof(back)) &&
	       strcmp(text, back) == 0;
}

static bool ipv6(struct str s, unsigned char out[16])
{
	char text[46];
	if (s.n >= sizeof(text) || !all_in(s, "0123456789abcdefABCDEF:."))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, out) == 1;
}

/* A last label that starts with a digit is an address in some parser's eyes (127.1, 0x7f000001,
 * 2130706433); only the dotted quad is let through. */
static bool host_ok(struct str host)
{
	size_t label = 0;
	if (!host.n || host.n > 253)
		return false;
	for (size_t i = 0; i <= host.n; i++) {
		if (i == host.n || host.p[i] == '.') {
			if (i == label || i - label > 63)
				return false;
			if (i < host.n)
				label = i + 1;
		} else if (!alnum(host.p[i]) && host.p[i] != '-' && host.p[i] != '_') {
			return false;
		}
	}
	unsigned char addr[4];
	bool number = host.p[label] >= '0' && host.p[label] <= '9';
	return !number || ipv4(host, addr);
}

static struct str lower(struct str s, struct arena *a)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
	return (struct str){ .p = p, .n = s.n };
}

/* ":port" or nothing. */
static bool parse_port(struct str s, unsigned *port)
{
	if (!s.n)
		return true;
	unsigned n = 0;
	if (s.p[0] != ':' || s.n < 2 || s.n > 6)
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	*port = n;
	return n >= 1 && n <= 65535;
}

static int parse_authority(struct url *u, struct str auth, struct arena *a, struct err *err)
{
	if (str_chr(auth, '@', 0) >= 0)
		return err_set(err, ERR_ARTIFACT, "URL has user info before '@'; bind the credential in "
						  "the policy's trust.credentials instead");
	struct str host, port;
	unsigned char addr[16];
	if (auth.n && auth.p[0] == '[') {
		ptrdiff_t end = str_chr(auth, ']', 0);
		host = str_sub(auth, 1, end < 0 ? 0 : (size_t)end);
		port = str_sub(auth, end < 0 ? auth.n : (size_t)end + 1, auth.n);
		u->ipv6 = true;
		if (end < 0 || !ipv6(host, addr))
			return err_set(err, ERR_ARTIFACT, "'%.*s' is no IPv6 address in brackets",
				       STR_ARGS(auth));
	} else {
		ptrdiff_t colon = str_chr(auth, ':', 0);
		size_t cut = colon < 0 ? auth.n : (size_t)colon;
		host = str_sub(auth, 0, cut);
		port = str_sub(auth, cut, auth.n);
		if (!host_ok(host))
			return err_set(err, ERR_ARTIFACT, "'%.*s' is no host name or IPv4 address",
				       STR_ARGS(host));
	}
	if (!parse_port(port, &u->port))
		return err_set(err, ERR_ARTIFACT, "'%.*s' is no port; expected 1 to 65535",
			       STR_ARGS(port));
	u->host = lower(host, a);
	return 0;
}

static int check_bytes(struct str text, struct err *err)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c <= 0x20 || c >= 0x7f || strchr("\\\"<>^`{|}", c))
			return err_set(err, ERR_ARTIFACT,
				       "URL has byte 0x%02x at %zu; percent-encode it", c, i + 1);
	}
	return 0;
}

int url_parse(struct url *out, struct str text, struct arena *a, struct err *err)
{
	struct url u = { .tls = true, .port = 443 };
	struct str rest;
	if (check_bytes(text, err))
		return -1;
	if (text.n >= 8 && str_ieq(str_sub(text, 0, 8), STR("https://"))) {
		rest = str_sub(text, 8, text.n);
	} else if (text.n >= 7 && str_ieq(str_sub(text, 0, 7), STR("http://"))) {
		rest = str_sub(text, 7, text.n);
		u.tls = false;
		u.port = 80;
	} else {
		return err_set(err, ERR_ARTIFACT, "'%.*s' is no URL; expected https://host/…",
			       STR_ARGS(str_sub(text, 0, 80)));
	}
	size_t end = 0;
	while (end < rest.n && !strchr("/?#", rest.p[end]))
		end++;
	if (parse_authority(&u, str_sub(rest, 0, end), a, err))
		return -1;
	ptrdiff_t hash = str_chr(rest, '#', 0);
	if (hash >= 0)
		return err_set(err, ERR_ARTIFACT, "URL has a fragment ('#'), which no server sees; remove it");
	u.path = str_sub(rest, end, rest.n);
	if (!u.path.n)
		u.path = STR("/");
	*out = u;
	return 0;
}

void url_encode(struct buf *out, struct str s, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (alnum(s.p[i]) || (c && (strchr("-._~", c) || strchr(keep, c)))) {
			buf_addc(out, s.p[i]);
		} else {
			char e[3] = { '%', hex[c >> 4], hex[c & 15] };
			buf_add(out, (struct str){ .p = e, .n = 3 });
		}
	}
}

static bool same(const unsigned char *addr, uint32_t net, unsigned bits)
{
	uint32_t x = (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 | (uint32_t)addr[2] << 8 | addr[3];
	return (x ^ net) >> (32 - bits) == 0;
}

struct range {
	uint32_t net;
	unsigned bits;
	enum url_net kind;
};

/* IANA's special-purpose registry, and two metadata services outside link-local. */
static enum url_net net4(const unsigned char *p)
{
	static const struct range table[] = {
		{ 0x7f000000, 8, URL_NET_LOOPBACK },     /* 127/8 */
		{ 0xa9fe0000, 16, URL_NET_LINK_LOCAL },  /* 169.254/16 */
		{ 0xa83f8110, 32, URL_NET_LINK_LOCAL },  /* 168.63.129.16, Azure's host agent */
		{ 0x646464c8, 32, URL_NET_LINK_LOCAL },  /* 100.100.100.200, Alibaba's metadata */
		{ 0x00000000, 8, URL_NET_PRIVATE },      /* 0/8: this host */
		{ 0x0a000000, 8, URL_NET_PRIVATE },      /* 10/8 */
		{ 0x64400000, 10, URL_NET_PRIVATE },     /* 100.64/10 */
		{ 0xac100000, 12, URL_NET_PRIVATE },     /* 172.16/12 */
		{ 0xc0000000, 24, URL_NET_PRIVATE },     /* 192.0.0/24 */
		{ 0xc0a80000, 16, URL_NET_PRIVATE },     /* 192.168/16 */
		{ 0xc6120000, 15, URL_NET_PRIVATE },     /* 198.18/15 */
		{ 0xe0000000, 3, URL_NET_PRIVATE },      /* multicast, reserved, broadcast */
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (same(p, table[i].net, table[i].bits))
			return table[i].kind;
	return URL_NET_PUBLIC;
}

static enum url_net net6(const unsigned char *p)
{
	static const unsigned char zero[16], loop[16] = { [15] = 1 };
	if (!memcmp(p, loop, 16))
		return URL_NET_LOOPBACK;
	if (!memcmp(p, zero, 16))
		return URL_NET_PRIVATE;
	if (!memcmp(p, zero, 12) || !memcmp(p, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) ||
	    !memcmp(p, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0", 12))
		return net4(p + 12); /* compatible, mapped, NAT64 */
	if (p[0] == 0x20 && p[1] == 0x02)
		return net4(p + 2); /* 6to4 */
	if (same(p, 0xfe800000, 10) || same(p, 0xfd000ec2, 32) || same(p, 0xfd2000ce, 32))
		return URL_NET_LINK_LOCAL; /* with the metadata services of AWS and Google */
	if (same(p, 0xfc000000, 7) || same(p, 0xfec00000, 10) || same(p, 0xff000000, 8) ||
	    same(p, 0x20010000, 32) || same(p, 0x0064ff9b, 32))
		return URL_NET_PRIVATE; /* unique local, site-local, multicast, Teredo, local NAT64 */
	return URL_NET_PUBLIC;
}

enum url_net url_net_of(const unsigned char *addr, size_t n)
{
	return n == 4 ? net4(addr) : n == 16 ? net6(addr) : URL_NET_LINK_LOCAL;
}

enum url_net url_host_net(struct str host)
{
	unsigned char addr[16];
	if (ipv4(host, addr))
		return net4(addr);
	if (ipv6(host, addr))
		return net6(addr);
	if (str_eqc(host, "localhost") || str_ends(host, STR(".localhost")))
		return URL_NET_LOOPBACK;
	return URL_NET_PUBLIC;
}
