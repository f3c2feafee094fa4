#include "suite/dataset.h"

#include "base/limits.h"
#include "doc/jsonl.h"

static bool is_csv(struct str path)
{
	return str_ends(path, STR(".csv")) || str_ends(path, STR(".tsv"));
}

static bool open_csv(struct dataset *s, struct loader *l, const char *path)
{
	struct err err = ERR_INIT;
	s->kind = DATASET_CSV;
	if (!csv_open(&s->csv, s->text, str_ends(str_c(path), STR(".tsv")) ? '\t' : ',', s->file, l->a,
		      &err) &&
	    !csvmagic_plan(&s->magic, s->csv.name, s->csv.ncol, s->file, l->a, &err))
		return true;
	diag_add(l->d, err.at, "dataset", "%s", err.msg);
	return false;
}

static bool open_yaml(struct dataset *s, struct loader *l, const struct ref *r)
{
	struct doc *d;
	s->kind = DATASET_DOC;
	if (r->text.n > ARTIFACT_BYTES_MAX) {
		diag_add(l->d, (struct pos){ .file = r->label, .line = 1, .col = 1 }, "dataset",
			 "a YAML dataset has at most %zu bytes, this one has %zu; use JSONL",
			 ARTIFACT_BYTES_MAX, r->text.n);
		return false;
	}
	if (!ref_doc(l, r, &d))
		return false;
	s->doc = d;
	s->list = json_is_object(d->root) ? json_object_get(d->root, "tests") : d->root;
	if (json_is_array(s->list))
		return true;
	diag_add(l->d, (struct pos){ .file = r->label, .line = 1, .col = 1 }, "dataset",
		 "'%s' must hold a list of cases, found %s", r->path, json_type_name(d->root));
	return false;
}

bool dataset_open(struct dataset *s, struct loader *l, struct ref *r, struct pos at)
{
	struct str path = str_c(r->path);
	*s = (struct dataset){ .file = r->label };
	if (!ref_text(l, r))
		return false;
	s->text = r->text;
	if (is_csv(path))
		return open_csv(s, l, r->path);
	if (str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")))
		return open_yaml(s, l, r);
	s->kind = DATASET_JSONL;
	if (str_ends(path, STR(".json")))
		s->kind = DATASET_JSON;
	else if (!str_ends(path, STR(".jsonl")) && !str_ends(path, STR(".ndjson"))) {
		diag_add(l->d, at, "dataset", "'%s' is no dataset by its name", r->path);
		diag_hint(l->d, "expected .jsonl, .json, .yaml or .csv");
		return false;
	}
	return true;
}

void dataset_walk(struct dataset_walk *w, const struct dataset *s)
{
	*w = (struct dataset_walk){ .dataset = s, .csv = s->csv, .number = SIZE_MAX };
	w->array.text = s->text;
}

static int next_jsonl(struct dataset_walk *w, struct dataset_row *row)
{
	struct jsonl j;
	struct jsonl_row x = { .number = w->number };
	jsonl_init(&j, w->dataset->text, w->dataset->file);
	if (w->next) {
		j.next = w->next;
		j.line = w->line;
	}
	if (!jsonl_next(&j, &x))
		return 0;
	w->next = j.next;
	w->line = j.line;
	w->number = x.number;
	*row = (struct dataset_row){ .offset = x.offset, .length = x.length, .line = x.line };
	return 1;
}

static int next_json(struct dataset_walk *w, struct dataset_row *row, struct err *err)
{
	struct jsonarray_item item;
	size_t where = 0;
	const char *why = "";
	int rc = jsonarray_next(&w->array, &item, &where, &why);
	if (rc < 0)
		return err_at(err, template_pos(w->dataset->file, w->dataset->text, where), "%s", why);
	if (rc)
		*row = (struct dataset_row){ item.offset, item.length, item.line };
	return rc;
}

static int next_csv(struct dataset_walk *w, struct dataset_row *row, struct arena *a,
		    struct err *err)
{
	struct csv_row x;
	int rc = csv_next(&w->csv, &x, a, err);
	if (rc > 0)
		*row = (struct dataset_row){ x.offset, x.length, x.line };
	return rc;
}

int dataset_next(struct dataset_walk *w, struct dataset_row *row, struct arena *a, struct err *err)
{
	const struct dataset *s = w->dataset;
	int rc = 0;
	switch (s->kind) {
	case DATASET_JSONL:
		rc = next_jsonl(w, row);
		break;
	case DATASET_JSON:
		rc = next_json(w, row, err);
		break;
	case DATASET_CSV:
		rc = next_csv(w, row, a, err);
		break;
	case DATASET_DOC:
		if (w->next >= json_array_size(s->list))
			return 0;
		*row = (struct dataset_row){ .offset = w->next++ };
		rc = 1;
		break;
	}
	if (rc > 0 && row->length > ROW_BYTES_MAX)
		return err_at(err, dataset_pos(s, row), "a case of %zu bytes; at most %zu", row->length,
			      ROW_BYTES_MAX);
	return rc;
}

struct pos dataset_pos(const struct dataset *s, const struct dataset_row *row)
{
	if (s->kind == DATASET_DOC)
		return doc_pos_item(s->doc, s->list, row->offset);
	return (struct pos){ .file = s->file, .line = row->line, .col = 1 };
}

static int read_csv(const struct dataset *s, const struct dataset_row *row, const json_t **out,
		    struct arena *a, struct err *err)
{
	struct csv_row x = { .offset = row->offset, .length = row->length, .line = row->line };
	json_t *made;
	if (csv_at(&s->csv, &x, a, err) ||
	    csvmagic_row(s->magic, x.field, x.n, dataset_pos(s, row), &made, a, err))
		return -1;
	*out = made;
	return 0;
}

int dataset_read(const struct dataset *s, const struct dataset_row *row, const json_t **out,
		 struct arena *a, struct err *err)
{
	if (s->kind == DATASET_CSV)
		return read_csv(s, row, out, a, err);
	if (s->kind == DATASET_DOC) {
		*out = json_array_get(s->list, row->offset);
		return 0;
	}
	struct jsonl_row x = { .offset = row->offset, .length = row->length, .line = row->line };
	*out = jsonl_parse(s->text, &x, s->file, a, err);
	return *out ? 0 : -1;
}
