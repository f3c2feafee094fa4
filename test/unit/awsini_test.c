/* AWS's profile files, and the source of credentials that they and the environment lead to. */
#include "base/fs.h"
#include "crypto/sha1.h"
#include "net/aws_chain.h"
#include "net/awsxml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define CFG "../shared/vectors/aws-credentials/cfg/"

static int parse(struct awsini *f, const char *text, enum awsini_form form, struct arena *a, struct err *err)
{
	return awsini_parse(f, str_c(text), form, "f", a, err);
}

static const char *get(const struct awsini *f, const char *name, const char *key)
{
	struct str s = awsini_get(f, "profile", str_c(name), key, NULL);
	return s.p ? s.p : "(none)";
}

static void need_samples(void)
{
	if (access(CFG "aws_config", R_OK)) {
		print_message(CFG " is absent: skipped\n");
		skip();
	}
}

static int sample(struct awsini *f, const char *name, enum awsini_form form, struct arena *a, struct err *err)
{
	struct str text;
	assert_int_equal(fs_read(&text, arena_fmt(a, CFG "%s", name), 1 << 20, a, err), 0);
	return awsini_parse(f, text, form, name, a, err);
}

static void samples(void **state)
{
	(void)state;
	need_samples();
	struct arena a = ARENA_INIT;
	struct awsini f;
	struct err err = ERR_INIT;
	assert_int_equal(sample(&f, "aws_config", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "default", "aws_access_key_id"), "foo");
	assert_string_equal(get(&f, "personal", "aws_security_token"), "fiebaz");
	assert_int_equal(sample(&f, "aws_config_other", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "default", "aws_secret_access_key"), "other_bar");
	assert_int_equal(sample(&f, "aws_config_nocreds", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "default", "region"), "us-west-2");
	assert_int_equal(sample(&f, "aws_config_nested", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "default", "region"), "us-west-2");
	assert_string_equal(awsini_get(&f, "profile", STR("default"), "s3", "addressing_style").p, "path");
	assert_string_equal(awsini_get(&f, "profile", STR("default"), "cloudwatch", "signature_version").p, "v4");
	assert_int_equal(sample(&f, "aws_services_config", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(awsini_get(&f, "services", STR("my-services"), "s3", "endpoint_url").p,
			    "https://localhost:5678/");
	assert_int_equal(sample(&f, "aws_sso_session_config", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(awsini_get(&f, "sso-session", STR("sso"), "sso_region", NULL).p, "us-east-1");
	assert_int_equal(sample(&f, "aws_bad_profile", AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "my profile", "aws_access_key_id"), "default");
	assert_string_equal(get(&f, "personal1", "aws_secret_access_key"), "key_personal1");
	assert_int_equal(f.section.n, 3);
	arena_release(&a);
}

static void bad_samples(void **state)
{
	(void)state;
	need_samples();
	struct arena a = ARENA_INIT;
	struct awsini f;
	struct err err = ERR_INIT;
	assert_int_equal(sample(&f, "aws_config_bad", AWSINI_CONFIG, &a, &err), -1);
	assert_string_equal(err.msg, "'aws_config_bad': line 1 stands before the first [section]");
	assert_int_equal(sample(&f, "aws_config_nested_bad", AWSINI_CONFIG, &a, &err), -1);
	assert_string_equal(err.msg, "'aws_config_nested_bad': line 5 is no setting");
	assert_int_equal(sample(&f, "aws_credentials", AWSINI_CREDENTIALS, &a, &err), -1);
	assert_null(strstr(err.msg, "foo"));
	arena_release(&a);
}

static void ini_details(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct awsini f;
	struct err err = ERR_INIT;
	assert_int_equal(parse(&f, "\xef\xbb\xbf# c\r\n[ default ]\r\nA = 1 # 2\r\n[other]\r\nx=1\r\n[profile  'q r']\n"
				   "k==\n[default]\na=3\n; c\n[profile x y]\nz=1\nlong = a\n  b\n",
			       AWSINI_CONFIG, &a, &err), 0);
	assert_string_equal(get(&f, "default", "a"), "3");
	assert_string_equal(get(&f, "q r", "k"), "=");
	assert_int_equal(f.section.n, 2);
	assert_int_equal(parse(&f, "[any name]\nk=v\nk2=a\n b\n", AWSINI_CREDENTIALS, &a, &err), 0);
	assert_string_equal(get(&f, "any name", "k"), "v");
	assert_string_equal(get(&f, "any name", "k2"), "a\nb");
	assert_int_equal(parse(&f, "[default]\n  k = v\n", AWSINI_CONFIG, &a, &err), 0);
	assert_int_equal(parse(&f, "[default\nk=v\n", AWSINI_CONFIG, &a, &err), -1);
	assert_int_equal(parse(&f, "[default]\nsecret\n", AWSINI_CONFIG, &a, &err), -1);
	assert_null(strstr(err.msg, "secret"));
	arena_release(&a);
}

/* --- the chain --------------------------------------------------------------------------------- */

struct world {
	struct arena a;
	const char *const *env; /* name, value … */
	char home[32];
	struct awsconf conf;
	struct aws_chain chain;
	struct err err;
	int rc;
};

static const char *env_of(void *ctx, const char *name)
{
	struct world *w = ctx;
	if (!strcmp(name, "HOME"))
		return w->home;
	for (size_t i = 0; w->env && w->env[i]; i += 2)
		if (!strcmp(w->env[i], name))
			return w->env[i + 1];
	return NULL;
}

static void put(struct world *w, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	assert_int_equal(fs_mkdirs(arena_fmt(&w->a, "%s/.aws", w->home), &err), 0);
	assert_int_equal(fs_write_atomic(arena_fmt(&w->a, "%s/.aws/%s", w->home, name), str_c(text), &err), 0);
}

static struct world *find(const char *const *env, const char *config, const char *credentials)
{
	static struct world w;
	w = (struct world){ .env = env };
	memcpy(w.home, "/tmp/awsini-test-XXXXXX", sizeof("/tmp/awsini-test-XXXXXX"));
	assert_non_null(mkdtemp(w.home));
	if (config)
		put(&w, "config", config);
	if (credentials)
		put(&w, "credentials", credentials);
	awsconf_load(&w.conf, env_of, &w, &w.a);
	w.rc = aws_chain_find(&w.chain, &w.conf, &w.err);
	unlink(arena_fmt(&w.a, "%s/.aws/config", w.home));
	unlink(arena_fmt(&w.a, "%s/.aws/credentials", w.home));
	rmdir(arena_fmt(&w.a, "%s/.aws", w.home));
	rmdir(w.home);
	return &w;
}

#define ENV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect(struct world *w, enum aws_source source, const char *id)
{
	if (w->rc)
		fail_msg("%s", w->err.msg);
	assert_int_equal(w->chain.source, source);
	if (id)
		assert_string_equal(w->chain.key.id.p, id);
	arena_release(&w->a);
}

static void refuse(struct world *w, const char *word)
{
	if (!w->rc)
		fail_msg("taken, expected: %s", word);
	if (!strstr(w->err.msg, word))
		fail_msg("'%s' is not in: %s", word, w->err.msg);
	arena_release(&w->a);
}

#define KEYS "aws_access_key_id = FILE\naws_secret_access_key = s\n"

static void precedence(void **state)
{
	(void)state;
	const char *both = "[default]\n" KEYS;
	expect(find(ENV("AWS_ACCESS_KEY_ID", " E\n", "AWS_SECRET_ACCESS_KEY", "s", "AWS_WEB_IDENTITY_TOKEN_FILE", "t",
			"AWS_ROLE_ARN", "r"), both, both), AWS_SOURCE_KEY, "E");
	expect(find(ENV("AWS_WEB_IDENTITY_TOKEN_FILE", "t", "AWS_ROLE_ARN", "r"), both, both), AWS_SOURCE_WEB, NULL);
	expect(find(NULL, "[default]\naws_access_key_id=CONF\naws_secret_access_key=s\ncredential_process=p\n", both),
	       AWS_SOURCE_KEY, "FILE");
	expect(find(NULL, "[default]\naws_access_key_id=CONF\naws_secret_access_key=s\ncredential_process=p\n", NULL),
	       AWS_SOURCE_PROCESS, NULL);
	expect(find(NULL, "[default]\naws_access_key_id=CONF\naws_secret_access_key=s\n", NULL), AWS_SOURCE_KEY, "CONF");
	expect(find(ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"), NULL, NULL), AWS_SOURCE_CONTAINER, NULL);
	expect(find(ENV("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"), both, NULL), AWS_SOURCE_KEY, "FILE");
	expect(find(ENV("AWS_PROFILE", "p"), "[profile p]\n" KEYS, NULL), AWS_SOURCE_KEY, "FILE");
	expect(find(NULL, NULL, NULL), AWS_SOURCE_IMDS, NULL);
	/* A role of the profile goes before the environment's web identity, SSO before keys. */
	expect(find(ENV("AWS_WEB_IDENTITY_TOKEN_FILE", "t", "AWS_ROLE_ARN", "r"),
		    "[default]\nrole_arn=a\nsource_profile=b\n[profile b]\n" KEYS, NULL), AWS_SOURCE_KEY, "FILE");
	expect(find(NULL, "[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=R\n[sso-session s]\n"
			  "sso_start_url=u\nsso_region=us-east-1\n", both), AWS_SOURCE_SSO, NULL);
	expect(find(NULL, "[default]\nsso_start_url=u\nsso_region=us-east-1\nsso_account_id=1\nsso_role_name=R\n", NULL),
	       AWS_SOURCE_SSO, NULL);
	expect(find(NULL, "[default]\nrole_arn=a\nweb_identity_token_file=t\n", NULL), AWS_SOURCE_WEB, NULL);
}

static void roles(void **state)
{
	(void)state;
	struct world *w = find(NULL, "[default]\nrole_arn=outer\nsource_profile=mid\nexternal_id=x\nduration_seconds=900\n"
				     "[profile mid]\nrole_arn=inner\nsource_profile=base\nrole_session_name=me\n"
				     "[profile base]\n" KEYS, NULL);
	assert_int_equal(w->rc, 0);
	assert_int_equal(w->chain.nrole, 2);
	assert_string_equal(w->chain.role[0].arn.p, "inner");
	assert_string_equal(w->chain.role[0].session.p, "me");
	assert_string_equal(w->chain.role[1].arn.p, "outer");
	assert_int_equal(w->chain.role[1].duration_s, 900);
	expect(w, AWS_SOURCE_KEY, "FILE");
	/* A profile may be its own source when it has keys. */
	w = find(NULL, "[default]\nrole_arn=r\nsource_profile=default\n" KEYS, NULL);
	assert_int_equal(w->chain.nrole, 1);
	expect(w, AWS_SOURCE_KEY, "FILE");
	w = find(ENV("AWS_CONTAINER_CREDENTIALS_FULL_URI", "u"), "[default]\nrole_arn=r\ncredential_source=EcsContainer\n",
		 NULL);
	assert_int_equal(w->chain.nrole, 1);
	expect(w, AWS_SOURCE_CONTAINER, NULL);
	expect(find(NULL, "[default]\nrole_arn=r\ncredential_source=Ec2InstanceMetadata\n", NULL), AWS_SOURCE_IMDS, NULL);
}

static void what_makes_no_sense(void **state)
{
	(void)state;
	refuse(find(ENV("AWS_ACCESS_KEY_ID", "E"), NULL, NULL), "only one is set");
	refuse(find(ENV("AWS_PROFILE", "typo"), "[default]\n" KEYS, NULL), "'typo'");
	refuse(find(ENV("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), NULL, NULL), "AWS_ROLE_ARN is not");
	refuse(find(NULL, "[default]\naws_access_key_id=x\n", NULL), "no aws_secret_access_key");
	refuse(find(NULL, "[default]\nrole_arn=r\n", NULL), "no source_profile");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=x\ncredential_source=Environment\n[profile x]\n", NULL),
	       "both source_profile and credential_source");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=gone\n", NULL), "'gone'");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=x\n[profile x]\nregion=y\n", NULL), "has no credentials");
	refuse(find(NULL, "[default]\nrole_arn=r\ncredential_source=Moon\n", NULL), "'Moon'");
	refuse(find(NULL, "[default]\nrole_arn=r\ncredential_source=Environment\n", NULL), "AWS_ACCESS_KEY_ID");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=default\n", NULL), "comes back to itself");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=default\n", NULL),
	       "comes back to itself");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=b\nmfa_serial=m\n[profile b]\n" KEYS, NULL), "mfa_serial");
	refuse(find(NULL, "[default]\nrole_arn=r\nsource_profile=b\nduration_seconds=60\n[profile b]\n" KEYS, NULL),
	       "900 to 43200");
	refuse(find(NULL, "[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=R\n", NULL), "sso_session 's'");
	refuse(find(NULL, "[default]\nsso_start_url=u\nsso_region=r\nsso_account_id=1\n", NULL), "no sso_role_name");
	refuse(find(NULL, "[default]\nrole_arn=r\nweb_identity_token_file=t\nduration_seconds=1\n", NULL),
	       "900 to 43200");
	refuse(find(NULL, "[default]\nlogin_session=x\n", NULL), "export-credentials");
	refuse(find(NULL, "broken\n", NULL), "line 1");
}

static void region_and_endpoints(void **state)
{
	(void)state;
	struct str region;
	struct aws_place p;
	struct world *w = find(ENV("AWS_DEFAULT_REGION", "eu-west-1", "AWS_ENDPOINT_URL", "http://127.0.0.1:1/all",
				   "AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2"),
			       "[default]\nregion=us-west-2\nuse_fips_endpoint=true\nservices=mine\n"
			       "[services mine]\nbedrock_runtime =\n  endpoint_url = https://vpce.example\n", NULL);
	assert_int_equal(awsconf_region(&w->conf, &region, &w->err), 0);
	assert_string_equal(region.p, "eu-west-1");
	assert_int_equal(awsconf_place(&w->conf, &p, &w->err), 0);
	assert_true(p.fips && !p.dualstack);
	assert_string_equal(p.url[AWS_STS].p, "http://127.0.0.1:2");
	assert_string_equal(p.url[AWS_BEDROCK_RUNTIME].p, "http://127.0.0.1:1/all");
	arena_release(&w->a);
	w = find(NULL, "[default]\nregion=us-west-2\nservices=mine\nendpoint_url=https://p.example\n"
		       "[services mine]\nbedrock_runtime =\n  endpoint_url = https://vpce.example\n", NULL);
	assert_int_equal(awsconf_region(&w->conf, &region, &w->err), 0);
	assert_string_equal(region.p, "us-west-2");
	assert_int_equal(awsconf_place(&w->conf, &p, &w->err), 0);
	assert_string_equal(p.url[AWS_BEDROCK_RUNTIME].p, "https://vpce.example");
	assert_string_equal(p.url[AWS_BEDROCK].p, "https://p.example");
	arena_release(&w->a);
	w = find(ENV("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", "AWS_ENDPOINT_URL", "http://x"), NULL, NULL);
	assert_int_equal(awsconf_place(&w->conf, &p, &w->err), 0);
	assert_null(p.url[AWS_STS].p);
	arena_release(&w->a);
	w = find(ENV("AWS_USE_FIPS_ENDPOINT", "yes"), NULL, NULL);
	assert_int_equal(awsconf_place(&w->conf, &p, &w->err), -1);
	assert_non_null(strstr(w->err.msg, "AWS_USE_FIPS_ENDPOINT"));
	arena_release(&w->a);
	w = find(ENV("AWS_ENDPOINT_URL_BEDROCK", "ftp://x"), NULL, NULL);
	assert_int_equal(awsconf_place(&w->conf, &p, &w->err), -1);
	assert_non_null(strstr(w->err.msg, "AWS_ENDPOINT_URL_BEDROCK"));
	arena_release(&w->a);
}

/* --- small decoders -------------------------------------------------------------------------------- */

static void xml_fields(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct str x = STR("<R><Credentials><AccessKeyId>A&amp;B</AccessKeyId><N>&#65;&#x42;</N><E></E>"
			   "<Bad>&nope;</Bad><C0>&#10;</C0><Open>x</R>");
	assert_string_equal(awsxml_get(x, "AccessKeyId", &a).p, "A&B");
	assert_string_equal(awsxml_get(x, "N", &a).p, "AB");
	assert_string_equal(awsxml_get(x, "E", &a).p, "");
	assert_null(awsxml_get(x, "Credentials", &a).p);
	assert_null(awsxml_get(x, "Bad", &a).p);
	assert_null(awsxml_get(x, "C0", &a).p);
	assert_null(awsxml_get(x, "Open", &a).p);
	assert_null(awsxml_get(STR("<A>"), "A", &a).p);
	arena_release(&a);
}

static void shapes(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	json_t *j = json_load_file("../shared/vectors/aws-credentials/shapes.json", 0, NULL), *v;
	size_t i;
	char hex[SHA1_HEX];
	if (!j) {
		print_message("shapes.json is absent: skipped\n");
		skip();
	}
	json_array_foreach(json_object_get(j, "sso_cache_file"), i, v) {
		const char *key = json_string_value(json_object_get(v, "key"));
		const char *file = json_string_value(json_object_get(v, "file"));
		assert_memory_equal(sha1_hex(str_c(key), hex), file, 40);
	}
	json_t *sts = json_object_get(j, "sts_web_identity");
	struct str ok = str_c(json_string_value(json_object_get(sts, "response_xml")));
	assert_string_equal(awsxml_get(ok, "AccessKeyId", &a).p, "ASgeIAIOSFODNN7EXAMPLE");
	assert_string_equal(awsxml_get(ok, "Expiration", &a).p, "2030-10-24T23:00:23Z");
	struct str bad = str_c(json_string_value(json_object_get(sts, "error_xml")));
	assert_string_equal(awsxml_get(bad, "Code", &a).p, "ExpiredTokenException");
	json_decref(j);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples),
		cmocka_unit_test(bad_samples),
		cmocka_unit_test(ini_details),
		cmocka_unit_test(precedence),
		cmocka_unit_test(roles),
		cmocka_unit_test(what_makes_no_sense),
		cmocka_unit_test(region_and_endpoints),
		cmocka_unit_test(xml_fields),
		cmocka_unit_test(shapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
