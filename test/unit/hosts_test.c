/* Where calls may go, and which key goes with them. */
#include "net/creds.h"
#include "net/hosts.h"
#include "net/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct hosts listed(struct arena *a, const char *const *entries)
{
	struct hosts h;
	struct err err = ERR_INIT;
	hosts_init(&h, a);
	hosts_add_default(&h, STR("api.openai.com"));
	for (; entries && *entries; entries++)
		if (hosts_add(&h, str_c(*entries), &err))
			fail_msg("'%s': %s", *entries, err.msg);
	return h;
}

static bool allowed(const struct hosts *h, const char *url)
{
	struct url u;
	struct err err = ERR_INIT;
	struct hosts_grant g;
	if (url_parse(&u, str_c(url), h->arena, &err))
		fail_msg("'%s': %s", url, err.msg);
	return hosts_check(h, &u, &g, &err) == 0;
}

static void without_a_list_only_the_built_in(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct hosts h = listed(&a, NULL);
	assert_true(allowed(&h, "https://api.openai.com/v1"));
	assert_false(allowed(&h, "http://api.openai.com/v1"));
	assert_false(allowed(&h, "https://api.openai.com:8443/v1"));
	assert_false(allowed(&h, "https://api.openai.com.evil.example/v1"));
	assert_false(allowed(&h, "http://127.0.0.1:8000/v1"));
	hosts_set_listed(&h);
	assert_false(allowed(&h, "https://api.openai.com/v1"));
	arena_release(&a);
}

static void a_list_is_what_it_says(void **state)
{
	(void)state;
	static const char *const entries[] = { "*.example.com", "gw.internal:8443", "127.0.0.1:8000",
					       "http://10.0.0.7:9000", "[::1]:7000",
					       "aws:bedrock@us-east-1", "169.254.169.254", NULL };
	struct arena a = ARENA_INIT;
	struct hosts h = listed(&a, entries);
	assert_true(allowed(&h, "https://api.example.com/"));
	assert_false(allowed(&h, "https://example.com/"));
	assert_false(allowed(&h, "https://a.b.example.com/"));
	assert_false(allowed(&h, "http://api.example.com:443/"));
	assert_true(allowed(&h, "https://gw.internal:8443/"));
	assert_false(allowed(&h, "https://gw.internal/"));
	assert_true(allowed(&h, "http://127.0.0.1:8000/"));
	assert_false(allowed(&h, "http://127.0.0.1:8001/"));
	assert_true(allowed(&h, "http://10.0.0.7:9000/"));
	assert_false(allowed(&h, "https://10.0.0.7:9000/"));
	assert_true(allowed(&h, "http://[::1]:7000/"));
	assert_false(allowed(&h, "https://169.254.169.254/"));
	assert_true(allowed(&h, "https://bedrock-runtime.us-east-1.amazonaws.com/model/x"));
	assert_true(allowed(&h, "https://bedrock-agent-runtime-fips.us-east-1.amazonaws.com/"));
	assert_true(allowed(&h, "https://bedrock-mantle.us-east-1.api.aws/v1"));
	assert_true(allowed(&h, "https://vpce-1-2.bedrock-runtime.us-east-1.vpce.amazonaws.com/"));
	assert_false(allowed(&h, "https://bedrock-runtime.us-west-2.amazonaws.com/"));
	assert_false(allowed(&h, "https://sts.us-east-1.amazonaws.com/"));
	assert_false(allowed(&h, "https://bedrock.us-east-1.amazonaws.com:8443/"));
	assert_false(allowed(&h, "http://bedrock.us-east-1.amazonaws.com:443/"));
	assert_false(allowed(&h, "https://api.openai.com/v1"));
	arena_release(&a);
}

