/* struct loader: one project_load under way.  It knows the two sides of the trial (the commit's
 * tree and the policy's), reads referenced files from the side asked for, and keeps every
 * mistake as a diag.  What is not a mistake in an artifact (a damaged repository) is kept
 * in *err and ends the load.  Private to lib/suite. */
#ifndef SUITE_LOADER_H
#define SUITE_LOADER_H

#include "base/map.h"
#include "suite/leaf.h"
#include "suite/suite.h"

struct side {
	const struct tree *tree;
	const struct doc *doc; /* its gate.yaml; NULL: it has none */
	bool policy;           /* protected: read from the policy ref */
	struct map *ill;       /* "/targets/x", "/suites/y": of the wrong shape, not loaded; NULL: none */
};

struct loader {
	const struct project_opts *o;
	struct arena *a;
	struct diags *d;
	struct err *err;
	bool failed; /* *err is set */
	const char *config_path;
	struct side commit, policy;
};

struct artifacts {
	VEC(struct artifact) list;
};

/* A file that a config names. */
struct ref {
	const char *path;  /* inside the tree */
	const char *oid;
	const char *label; /* for places: the path, "91be02d:path" where the commit's differs */
	struct str text;
};

/* What reads what: for messages, and for the list of artifacts. */
struct ref_use {
	const char *role, *owner;
	struct artifacts *artifacts;
	struct pos at;
};

/* Keep *err's failure: a diag at `at` when an artifact is wrong, else the end of the load. */
void loader_fail(struct loader *l, const struct side *s, struct pos at, const struct err *err);
const char *loader_label(const struct loader *l, const struct side *s, const char *path,
			 const char *oid);
/* Read the file that `text` names, relative to gate.yaml. */
bool ref_read(struct loader *l, const struct side *s, struct str text, const struct ref_use *use,
	      size_t max, struct ref *out);
/* All files of a path, folder or pattern; none is a mistake. */
bool ref_glob(struct loader *l, const struct side *s, struct str pattern, const struct ref_use *use,
	      size_t max, struct ref **out, size_t *n);
/* A YAML or JSON file as a document. */
bool ref_doc(struct loader *l, const struct ref *r, struct doc **out);
/* Does the text end like a YAML or JSON file? */
bool ref_is_doc(struct str text);
/* UTF-8 without NUL, its BOM taken off; else a located diag. */
bool ref_text(struct loader *l, struct ref *r);

/* {"path": …, "oid": …}: what stands for a file in candidate and suite ids.  Caller owns it. */
json_t *ident_ref(const struct ref *r);
/* SHA-256 of the canonical JSON of j. */
void ident_digest(struct digest *out, const json_t *j);

/* Is this member's place known?  Then there, else at the object. */
struct pos member_pos(const struct doc *d, const json_t *object, const char *key);

/* The target `name` of a side's gate.yaml.  *id is what its candidate id is made of. */
void target_load(struct loader *l, const struct side *s, const char *name, struct target_conf *out,
		 const json_t **id);

/* What a prompt file says besides its messages. */
struct prompt_settings {
	const struct doc *doc;
	const json_t *object; /* holds model_key */
	const char *model_key;
	struct str model;
	const json_t *params; /* object with the usual names, or NULL */
	const json_t *params_source;
	const char *const *params_name; /* the file's own names, in pairs: theirs, ours */
};
/* The target's `prompt`; *id gets what stands for it. */
bool prompt_load(struct loader *l, const struct side *s, const json_t *target, const char *owner,
		 struct artifacts *artifacts, struct prompt *out, struct prompt_settings *set,
		 json_t **id);

/* The target's `tools` as an array of {name, description, parameters}, or NULL. */
const json_t *tools_load(struct loader *l, const struct side *s, const json_t *target,
			 const char *owner, struct artifacts *artifacts, json_t **id);

/* The suite's metrics; ids of their files go into *id (an object by metric). */
void metrics_load(struct loader *l, const struct side *s, const json_t *suite,
		  struct suite_conf *out, struct artifacts *artifacts, json_t *id);

/* The datasets that `key` of `suite` (or of a metric) names: pass one over every row.  *id gets what
 * stands for them. */
void dataset_load(struct loader *l, const struct side *s, const json_t *suite, const char *key,
		  struct suite_conf *out, struct artifacts *artifacts, json_t **id);

#endif
