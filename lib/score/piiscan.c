#include "score/piiscan.h"

#include <stdint.h>

static const char *const names[PII_KINDS] = { "email", "card", "iban", "ssn", "phone", "ip" };

const char *pii_kind_name(enum pii_kind k)
{
	return names[k];
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool word(struct str s, size_t i)
{
	return i < s.n && (digit(s.p[i]) || alpha(s.p[i]) || s.p[i] == '_' || (unsigned char)s.p[i] >= 0xc3);
}

static char at(struct str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* --- email: what stands around an @ --------------------------------------------------------------- */

static bool local_byte(char c)
{
	return alpha(c) || digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

/* Bytes of "name.name.tld" from i: a last label of at least two letters (or xn--). */
static size_t domain_at(struct str s, size_t i)
{
	size_t start = i, good = 0, label = i;
	for (; i <= s.n; i++) {
		char c = at(s, i);
		if (alpha(c) || digit(c) || (c == '-' && i > label))
			continue;
		bool empty = i == label || s.p[i - 1] == '-';
		bool tld = !empty && label > start && i - label >= 2 && alpha(s.p[label]);
		if (tld)
			good = i - start;
		if (c != '.' || empty)
			break;
		label = i + 1;
	}
	return good;
}

static bool next_email(struct str s, size_t from, struct pii_hit *out)
{
	for (ptrdiff_t a = str_chr(s, '@', from); a >= 0; a = str_chr(s, '@', (size_t)a + 1)) {
		size_t mid = (size_t)a, lo = mid, len = domain_at(s, mid + 1);
		while (len && lo > from && mid - lo < 64 && local_byte(s.p[lo - 1]))
			lo--;
		while (lo < mid && strchr(".'`/={|", s.p[lo]))
			lo++;
		if (!len || lo == mid || s.p[mid - 1] == '.')
			continue;
		*out = (struct pii_hit){ PII_EMAIL, lo, mid + 1 + len };
		return true;
	}
	return false;
}

/* --- cards ---------------------------------------------------------------------------------------- */

static bool luhn(const char *d, size_t n)
{
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned x = (unsigned)(d[n - 1 - i] - '0');
		x = i % 2 ? x * 2 : x;
		sum += x > 9 ? x - 9 : x;
	}
	return sum % 10 == 0;
}

static unsigned lead(const char *d, size_t n)
{
	unsigned x = 0;
	for (size_t i = 0; i < n; i++)
		x = x * 10 + (unsigned)(d[i] - '0');
	return x;
}

/* Lengths the networks issue under that prefix. */
static bool issued(const char *d, size_t n)
{
	unsigned two = lead(d, 2), four = lead(d, 4);
	if (d[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))
		return n == 16;
	if (two == 34 || two == 37)
		return n == 15;
	if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059))
		return n == 14 || n == 16;
	if (four >= 3528 && four <= 3589)
		return n >= 16;
	if (two == 50 || (two >= 56 && two <= 69))
		return n >= 12;
	if (two == 62 || two == 60 || two == 65)
		return n >= 16;
	return two == 12 && n == 15; /* UATP */
}

static bool next_card(struct str s, size_t from, struct pii_hit *out)
{
	for (size_t i = from; i < s.n; i++) {
		char d[20];
		size_t n = 0, k = i, end[20];
		if (!digit(s.p[i]) || (i && (word(s, i - 1) || ((s.p[i - 1] == '-' || s.p[i - 1] == '.') &&
								i > 1 && digit(s.p[i - 2])))))
			continue;
		for (; k < s.n && n < 20; k++) {
			if (digit(s.p[k])) {
				end[n] = k + 1;
				d[n++] = s.p[k];
			} else if (!((s.p[k] == ' ' || s.p[k] == '-') && digit(at(s, k + 1)))) {
				break;
			}
		}
		for (size_t len = n < 19 ? n : 19; len >= 12; len--) {
			if (digit(at(s, end[len - 1])) || word(s, end[len - 1]) || !issued(d, len) || !luhn(d, len))
				continue;
			*out = (struct pii_hit){ PII_CARD, i, end[len - 1] };
			return true;
		}
	}
	return false;
}

/* --- IBAN ------------------------------------------------------------------------------------------- */

