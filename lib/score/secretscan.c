#include "score/secretscan.h"

#include "base/compiler.h"

#include <math.h>
#include <string.h>

enum alphabet { UPPER_DIGIT, ALNUM, TOKEN /* and _ - */ };

struct shape {
	const char *kind, *prefix;
	enum alphabet alphabet;
	size_t min, max; /* of what follows the prefix */
};

static const struct shape shapes[] = {
	{ "AWS access key", "AKIA", UPPER_DIGIT, 16, 16 },
	{ "AWS access key", "ASIA", UPPER_DIGIT, 16, 16 },
	{ "GitHub token", "ghp_", ALNUM, 36, 255 },
	{ "GitHub token", "gho_", ALNUM, 36, 255 },
	{ "GitHub token", "ghs_", ALNUM, 36, 255 },
	{ "GitHub token", "ghu_", ALNUM, 36, 255 },
	{ "GitHub token", "ghr_", ALNUM, 36, 255 },
	{ "GitHub token", "github_pat_", TOKEN, 50, 255 },
	{ "GitLab token", "glpat-", TOKEN, 20, 64 },
	{ "Anthropic key", "sk-ant-", TOKEN, 32, 255 },
	{ "OpenAI key", "sk-proj-", TOKEN, 32, 255 },
	{ "API key", "sk-", TOKEN, 20, 255 },
	{ "Stripe key", "sk_live_", ALNUM, 16, 255 },
	{ "Stripe key", "rk_live_", ALNUM, 16, 255 },
	{ "Slack token", "xoxb-", TOKEN, 20, 255 },
	{ "Slack token", "xoxp-", TOKEN, 20, 255 },
	{ "Slack token", "xoxa-", TOKEN, 20, 255 },
	{ "Slack token", "xoxr-", TOKEN, 20, 255 },
	{ "Slack token", "xoxs-", TOKEN, 20, 255 },
	{ "Google API key", "AIza", TOKEN, 35, 35 },
	{ "npm token", "npm_", ALNUM, 36, 36 },
	{ "Hugging Face token", "hf_", ALNUM, 30, 64 },
};

static bool upper_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool token_byte(char c, enum alphabet a)
{
	return upper_digit(c) || (a != UPPER_DIGIT && c >= 'a' && c <= 'z') ||
	       (a == TOKEN && (c == '_' || c == '-'));
}

/* Bits a byte, by the frequencies of its own bytes. */
static double entropy(struct str s)
{
	unsigned count[256] = { 0 };
	double h = 0;
	for (size_t i = 0; i < s.n; i++)
		count[(unsigned char)s.p[i]]++;
	for (int c = 0; c < 256; c++)
		if (count[c])
			h -= count[c] * log2((double)count[c] / (double)s.n);
	return s.n ? h / (double)s.n : 0;
}

/* Placeholders: "xxxx", "your-key-here", "EXAMPLE", words joined by hyphens. */
static bool random_looking(struct str s, double bits)
{
	bool digits = false, letters = false;
	for (size_t i = 0; i < s.n; i++) {
		digits = digits || (s.p[i] >= '0' && s.p[i] <= '9');
		letters = letters || ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z');
	}
	return digits && letters && entropy(s) >= bits;
}

static bool by_shape(struct str s, size_t i, struct secret_hit *f)
{
	for (size_t k = 0; k < ARRAY_LEN(shapes); k++) {
		const struct shape *h = &shapes[k];
		size_t from = i + strlen(h->prefix), n = 0;
		if (!str_starts(str_sub(s, i, s.n), str_c(h->prefix)))
			continue;
		while (from + n < s.n && n <= h->max && token_byte(s.p[from + n], h->alphabet))
			n++;
		struct str body = str_sub(s, from, from + n);
		if (n < h->min || n > h->max || entropy(body) < 2.5 ||
		    (h->alphabet == TOKEN && !random_looking(body, 2.5)))
			continue;
		*f = (struct secret_hit){ h->kind, i, from + n };
		return true;
	}
	return false;
}

static bool private_key(struct str s, size_t i, struct secret_hit *f)
{
	struct str rest = str_sub(s, i, s.n);
	if (!str_starts(rest, STR("-----BEGIN ")))
		return false;
	ptrdiff_t end = str_find(str_sub(rest, 0, 80), STR("PRIVATE KEY"), 0);
	if (end < 0)
		return false;
	/* a key has a body; a sentence about keys has none */
	size_t body = 0;
	for (size_t k = (size_t)end + 11; k < rest.n && body < 40; k++) {
		if (token_byte(rest.p[k], ALNUM) || rest.p[k] == '+' || rest.p[k] == '/')
			body++;
		else if (rest.p[k] != '-' && rest.p[k] != '\n' && rest.p[k] != '\r' && rest.p[k] != '\\')
			break;
	}
	*f = (struct secret_hit){ "private key", i, i + (size_t)end + 11 };
	return body >= 40;
}

/* Three parts of base64url; the first two begin as {" does. */
static bool web_token(struct str s, size_t i, struct secret_hit *f)
{
	size_t at = i;
	if (!str_starts(str_sub(s, i, s.n), STR("eyJ")))
		return false;
	for (int part = 0; part < 3; part++) {
		size_t n = 0;
		if (part == 1 && !str_starts(str_sub(s, at, s.n), STR("eyJ")))
			return false;
		while (at + n < s.n && token_byte(s.p[at + n], TOKEN))
			n++;
		if (n < 10 || (part < 2 && (at + n >= s.n || s.p[at + n] != '.')))
			return false;
		at += n + (part < 2);
	}
	*f = (struct secret_hit){ "JSON Web Token", i, at };
	return true;
}

/* password = "…", api_key: …  with a value that looks random. */
static bool assignment(struct str s, size_t i, struct secret_hit *f)
{
	static const char *const names[] = { "api_key",	   "apikey",	 "api-key",    "secret_key",
					     "secret-key", "secret",	 "access_key", "access_token",
					     "auth_token", "private_key", "password",	 "passwd",
					     "client_secret", "token" };
	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		size_t at = i + strlen(names[k]), n = 0;
		if (!str_ieq(str_sub(s, i, at), str_c(names[k])))
			continue;
		while (at < s.n && strchr("\"'` ", s.p[at]) && s.p[at])
			at++;
		if (at >= s.n || (s.p[at] != '=' && s.p[at] != ':'))
			continue;
		for (at++; at < s.n && strchr("=\"'` >", s.p[at]) && s.p[at]; )
			at++;
		while (at + n < s.n && (token_byte(s.p[at + n], TOKEN) || strchr("+/=.~!@#$%^&*", s.p[at + n])) &&
		       s.p[at + n])
			n++;
		struct str value = str_sub(s, at, at + n);
		if (n < 16 || n > 512 || !random_looking(value, 3.5))
			continue;
		*f = (struct secret_hit){ "assigned secret", at, at + n };
		return true;
	}
	return false;
}

bool secret_next(struct str s, size_t from, struct secret_hit *f)
{
	for (size_t i = from; i < s.n; i++) {
		char c = s.p[i];
		if (c == '-' ? private_key(s, i, f) : false)
			return true;
		bool inside = i && token_byte(s.p[i - 1], ALNUM);
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter || inside)
			continue;
		if (by_shape(s, i, f) || (c == 'e' && web_token(s, i, f)) || assignment(s, i, f))
			return true;
	}
	return false;
}
