#include "net/cafile.h"

#include <errno.h>
#include <unistd.h>

int cafile_find(const char **out, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		struct arena *a, struct err *err)
{
	static const char *const variables[] = { "SSL_CERT_FILE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE" };
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Alpine */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL, Amazon Linux */
		"/etc/pki/tls/certs/ca-bundle.crt",                  /* older RHEL */
		"/etc/ssl/ca-bundle.pem",                            /* SUSE */
		"/etc/ssl/cert.pem",                                 /* macOS, Alpine, BSD */
	};
	for (size_t i = 0; getenv_fn && i < ARRAY_LEN(variables); i++) {
		const char *path = getenv_fn(ctx, variables[i]);
		if (!path || !*path)
			continue;
		if (access(path, R_OK))
			return err_set(err, ERR_USAGE, "variable '%s' names '%s', which cannot be read: %s",
				       variables[i], path, strerror(errno));
		*out = arena_cstr(a, str_c(path));
		return 0;
	}
	*out = NULL;
	for (size_t i = 0; i < ARRAY_LEN(places) && !*out; i++)
		if (!access(places[i], R_OK))
			*out = places[i];
	return 0;
}
