/* The yardstick of `make bench`: the least a client of this transport can do.  One thread, one curl
 * multi, J easy handles kept alive, N posts of one body; the answers are read and dropped.
 *
 *     bareloop URL N J BODY-FILE
 *
 * Prints "wall_s cpu_s rss_kib ok". */
#include "base/fs.h"
#include "base/limits.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { HANDLES_MAX = 4096, WAIT_MS = 1000 };

static size_t drop(char *p, size_t size, size_t n, void *ctx)
{
	(void)p;
	(void)ctx;
	return size * n;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static CURL *new_handle(const char *url, struct str body, struct curl_slist *headers)
{
	CURL *h = curl_easy_init();
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	return h;
}

/* Every handle that ended posts again while some are left; returns how many got a 200. */
static long play(CURLM *multi, long started, long n)
{
	long done = 0, ok = 0;
	int running, left;
	while (done < n) {
		curl_multi_perform(multi, &running);
		for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
			CURL *h = m->easy_handle;
			long code = 0;
			curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &code);
			ok += m->data.result == CURLE_OK && code == 200;
			done++;
			curl_multi_remove_handle(multi, h);
			if (started < n) {
				started++;
				curl_multi_add_handle(multi, h);
			}
		}
		if (done < n && curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL) != CURLM_OK)
			break;
	}
	return ok;
}

int main(int argc, char **argv)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str body;
	static CURL *handle[HANDLES_MAX];
	if (argc != 5 || fs_read(&body, argv[4], MIB, &a, &err)) {
		fputs("usage: bareloop URL N J BODY-FILE\n", stderr);
		return 2;
	}
	long n = strtol(argv[2], NULL, 10), j = strtol(argv[3], NULL, 10);
	if (n < 1 || j < 1 || j > HANDLES_MAX)
		return 2;
	if (j > n)
		j = n;
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, j);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	double start = seconds();
	for (long i = 0; i < j; i++) {
		handle[i] = new_handle(argv[1], body, headers);
		curl_multi_add_handle(multi, handle[i]);
	}
	long ok = play(multi, j, n);
	double wall = seconds() - start;
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	printf("%.4f %.4f %ld %ld\n", wall,
	       (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
		       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6,
	       use.ru_maxrss, ok);
	for (long i = 0; i < j; i++) {
		curl_multi_remove_handle(multi, handle[i]);
		curl_easy_cleanup(handle[i]);
	}
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	arena_release(&a);
	return ok == n ? 0 : 1;
}