static void bedrock_by_service_and_region(void **state)
{
	(void)state;
	static const char *const one[] = { "aws:bedrock-runtime@*", "aws:bedrock@eu-west-1", NULL };
	struct arena a = ARENA_INIT;
	struct hosts h = listed(&a, one);
	assert_true(allowed(&h, "https://bedrock-runtime.us-west-2.amazonaws.com/"));
	assert_false(allowed(&h, "https://bedrock-agent-runtime.us-west-2.amazonaws.com/"));
	assert_true(allowed(&h, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/"));
	h = listed(&a, NULL);
	hosts_add_default_aws(&h);
	assert_true(allowed(&h, "https://bedrock-runtime.ap-south-1.amazonaws.com/"));
	assert_false(allowed(&h, "https://s3.ap-south-1.amazonaws.com/"));
	hosts_set_listed(&h);
	assert_false(allowed(&h, "https://bedrock-runtime.ap-south-1.amazonaws.com/"));
	arena_release(&a);
}

static void refuses_what_is_no_entry(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "*", "a*.example.com", "example.*", "host:99999",
					   "https://h/path", "user@host", "ftp://x", "*.*x.com",
					   "aws:bedrock", "aws:s3@us-east-1", "aws:bedrock@", "aws:@x",
					   "aws:bedrock@US", "aws:bedrock@a.b", "aws:sts@us-east-1" };
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct hosts h;
		struct err err = ERR_INIT;
		hosts_init(&h, &a);
		if (!hosts_add(&h, str_c(bad[i]), &err))
			fail_msg("'%s' was taken", bad[i]);
	}
	arena_release(&a);
}

static const char *fake_env(void *ctx, const char *name)
{
	(void)ctx;
	if (!strcmp(name, "OPENAI_API_KEY"))
		return " sk-openai-1\n";
	if (!strcmp(name, "GW_KEY"))
		return "gw-secret";
	if (!strcmp(name, "BAD_KEY"))
		return "two\nlines";
	return NULL;
}

static const char *header(const struct creds *c, const char *url, bool optional, struct err *err)
{
	struct wire_req req = { .auth = WIRE_AUTH_BEARER, .auth_env = "OPENAI_API_KEY",
				.auth_optional = optional };
	struct url u;
	const char *out = "unset";
	struct err ignored = ERR_INIT;
	assert_int_equal(url_parse(&u, str_c(url), c->arena, &ignored), 0);
	return creds_header(c, &req, &u, &out, c->arena, err) ? NULL : out;
}

static void a_key_stays_with_its_host(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct redactor red;
	struct creds c;
	struct err err = ERR_INIT;
	redactor_init(&red, &a);
	creds_init(&c, &a, &red, fake_env, NULL);
	creds_bind_usual(&c, "api.openai.com", "OPENAI_API_KEY");
	assert_int_equal(creds_bind(&c, STR("gw.example.com"), "GW_KEY", "api-key", &err), 0);
	assert_int_equal(creds_bind(&c, STR("x.example.com"), "NO_KEY", NULL, &err), 0);
	assert_int_equal(creds_bind(&c, STR("y.example.com"), "BAD_KEY", NULL, &err), 0);
	assert_int_equal(creds_bind(&c, STR("z.example.com:80"), "GW_KEY", NULL, &err), 0);
	assert_int_equal(creds_bind(&c, STR("h"), "GW_KEY", "X: y\r\nZ", &err), -1);
	assert_string_equal(header(&c, "https://api.openai.com/v1", false, &err),
			    "Authorization: Bearer sk-openai-1");
	assert_string_equal(header(&c, "https://gw.example.com/v1", true, &err), "api-key: gw-secret");
	assert_null(header(&c, "https://other.example.com/", false, &err));
	struct err none = ERR_INIT;
	assert_null(header(&c, "https://other.example.com/", true, &none));
	assert_int_equal(none.kind, ERR_NONE); /* anonymous, no error */
	assert_null(header(&c, "http://z.example.com/", true, &none));
	assert_int_equal(none.kind, ERR_NONE); /* never in the clear */
	assert_null(header(&c, "https://x.example.com/", true, &err));
	assert_non_null(strstr(err.msg, "'NO_KEY'"));
	assert_null(header(&c, "https://y.example.com/", true, &err));
	struct str clean = redact(&red, STR("key gw-secret and sk-openai-1"), &a);
	assert_true(str_eqc(clean, "key [redacted] and [redacted]"));
	arena_release(&a);
}

