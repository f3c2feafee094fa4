/* URLs and the kinds of addresses. */
#include "wire/url.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void parses(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct url u;
	assert_int_equal(url_parse(&u, STR("https://API.Example.com/v1?x=1"), &a, &err), 0);
	assert_true(u.tls && u.port == 443 && str_eqc(u.host, "api.example.com"));
	assert_true(str_eqc(u.path, "/v1?x=1"));
	assert_int_equal(url_parse(&u, STR("http://[::1]:8080"), &a, &err), 0);
	assert_true(!u.tls && u.ipv6 && u.port == 8080 && str_eqc(u.host, "::1"));
	assert_true(str_eqc(u.path, "/"));
	assert_int_equal(url_parse(&u, STR("HTTP://10.0.0.1?q"), &a, &err), 0);
	assert_true(u.port == 80 && str_eqc(u.path, "?q"));
	arena_release(&a);
}

static void refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "api.example.com", "ftp://x/", "https://", "https:///x", "https://user:pw@host/",
		"https://host:0/", "https://host:65536/", "https://host:8a/", "https://host:/",
		"https://ho st/", "https://host/a b", "https://host/\r\nX: y", "https://host/#f",
		"https://a..b/", "https://a./", "https://127.1/", "https://0x7f000001/",
		"https://2130706433/", "https://1.2.3.04/", "https://[::1/", "https://[fe80::1%25eth0]/",
		"https://ex\xc3\xa4mple/", "https://h%6fst/", "https://a\\b/", "https://host#@evil/",
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;
		struct url u;
		if (!url_parse(&u, str_c(bad[i]), &a, &err))
			fail_msg("'%s' was taken", bad[i]);
		assert_true(err.msg[0] != '\0');
	}
	arena_release(&a);
}

static void knows_the_networks(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		enum url_net net;
	} table[] = {
		{ "127.0.0.1", URL_NET_LOOPBACK },	{ "127.255.0.9", URL_NET_LOOPBACK },
		{ "::1", URL_NET_LOOPBACK },		{ "localhost", URL_NET_LOOPBACK },
		{ "a.localhost", URL_NET_LOOPBACK },	{ "notlocalhost", URL_NET_PUBLIC },
		{ "::ffff:127.0.0.1", URL_NET_LOOPBACK }, { "169.254.169.254", URL_NET_LINK_LOCAL },
		{ "::ffff:169.254.169.254", URL_NET_LINK_LOCAL }, { "fe80::1", URL_NET_LINK_LOCAL },
		{ "fd00:ec2::254", URL_NET_LINK_LOCAL }, { "64:ff9b::a9fe:a9fe", URL_NET_LINK_LOCAL },
		{ "2002:a9fe:a9fe::1", URL_NET_LINK_LOCAL }, { "10.1.2.3", URL_NET_PRIVATE },
		{ "172.16.0.1", URL_NET_PRIVATE },	{ "172.31.255.255", URL_NET_PRIVATE },
		{ "172.32.0.1", URL_NET_PUBLIC },	{ "192.168.1.1", URL_NET_PRIVATE },
		{ "100.64.0.1", URL_NET_PRIVATE },	{ "100.128.0.1", URL_NET_PUBLIC },
		{ "0.0.0.0", URL_NET_PRIVATE },		{ "::", URL_NET_PRIVATE },
		{ "fc00::1", URL_NET_PRIVATE },		{ "ff02::1", URL_NET_PRIVATE },
		{ "224.0.0.1", URL_NET_PRIVATE },	{ "255.255.255.255", URL_NET_PRIVATE },
		{ "8.8.8.8", URL_NET_PUBLIC },		{ "2606:4700::1111", URL_NET_PUBLIC },
		{ "api.openai.com", URL_NET_PUBLIC },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (url_host_net(str_c(table[i].host)) != table[i].net)
			fail_msg("'%s' is taken for another network", table[i].host);
}

static void encodes(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 100);
	url_encode(&b, STR("a/b c:\xc3\xa9~"), "/");
	assert_string_equal(buf_cstr(&b), "a/b%20c%3A%C3%A9~");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(knows_the_networks),
		cmocka_unit_test(encodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
