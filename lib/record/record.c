#include "record/record.h"

static const char *const status_names[] = {
	[SAMPLE_SCORED] = "scored",
	[SAMPLE_UNSCORED] = "unscored",
	[SAMPLE_QUARANTINED] = "quarantined",
	[SAMPLE_SURPLUS] = "surplus",
};

static const char *const verdict_names[] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_FAIL] = "fail",
	[VERDICT_UNDECIDED] = "undecided",
	[VERDICT_NA] = "n/a",
};

static const char *const kind_names[] = {
	[METRIC_BINARY] = "binary",
	[METRIC_GRADED] = "graded",
	[METRIC_VALUE] = "value",
};

static const char *const direction_names[] = {
	[HIGHER_IS_BETTER] = "higher",
	[LOWER_IS_BETTER] = "lower",
	[NO_DIRECTION] = "none",
};

static const char *const role_names[] = {
	[SUITE_PLAIN] = "plain",
	[SUITE_BASELINE] = "baseline",
	[SUITE_CALIBRATION] = "calibration",
};

static const char *const base_names[] = {
	[BASE_NONE] = "none",
	[BASE_TWIN] = "twin",
	[BASE_SAME] = "same-candidate",
	[BASE_ABSENT] = "none-yet",
};

/* Index of the name in a table, or -1. */
static int find_name(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqc(name, names[i]))
			return (int)i;
	return -1;
}

const char *suite_role_name(enum suite_role r)
{
	return role_names[r];
}

int suite_role_parse(struct str name)
{
	return find_name(role_names, ARRAY_LEN(role_names), name);
}

const char *suite_base_name(enum suite_base b)
{
	return base_names[b];
}

int suite_base_parse(struct str name)
{
	return find_name(base_names, ARRAY_LEN(base_names), name);
}

const char *sample_status_name(enum sample_status s)
{
	return status_names[s];
}

int sample_status_parse(struct str name)
{
	return find_name(status_names, ARRAY_LEN(status_names), name);
}

const char *verdict_name(enum verdict_kind v)
{
	return verdict_names[v];
}

int verdict_parse(struct str name)
{
	return find_name(verdict_names, ARRAY_LEN(verdict_names), name);
}

const char *metric_kind_name(enum metric_kind k)
{
	return kind_names[k];
}

int metric_kind_parse(struct str name)
{
	return find_name(kind_names, ARRAY_LEN(kind_names), name);
}

const char *direction_name(enum direction d)
{
	return direction_names[d];
}

int direction_parse(struct str name)
{
	return find_name(direction_names, ARRAY_LEN(direction_names), name);
}

const struct suite_head *record_twin(const struct record *r, const char *of, enum suite_role role,
				     const char *metric)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_head *s = &r->suite[i];
		if (s->role == role && role != SUITE_PLAIN && s->of && !strcmp(s->of, of) &&
		    (!metric || (s->of_metric && !strcmp(s->of_metric, metric))))
			return s;
	}
	return NULL;
}

bool metric_is_time(const struct metric_head *m)
{
	return m->builtin && (!strcmp(m->unit, "ms") || !strcmp(m->unit, "tok/s"));
}

bool metric_passes(const struct metric_head *m, double x)
{
	return m->direction == LOWER_IS_BETTER ? x < m->cut : x >= m->cut;
}