static const char *proxy_env(void *ctx, const char *name)
{
	(void)ctx;
	if (!strcmp(name, "HTTPS_PROXY"))
		return "http://me:proxy%2Dpass%2@proxy.corp:3128";
	if (!strcmp(name, "NO_PROXY"))
		return "internal.corp, .example.com";
	return NULL;
}

static void a_proxy_has_exceptions(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct redactor red;
	struct proxy p;
	redactor_init(&red, &a);
	proxy_read(&p, proxy_env, NULL, &red, &a);
	assert_string_equal(p.shown, "http://proxy.corp:3128");
	assert_true(str_eqc(redact(&red, STR("proxy%2Dpass%2"), &a), "[redacted]"));
	assert_true(str_eqc(redact(&red, STR("proxy-pass%2"), &a), "[redacted]"));
	assert_true(proxy_applies(&p, STR("api.openai.com")));
	assert_false(proxy_applies(&p, STR("internal.corp")));
	assert_false(proxy_applies(&p, STR("a.internal.corp")));
	assert_true(proxy_applies(&p, STR("notinternal.corp")));
	assert_false(proxy_applies(&p, STR("x.example.com")));
	proxy_read(&p, NULL, NULL, &red, &a);
	assert_false(proxy_applies(&p, STR("api.openai.com")));
	arena_release(&a);
}

static const char *bedrock_env(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "AWS_BEARER_TOKEN_BEDROCK") ? "bedrock-key" :
	       !strcmp(name, "GW_KEY")			 ? "gw-secret" :
							   NULL;
}

static const char *aws_header(const struct creds *c, const char *url, bool bearer, struct err *err)
{
	struct wire_req req = { .auth = WIRE_AUTH_SIGV4, .service = "bedrock", .region = "us-east-1",
				.auth_env = bearer ? "AWS_BEARER_TOKEN_BEDROCK" : NULL };
	struct url u;
	const char *out = "unset";
	*err = (struct err)ERR_INIT;
	assert_int_equal(url_parse(&u, str_c(url), c->arena, err), 0);
	return creds_header(c, &req, &u, &out, c->arena, err) ? "refused" : out ? out : "to be signed";
}

/* Whatever else trust.hosts allows, an AWS credential goes to AWS. */
static void an_aws_key_stays_with_aws(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct redactor red;
	struct creds c;
	struct err err = ERR_INIT;
	redactor_init(&red, &a);
	creds_init(&c, &a, &red, bedrock_env, NULL);
	creds_bind_bedrock(&c);
	assert_int_equal(creds_bind(&c, STR("gw.example.com"), "GW_KEY", NULL, &err), 0);
	const char *aws = "https://bedrock-runtime.us-east-1.amazonaws.com/model/x";
	assert_string_equal(aws_header(&c, aws, true, &err), "Authorization: Bearer bedrock-key");
	static const char *const others[] = {
		"https://api.example.com/", "https://bedrock-runtime.us-east-1.amazonaws.com.evil.com/",
		"http://bedrock-runtime.us-east-1.amazonaws.com/", "https://s3.us-east-1.amazonaws.com/",
		"https://bedrock-runtime.us-east-1.amazonaws.com:8443/", "http://127.0.0.1:8000/",
	};
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		for (int bearer = 0; bearer < 2; bearer++) {
			assert_string_equal(aws_header(&c, others[i], bearer, &err), "refused");
			assert_non_null(strstr(err.msg, "AWS credentials go to AWS's own hosts"));
		}
	/* The policy's own word for a gateway counts. */
	assert_string_equal(aws_header(&c, "https://gw.example.com/", true, &err), "Authorization: Bearer gw-secret");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_list_only_the_built_in),
		cmocka_unit_test(a_list_is_what_it_says),
		cmocka_unit_test(refuses_what_is_no_entry),
		cmocka_unit_test(bedrock_by_service_and_region),
		cmocka_unit_test(a_key_stays_with_its_host),
		cmocka_unit_test(an_aws_key_stays_with_aws),
		cmocka_unit_test(a_proxy_has_exceptions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
