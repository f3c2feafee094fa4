/* What run, check and plan have in common: which repository, commit, policy and part, and how
 * their options become struct run_opts. */
#ifndef GATE_COMMON_H
#define GATE_COMMON_H

#include "gate/cmd.h"
#include "run/run.h"

struct common {
	const char *repo, *dir, *config, *commit, *policy_ref, *baseline, *stage, *filter, *store, *color;
	struct opt_list only;
	uint64_t jobs, sample, seed;
	bool index, worktree, no_owner_check, measure, quiet, verbose;
};

/* Table rows for `struct T` whose member `common` is a struct common. */
#define COMMON_AT(T, member) (offsetof(T, common) + offsetof(struct common, member))
#define OPT_COMMON(T)                                                                              \
	{ "stage", 's', OPT_TEXT, COMMON_AT(T, stage), "STAGE",                                    \
	  "the stage of the policy; default: the only runnable one" },                            \
	{ "commit", 'c', OPT_TEXT, COMMON_AT(T, commit), "REV", "what is judged; default HEAD" },  \
	{ "policy-ref", 0, OPT_TEXT, COMMON_AT(T, policy_ref), "REV",                              \
	  "the revision whose policy and suites judge" },                                         \
	{ "baseline", 0, OPT_TEXT, COMMON_AT(T, baseline), "REV|RECORD",                           \
	  "what thresholds on `baseline` compare with" },                                         \
	{ "config", 0, OPT_TEXT, COMMON_AT(T, config), "PATH", "gate.yaml's path in the tree" },   \
	{ "repo", 0, OPT_TEXT, COMMON_AT(T, repo), "DIR", "the repository; default: around here" }, \
	{ "dir", 'C', OPT_TEXT, COMMON_AT(T, dir), "DIR", "go there first" },                      \
	{ "index", 0, OPT_FLAG, COMMON_AT(T, index), NULL, "judge what is staged" },               \
	{ "worktree", 0, OPT_FLAG, COMMON_AT(T, worktree), NULL,                                   \
	  "judge the files as they lie; cannot be attested" },                                    \
	{ "only", 0, OPT_LIST, COMMON_AT(T, only), "SUITE", "this suite alone (repeatable)" },     \
	{ "filter", 0, OPT_TEXT, COMMON_AT(T, filter), "PATTERN",                                  \
	  "cases whose id matches a glob, or key=value" },                                        \
	{ "sample", 0, OPT_COUNT, COMMON_AT(T, sample), "N", "N cases of each suite, drawn" },     \
	{ "seed", 0, OPT_COUNT, COMMON_AT(T, seed), "N", "seed of every draw; default 0" },        \
	{ "measure", 0, OPT_FLAG, COMMON_AT(T, measure), NULL,                                     \
	  "no policy: run every suite, decide nothing" },                                         \
	{ "no-owner-check", 0, OPT_FLAG, COMMON_AT(T, no_owner_check), NULL,                       \
	  "read a repository of another user" },                                                  \
	{ "quiet", 'q', OPT_FLAG, COMMON_AT(T, quiet), NULL, "failures only" },                    \
	{ "verbose", 'v', OPT_FLAG, COMMON_AT(T, verbose), NULL, "more detail" },                  \
	{ "color", 0, OPT_TEXT, COMMON_AT(T, color), "WHEN", "auto, always or never" }

/* Checks what does not go together and fills *out. */
int common_opts(struct run_opts *out, const struct gate *g, const struct common *c,
		struct err *err) MUST_USE;
/* Warnings and notes that a person must see before anything else, on standard error. */
void common_notes(const struct gate *g, const struct run *r);

#endif
