#include "report/report.h"

#define REPORTER(name) extern const struct reporter_ops report_##name;
#include "report/reporters.def"
#undef REPORTER

static const struct reporter_ops *const reporters[] = {
#define REPORTER(name) &report_##name,
#include "report/reporters.def"
#undef REPORTER
	NULL,
};

const struct reporter_ops *const *reporter_all(void)
{
	return reporters;
}

const struct reporter_ops *reporter_find(struct str name)
{
	for (size_t i = 0; reporters[i]; i++)
		if (str_eqc(name, reporters[i]->name))
			return reporters[i];
	return NULL;
}

const struct reporter_ops *reporter_for_file(const char *path)
{
	const struct reporter_ops *best = NULL;
	for (size_t i = 0; reporters[i]; i++) {
		const char *ext = reporters[i]->extension;
		if (ext && str_ends(str_c(path), str_c(ext)) &&
		    (!best || strlen(ext) > strlen(best->extension)))
			best = reporters[i];
	}
	return best;
}
