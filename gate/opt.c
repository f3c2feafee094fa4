#include "gate/opt.h"

#include "base/num.h"
#include "base/suggest.h"
#include "verdict/policy.h"

#include <string.h>

static const struct opt *by_name(const struct opt *table, struct str name)
{
	for (; table->name; table++)
		if (str_eqc(name, table->name))
			return table;
	return NULL;
}

static const struct opt *by_letter(const struct opt *table, char letter)
{
	for (; table->name; table++)
		if (letter && table->letter == letter)
			return table;
	return NULL;
}

static int unknown(const struct opt *table, const char *cmd, const char *word, struct str name,
		   struct err *err)
{
	struct suggest s = SUGGEST_INIT(name);
	for (; table->name; table++)
		suggest_offer(&s, str_c(table->name));
	struct str best = suggest_best(&s);
	if (best.p)
		return err_set(err, ERR_USAGE, "gate %s: unknown option '%s'; did you mean '--%.*s'?", cmd, word,
			       STR_ARGS(best));
	return err_set(err, ERR_USAGE, "gate %s: unknown option '%s'; `gate help %s` lists them", cmd,
		       word, cmd);
}

static int take(const struct opt *o, const char *cmd, const char *value, void *into,
		struct arena *a, struct err *err)
{
	char *at = (char *)into + o->offset;
	int64_t n;
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)(void *)at = true;
		return 0;
	case OPT_TEXT:
		*(const char **)(void *)at = value;
		return 0;
	case OPT_LIST:
		*vec_push(&((struct opt_list *)(void *)at)->v, a) = value;
		return 0;
	case OPT_COUNT:
		if (num_parse_i64(str_c(value), &n) && n >= 0) {
			*(uint64_t *)(void *)at = (uint64_t)n;
			return 0;
		}
		return err_set(err, ERR_USAGE, "gate %s: --%s takes a whole number, not '%s'", cmd, o->name, value);
	case OPT_TIME:
		if (policy_duration(str_c(value), &n) && n > 0) {
			*(int64_t *)(void *)at = n;
			return 0;
		}
		return err_set(err, ERR_USAGE, "gate %s: --%s takes a time such as 90s or 10m, not '%s'", cmd, o->name, value);
	}
	return -1;
}

/* One word that begins with '-'; *used is how many words it took. */
static int parse_one(const struct opt *table, const char *cmd, int argc, char **argv, int *used,
		     void *into, struct arena *a, struct err *err)
{
	const char *word = argv[0], *value = NULL;
	bool is_long = word[1] == '-';
	const char *equals = is_long ? strchr(word, '=') : NULL;
	struct str name = str_c(word + 2);
	if (equals) {
		name.n = (size_t)(equals - word - 2);
		value = equals + 1;
	}
	const struct opt *o = is_long ? by_name(table, name) : by_letter(table, word[1]);
	if (!o)
		return unknown(table, cmd, word, is_long ? name : str_c(word + 1), err);
	if (!is_long && word[2])
		value = word + 2 + (word[2] == '=');
	*used = 1;
	if (o->kind == OPT_FLAG && value)
		return err_set(err, ERR_USAGE, "gate %s: '%s': --%s takes no value%s", cmd, word, o->name,
			       is_long ? "" : "; write letters apart, as in -q -v");
	if (o->kind != OPT_FLAG && !value) {
		if (argc < 2)
			return err_set(err, ERR_USAGE, "gate %s: --%s needs a value: %s", cmd, o->name, o->arg);
		value = argv[1];
		*used = 2;
		if (!strncmp(value, "--", 2))
			return err_set(err, ERR_USAGE, "gate %s: --%s needs a value: %s; '%s' is an option "
				       "(if it is meant: --%s=%s)", cmd, o->name, o->arg, value, o->name, value);
	}
	return take(o, cmd, value, into, a, err);
}

int opt_parse(const struct opt *table, const char *cmd, int *argc, char **argv, void *into,
	      struct arena *a, struct err *err)
{
	int operands = 0;
	bool ended = false;
	for (int i = 0; i < *argc;) {
		int used = 1;
		if (ended || argv[i][0] != '-' || !argv[i][1]) {
			argv[operands++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			ended = true;
		} else if (parse_one(table, cmd, *argc - i, argv + i, &used, into, a, err)) {
			return -1;
		}
		i += used;
	}
	*argc = operands;
	return 0;
}
