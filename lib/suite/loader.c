#include "suite/loader.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "crypto/sha256.h"
#include "doc/canon.h"

void loader_fail(struct loader *l, const struct side *s, struct pos at, const struct err *err)
{
	if (err->kind == ERR_ARTIFACT) {
		diag_add(l->d, err->at.file ? err->at : at, "reference", "%s", err->msg);
		return;
	}
	if (l->failed)
		return;
	l->failed = true;
	*l->err = *err;
	/* What protects the decision cannot be read: never go on without it. */
	if (s->policy && s->tree != l->o->commit)
		l->err->kind = ERR_TRUST;
}

const char *loader_label(const struct loader *l, const struct side *s, const char *path,
			 const char *oid)
{
	struct tree_file *file;
	struct err ignored = ERR_INIT;
	size_t n = 0;
	if (s->tree == l->o->commit && !l->o->baseline)
		return path;
	if (s->tree == l->o->commit && *tree_commit(s->tree))
		return arena_fmt(l->a, "%.7s:%s", tree_commit(s->tree), path);
	if (!tree_glob(l->o->commit, path, &file, &n, l->a, &ignored) && n == 1 &&
	    !strcmp(file->path, path) && !strcmp(file->oid, oid))
		return path;
	const char *commit = tree_commit(s->tree);
	return *commit ? arena_fmt(l->a, "%.7s:%s", commit, path) :
			 arena_fmt(l->a, "policy:%s", path);
}

/* "did you mean" among the files beside the missing one. */
static void suggest_file(struct loader *l, const struct side *s, const char *path)
{
	struct suggest g = SUGGEST_INIT(str_c(path));
	struct tree_file *file;
	struct err ignored = ERR_INIT;
	size_t n = 0;
	const char *slash = strrchr(path, '/');
	const char *beside = slash ? arena_fmt(l->a, "%.*s/*", (int)(slash - path), path) : "*";
	if (tree_glob(s->tree, beside, &file, &n, l->a, &ignored))
		return;
	for (size_t i = 0; i < n; i++)
		suggest_offer(&g, str_c(file[i].path));
	if (suggest_best(&g).p)
		diag_hint(l->d, "did you mean '%.*s'?", STR_ARGS(suggest_best(&g)));
}

static bool read_path(struct loader *l, const struct side *s, const char *path,
		      const struct ref_use *use, size_t max, struct ref *out)
{
	struct err err = ERR_INIT;
	char *oid = arena_alloc(l->a, OID_HEX);
	*out = (struct ref){ .path = path, .oid = oid };
	if (tree_read(s->tree, path, max, &out->text, oid, l->a, &err)) {
		bool absent = err.kind == ERR_ARTIFACT && !tree_has(s->tree, path);
		loader_fail(l, s, use->at, &err);
		if (absent)
			suggest_file(l, s, path);
		return false;
	}
	out->label = loader_label(l, s, path, oid);
	*vec_push(&use->artifacts->list, l->a) = (struct artifact){
		.role = use->role,
		.path = path,
		.oid = oid,
		.target = use->owner,
		.from_policy = s->policy,
	};
	return true;
}

bool ref_read(struct loader *l, const struct side *s, struct str text, const struct ref_use *use,
	      size_t max, struct ref *out)
{
	struct err err = ERR_INIT;
	const char *path;
	if (tree_resolve(&path, l->config_path, text, l->a, &err)) {
		loader_fail(l, s, use->at, &err);
		return false;
	}
	return read_path(l, s, path, use, max, out);
}

bool ref_glob(struct loader *l, const struct side *s, struct str pattern, const struct ref_use *use,
	      size_t max, struct ref **out, size_t *n)
{
	struct err err = ERR_INIT;
	const char *path;
	struct tree_file *file;
	if (tree_resolve(&path, l->config_path, pattern, l->a, &err) ||
	    tree_glob(s->tree, path, &file, n, l->a, &err)) {
		loader_fail(l, s, use->at, &err);
		return false;
	}
	if (!*n) {
		diag_add(l->d, use->at, "reference", "no file matches '%.*s' in %s",
			 STR_ARGS(pattern), tree_label(s->tree));
		suggest_file(l, s, path);
		return false;
	}
	bool ok = true;
	*out = arena_array(l->a, struct ref, *n);
	for (size_t i = 0; i < *n && ok; i++)
		ok = read_path(l, s, file[i].path, use, max, &(*out)[i]);
	return ok;
}

bool ref_is_doc(struct str text)
{
	return str_ends(text, STR(".yaml")) || str_ends(text, STR(".yml")) ||
	       str_ends(text, STR(".json"));
}

bool ref_doc(struct loader *l, const struct ref *r, struct doc **out)
{
	struct doc *d = arena_new(l->a, struct doc);
	if (doc_parse(d, r->text, doc_syntax_of(r->path), r->label, l->a, l->d))
		return false;
	*out = d;
	return true;
}

bool ref_text(struct loader *l, struct ref *r)
{
	if (str_starts(r->text, STR("\xff\xfe")) || str_starts(r->text, STR("\xfe\xff"))) {
		diag_add(l->d, (struct pos){ .file = r->label, .line = 1, .col = 1 }, "encoding",
			 "'%s' is UTF-16 text", r->path);
		diag_hint(l->d, "save the file as UTF-8");
		return false;
	}
	if (str_starts(r->text, STR("\xef\xbb\xbf")))
		r->text = str_sub(r->text, 3, r->text.n);
	ptrdiff_t bad = utf8_bad(r->text);
	ptrdiff_t nul = str_chr(r->text, '\0', 0);
	if (bad < 0 && nul < 0)
		return true;
	if (bad < 0 || (nul >= 0 && nul < bad))
		bad = nul;
	diag_add(l->d, template_pos(r->label, r->text, (size_t)bad), "encoding",
		 "'%s' is not UTF-8 text: found byte 0x%02x", r->path,
		 (unsigned)(unsigned char)r->text.p[bad]);
	diag_hint(l->d, "save the file as UTF-8");
	return false;
}

json_t *ident_ref(const struct ref *r)
{
	json_t *j = json_pack("{ss ss}", "path", r->path, "oid", r->oid);
	if (!j)
		die_oom();
	return j;
}

void ident_digest(struct digest *out, const json_t *j)
{
	struct buf b;
	buf_init(&b, DATASET_BYTES_MAX);
	canon_write(&b, j);
	sha256(out, buf_str(&b));
	buf_release(&b);
}

struct pos member_pos(const struct doc *d, const json_t *object, const char *key)
{
	return json_object_get(object, key) ? doc_pos_member(d, object, key) :
					      doc_pos_of(d, object);
}
