/* Runs a fuzz target once over its seeds, without libFuzzer: any compiler, any machine.  The
 * seeds are the arguments (files or folders), or fixtures/corpus/<name of this program>.  Each is
 * given whole and cut short, in memory of exactly its size so that a sanitizer sees one byte too
 * far.  Output is TAP. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned nrun;

static void feed(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	if (size)
		memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static bool run_file(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");

	if (!f)
		return false;
	if (fstat(fileno(f), &st) != 0 || st.st_size < 0) {
		fclose(f);
		return false;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *bytes = malloc(size + 1);
	bool whole = bytes && fread(bytes, 1, size, f) == size;
	fclose(f);
	if (whole) {
		feed(bytes, size);
		feed(bytes, size / 2);
		if (size)
			feed(bytes, size - 1);
	}
	free(bytes);
	printf("%s %u - %s\n", whole ? "ok" : "not ok", ++nrun, path);
	return whole;
}

static bool run_path(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	bool good = true;

	if (n < 0)
		return run_file(path);
	for (int i = 0; i < n; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			good &= run_path(below);
		free(entries[i]);
	}
	free(entries);
	return good;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char corpus[4096];
	bool good = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	feed((const uint8_t *)"", 0);
	snprintf(corpus, sizeof(corpus), "fixtures/corpus/%s", slash ? slash + 1 : argv[0]);
	if (argc < 2)
		good = run_path(corpus);
	for (int i = 1; i < argc; i++)
		good &= run_path(argv[i]);
	if (!nrun) {
		printf("not ok 1 - no seeds in %s\n", corpus);
		nrun = 1;
		good = false;
	}
	printf("1..%u\n", nrun);
	return good ? 0 : 1;
}
