/* Which host a service of AWS has where, and whose host one is. */
#include "wire/awshost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void names_the_hosts(void **state)
{
	(void)state;
	static const struct {
		enum aws_service service;
		const char *region;
		bool fips, dual;
		const char *url;
	} table[] = {
		{ AWS_BEDROCK_RUNTIME, "us-east-1", 0, 0, "https://bedrock-runtime.us-east-1.amazonaws.com" },
		{ AWS_BEDROCK_RUNTIME, "us-east-1", 1, 0, "https://bedrock-runtime-fips.us-east-1.amazonaws.com" },
		{ AWS_BEDROCK_RUNTIME, "us-east-1", 0, 1, "https://bedrock-runtime.us-east-1.api.aws" },
		{ AWS_BEDROCK_RUNTIME, "us-east-1", 1, 1, "https://bedrock-runtime-fips.us-east-1.api.aws" },
		{ AWS_BEDROCK, "cn-north-1", 0, 0, "https://bedrock.cn-north-1.amazonaws.com.cn" },
		{ AWS_BEDROCK, "cn-north-1", 0, 1, "https://bedrock.cn-north-1.api.amazonwebservices.com.cn" },
		{ AWS_BEDROCK_AGENT_RUNTIME, "us-gov-west-1", 1, 0,
		  "https://bedrock-agent-runtime-fips.us-gov-west-1.amazonaws.com" },
		{ AWS_BEDROCK_MANTLE, "eu-west-1", 0, 0, "https://bedrock-mantle.eu-west-1.api.aws" },
		{ AWS_BEDROCK_AGENTCORE, "eu-west-1", 0, 0, "https://bedrock-agentcore.eu-west-1.amazonaws.com" },
		{ AWS_STS, "us-west-2", 1, 0, "https://sts-fips.us-west-2.amazonaws.com" },
		{ AWS_STS, "us-gov-west-1", 1, 0, "https://sts.us-gov-west-1.amazonaws.com" },
		{ AWS_SSO, "us-west-2", 0, 0, "https://portal.sso.us-west-2.amazonaws.com" },
		{ AWS_OIDC, "us-west-2", 0, 0, "https://oidc.us-west-2.amazonaws.com" },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		struct str url;
		struct aws_place p = { .region = str_c(table[i].region), .fips = table[i].fips,
				       .dualstack = table[i].dual };
		assert_int_equal(awshost_url(&url, &p, table[i].service, &a, &err), 0);
		assert_string_equal(url.p, table[i].url);
		struct awshost h;
		assert_true(awshost_parse(&h, str_sub(url, 8, url.n)));
		assert_int_equal(h.service, table[i].service);
		assert_true(str_eqc(h.region, table[i].region));
		assert_true(h.fips == (strstr(table[i].url, "-fips.") != NULL));
	}
	arena_release(&a);
}

static void takes_the_operators_endpoint(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str url;
	struct aws_place p = { .region = STR("us-east-1"), .fips = true };
	p.url[AWS_BEDROCK] = STR("http://127.0.0.1:9/base/");
	assert_int_equal(awshost_url(&url, &p, AWS_BEDROCK, &a, &err), 0);
	assert_string_equal(url.p, "http://127.0.0.1:9/base");
	assert_int_equal(awshost_url(&url, &p, AWS_BEDROCK_MANTLE, &a, &err), -1);
	assert_non_null(strstr(err.msg, "no FIPS endpoint"));
	arena_release(&a);
}

static void refuses_what_is_no_region(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "us-east-1.evil.com", "us-east-1/", "US-EAST-1", "us east 1", "us-east-1#", "-x", "x-",
		"us_east_1", "us-east-1\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;
		struct str url = { .p = NULL };
		struct aws_place p = { .region = str_c(bad[i]) };
		assert_false(awshost_region_ok(p.region));
		assert_int_equal(awshost_url(&url, &p, AWS_STS, &a, &err), -1);
	}
	arena_release(&a);
}

static void knows_its_own_from_others(void **state)
{
	(void)state;
	static const char *const ours[] = {
		"vpce-0a1b-2c3d.bedrock-runtime.us-east-1.vpce.amazonaws.com",
		"vpce-0a1b-2c3d-us-east-1a.bedrock-runtime-fips.us-east-1.vpce.amazonaws.com",
		"bedrock.cn-northwest-1.amazonaws.com.cn",
	};
	static const char *const others[] = {
		"amazonaws.com", "s3.us-east-1.amazonaws.com", "bedrock.us-east-1.amazonaws.com.evil.com",
		"evilbedrock.us-east-1.amazonaws.com", "bedrock.us-east-1.evilamazonaws.com",
		"bedrock.a.b.amazonaws.com", "bedrock..amazonaws.com", "x.bedrock.us-east-1.amazonaws.com",
		"vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com", "vpce-1.bedrock.us-east-1.amazonaws.com",
		"evil.bedrock.us-east-1.vpce.amazonaws.com", "bedrock.us-east-1.amazonaws.com.cn",
		"bedrock.cn-north-1.amazonaws.com", "vpce-1.bedrock.us-east-1.vpce.api.aws",
		"bedrock-runtime.us-east-1.amazonaws.com.", "bedrock-unknown.us-east-1.api.aws", "",
	};
	struct awshost h;
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (!awshost_parse(&h, str_c(ours[i])))
			fail_msg("'%s' is AWS's", ours[i]);
	assert_true(awshost_parse(&h, str_c(ours[1])) && h.vpce && h.fips);
	assert_true(str_eqc(h.region, "us-east-1") && h.service == AWS_BEDROCK_RUNTIME);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (awshost_parse(&h, str_c(others[i])))
			fail_msg("'%s' is not AWS's", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_hosts),
		cmocka_unit_test(takes_the_operators_endpoint),
		cmocka_unit_test(refuses_what_is_no_region),
		cmocka_unit_test(knows_its_own_from_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