/* Countries and the lengths of their numbers (SWIFT's IBAN registry). */
static const char iban_lengths[] =
	"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
	"FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
	"LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
	"RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static size_t iban_length(char a, char b)
{
	for (const char *p = iban_lengths; *p; p += 4)
		if (p[0] == a && p[1] == b)
			return (size_t)(p[2] - '0') * 10 + (size_t)(p[3] - '0');
	return 0;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* ISO 7064: the first four characters go to the end, letters are 10 … 35. */
static bool mod97(const char *c, size_t n)
{
	unsigned r = 0;
	for (size_t i = 0; i < n; i++) {
		char x = c[(i + 4) % n];
		r = digit(x) ? (r * 10 + (unsigned)(x - '0')) % 97 : (r * 100 + (unsigned)(x - 'A') + 10) % 97;
	}
	return r == 1;
}

static bool next_iban(struct str s, size_t from, struct pii_hit *out)
{
	for (size_t i = from; i + 15 <= s.n; i++) {
		char c[40];
		size_t n = 0, k = i;
		if (!alpha(s.p[i]) || (i && word(s, i - 1)) || !alpha(s.p[i + 1]))
			continue;
		size_t want = iban_length(upper(s.p[i]), upper(s.p[i + 1]));
		for (; n < want && k < s.n; k++) {
			if (alpha(s.p[k]) || digit(s.p[k]))
				c[n++] = upper(s.p[k]);
			else if ((s.p[k] != ' ' && s.p[k] != '-') || !(alpha(at(s, k + 1)) || digit(at(s, k + 1))))
				break;
		}
		if (!want || n < want || word(s, k) || !digit(c[2]) || !digit(c[3]) || !mod97(c, n))
			continue;
		*out = (struct pii_hit){ PII_IBAN, i, k };
		return true;
	}
	return false;
}

/* --- US social security number ------------------------------------------------------------------- */

/* Groups never issued, and numbers that advertisements and examples made void. */
static bool ssn_possible(const char *d)
{
	unsigned area = lead(d, 3), group = lead(d + 3, 2), serial = lead(d + 5, 4);
	bool same = true;
	for (int i = 1; i < 9; i++)
		same = same && d[i] == d[0];
	return area && area != 666 && area < 900 && group && serial && !same &&
	       memcmp(d, "123456789", 9) && memcmp(d, "078051120", 9) && memcmp(d, "98765432", 8);
}

static bool next_ssn(struct str s, size_t from, struct pii_hit *out)
{
	for (size_t i = from; i + 9 <= s.n; i++) {
		char d[9], sep = 0;
		size_t n = 0, k = i;
		bool mixed = false;
		if (!digit(s.p[i]) || (i && (word(s, i - 1) || s.p[i - 1] == '-')))
			continue;
		for (; n < 9 && k < s.n; k++) {
			if (digit(s.p[k])) {
				d[n++] = s.p[k];
			} else if ((n == 3 || n == 5) && strchr("- .", s.p[k]) && digit(s.p[k - 1])) {
				mixed = mixed || (n == 5 && sep != s.p[k]);
				sep = s.p[k];
			} else {
				break;
			}
		}
		bool parted = k - i == 11 && !mixed;
		bool bare = k - i == 9;
		if (n < 9 || (!parted && !bare) || word(s, k) || (at(s, k) == '-' && word(s, k + 1)) || !ssn_possible(d))
			continue;
		/* nine digits in a row mean a thousand things */
		if (bare)
			continue;
		*out = (struct pii_hit){ PII_SSN, i, k };
		return true;
	}
	return false;
}

/* --- phone ------------------------------------------------------------------------------------------ */

/* +CC and 7 to 14 digits in groups; or the North American 3-3-4, which needs its separators. */
static bool next_phone(struct str s, size_t from, struct pii_hit *out)
{
	for (size_t i = from; i < s.n; i++) {
		bool plus = s.p[i] == '+' && digit(at(s, i + 1));
		bool paren = s.p[i] == '(' && digit(at(s, i + 1));
		if (!plus && !paren && !digit(s.p[i]))
			continue;
		if (i && (word(s, i - 1) || (digit(s.p[i]) && strchr("-.+(", s.p[i - 1]))))
			continue;
		size_t n = 0, k = i, group[16] = { 0 }, groups = 0, end = i;
		bool points = false;
		for (; k < s.n && n < 16; k++) {
			if (digit(s.p[k])) {
				if (k == i || !digit(s.p[k - 1]))
					groups += groups < 15;
				group[groups]++;
				n++;
				end = k + 1;
			} else if (s.p[k] == '+' && k == i) {
				continue;
			} else if (s.p[k] == '.' && !digit(at(s, k + 1))) {
				break; /* a full stop */
			} else if (strchr(" -().", s.p[k]) && k - end < 2 + (size_t)paren) {
				points = points || s.p[k] == '.';
			} else {
				break;
			}
		}
		if (digit(at(s, end)) || word(s, end) || n > 15)
			continue;
		bool nanp = (groups == 3 && group[1] == 3 && group[2] == 3 && group[3] == 4) ||
			    (groups == 4 && group[1] == 1 && group[2] == 3 && group[3] == 3 && group[4] == 4);
		bool world = plus && n >= 8 && !points;
		if (!nanp && !world) {
			i = end > i ? end - 1 : i;
			continue;
		}
		*out = (struct pii_hit){ PII_PHONE, i, end };
		return true;
	}
	return false;
}

/* --- IP addresses ----------------------------------------------------------------------------------- */

static size_t ipv4_at(struct str s, size_t i)
{
	size_t start = i;
	for (int part = 0; part < 4; part++) {
		unsigned x = 0;
		size_t n = 0;
		if (part && at(s, i++) != '.')
			return 0;
		for (; n < 3 && digit(at(s, i)); n++)
			x = x * 10 + (unsigned)(s.p[i++] - '0');
		if (!n || x > 255)
			return 0;
	}
	return digit(at(s, i)) ? 0 : i - start;
}

static bool hex(char c)
{
	return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Eight groups, or fewer with one "::"; an IPv4 address may stand for the last two. */
static size_t ipv6_at(struct str s, size_t i)
{
	size_t start = i, groups = 0, end = 0;
	bool gap = false;
	if (at(s, i) == ':') {
		if (at(s, i + 1) != ':')
			return 0;
		gap = true;
		i += 2;
		end = i;
	}
	while (groups < 8 && hex(at(s, i))) {
		size_t four = groups <= 6 ? ipv4_at(s, i) : 0, n = 0;
		if (four) {
			groups += 2;
			end = i + four;
			i = end;
			break;
		}
		while (hex(at(s, i + n)))
			n++;
		if (n > 4)
			return 0;
		groups++;
		i += n;
		end = i;
		if (at(s, i) != ':')
			break;
		if (at(s, i + 1) == ':') {
			if (gap)
				return 0;
			gap = true;
			i += 2;
			end = i;
		} else if (hex(at(s, i + 1))) {
			i++;
		} else {
			break;
		}
	}
	if (!end || (gap ? groups > 7 : groups != 8) || (gap && !groups && i - start != 2))
		return 0;
	/* a third colon, or digits and points that spoil it */
	if (at(s, end) == ':' || hex(at(s, end)) || (at(s, end) == '.' && digit(at(s, end + 1)) && groups < 8))
		return 0;
	return end - start;
}

/* %zone and /prefix belong to the address. */
static size_t ip_suffix(struct str s, size_t i, bool v6)
{
	size_t k = i;
	if (v6 && at(s, k) == '%' && word(s, k + 1))
		for (k++; word(s, k); )
			k++;
	if (at(s, k) == '/' && digit(at(s, k + 1))) {
		size_t n = 1;
		while (digit(at(s, k + n)))
			n++;
		unsigned bits = n <= 4 ? lead(s.p + k + 1, n - 1) : 999;
		if (bits <= (v6 ? 128u : 32u) && !word(s, k + n))
			k += n;
	}
	return k;
}

static bool next_ip(struct str s, size_t from, struct pii_hit *out)
{
	for (size_t i = from; i < s.n; i++) {
		if (!hex(s.p[i]) && s.p[i] != ':')
			continue;
		bool inside = i && (word(s, i - 1) || s.p[i - 1] == ':' || s.p[i - 1] == '.');
		if (inside) /* std::cout, 1.2.3.4.5 */
			continue;
		size_t len = ipv6_at(s, i);
		bool v6 = len > 0;
		if (!v6)
			len = digit(s.p[i]) ? ipv4_at(s, i) : 0;
		if (!len || word(s, i + len))
			continue;
		*out = (struct pii_hit){ PII_IP, i, ip_suffix(s, i + len, v6) };
		return true;
	}
	return false;
}

bool pii_next(struct str s, enum pii_kind kind, size_t from, struct pii_hit *out)
{
	switch (kind) {
	case PII_EMAIL:
		return next_email(s, from, out);
	case PII_CARD:
		return next_card(s, from, out);
	case PII_IBAN:
		return next_iban(s, from, out);
	case PII_SSN:
		return next_ssn(s, from, out);
	case PII_PHONE:
		return next_phone(s, from, out);
	case PII_IP:
		return next_ip(s, from, out);
	case PII_KINDS:
		break;
	}
	return false;
}
