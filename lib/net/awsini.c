#include "net/awsini.h"

struct reader {
	struct awsini *out;
	struct arena *a;
	enum awsini_form form;
	struct awsini_section *section; /* NULL: one that is skipped */
	bool any;                       /* a section has begun */
	struct awsini_item *last;       /* what an indented line belongs to */
};

static struct str lower(struct arena *a, struct str s)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
	return (struct str){ .p = p, .n = s.n };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One word or one quoted text, and nothing behind it. */
static bool take_name(struct str s, struct str *name)
{
	s = str_trim(s);
	if (!s.n)
		return false;
	char quote = s.p[0];
	if (quote == '"' || quote == '\'') {
		ptrdiff_t end = str_chr(s, quote, 1);
		*name = str_sub(s, 1, end < 0 ? 1 : (size_t)end);
		return end > 0 && (size_t)end + 1 == s.n;
	}
	*name = s;
	for (size_t i = 0; i < s.n; i++)
		if (is_blank(s.p[i]) || s.p[i] == '"' || s.p[i] == '\'')
			return false;
	return true;
}

/* "[profile x]" and its like; in the credentials file a name is all there is. */
static bool section_name(const struct reader *r, struct str head, struct str *kind, struct str *name)
{
	static const char *const kinds[] = { "profile", "sso-session", "services" };
	head = str_trim(head);
	*kind = STR("profile");
	*name = head;
	if (str_eqc(head, "default"))
		return true;
	if (r->form == AWSINI_CREDENTIALS)
		return head.n > 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct str word = str_c(kinds[i]);
		if (!str_starts(head, word) || head.n == word.n || !is_blank(head.p[word.n]))
			continue;
		*kind = word;
		return take_name(str_sub(head, word.n, head.n), name);
	}
	return false;
}

static void begin_section(struct reader *r, struct str head)
{
	struct str kind, name;
	r->any = true;
	r->section = NULL;
	r->last = NULL;
	if (!section_name(r, head, &kind, &name))
		return;
	for (size_t i = 0; i < r->out->section.n; i++) {
		struct awsini_section *s = &r->out->section.v[i];
		if (str_eq(s->kind, kind) && str_eq(s->name, name))
			r->section = s;
	}
	if (r->section)
		return;
	r->section = vec_push(&r->out->section, r->a);
	*r->section = (struct awsini_section){ .kind = arena_str(r->a, kind),
					       .name = arena_str(r->a, name) };
}

static bool split(struct str line, struct str *key, struct str *value)
{
	ptrdiff_t equals = str_chr(line, '=', 0);
	if (equals < 0)
		return false;
	*key = str_trim(str_sub(line, 0, (size_t)equals));
	*value = str_trim(str_sub(line, (size_t)equals + 1, line.n));
	return key->n > 0;
}

static struct awsini_item *add(struct reader *r, struct str key, struct str sub, struct str value)
{
	struct awsini_item *item = vec_push(&r->section->item, r->a);
	*item = (struct awsini_item){
		.key = key,
		.sub = sub,
		.value = arena_str(r->a, value),
	};
	return item;
}

/* Below "key =" a setting of its own, else more of the value above. */
static bool indented(struct reader *r, struct str line)
{
	struct str key, value;
	if (!r->section || !r->last)
		return true;
	if (!r->last->value.n) {
		struct str above = r->last->key;
		if (!split(line, &key, &value))
			return false;
		size_t at = (size_t)(r->last - r->section->item.v);
		add(r, above, lower(r->a, key), value);
		r->last = &r->section->item.v[at];
		return true;
	}
	r->last->value = str_c(arena_fmt(r->a, "%.*s\n%.*s", STR_ARGS(r->last->value),
					 STR_ARGS(str_trim(line))));
	return true;
}

static const char *take_line(struct reader *r, struct str line)
{
	struct str key, value, text = str_trim(line);
	if (!text.n || text.p[0] == '#' || text.p[0] == ';')
		return NULL;
	if (is_blank(line.p[0]) && r->any)
		return indented(r, line) ? NULL : "is no setting";
	if (text.p[0] == '[') {
		ptrdiff_t end = str_chr(text, ']', 0);
		if (end < 0)
			return "begins a section that has no ']'";
		begin_section(r, str_sub(text, 1, (size_t)end));
		return NULL;
	}
	if (!r->any)
		return "stands before the first [section]";
	if (!split(text, &key, &value))
		return "is no setting";
	if (r->section)
		r->last = add(r, lower(r->a, key), (struct str){ .p = NULL }, value);
	return NULL;
}

int awsini_parse(struct awsini *out, struct str text, enum awsini_form form, const char *file,
		 struct arena *a, struct err *err)
{
	struct reader r = { .out = out, .a = a, .form = form };
	struct str line;
	*out = (struct awsini){ .section = { .v = NULL } };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	for (unsigned n = 1; str_line(&text, &line); n++) {
		const char *why = take_line(&r, line);
		if (why)
			return err_set(err, ERR_USAGE, "'%s': line %u %s", file, n, why);
	}
	return 0;
}

static const struct awsini_section *find(const struct awsini *f, const char *kind, struct str name)
{
	for (size_t i = 0; i < f->section.n; i++)
		if (str_eqc(f->section.v[i].kind, kind) && str_eq(f->section.v[i].name, name))
			return &f->section.v[i];
	return NULL;
}

bool awsini_has(const struct awsini *f, const char *kind, struct str name)
{
	return find(f, kind, name) != NULL;
}

struct str awsini_get(const struct awsini *f, const char *kind, struct str name, const char *key,
		      const char *sub)
{
	const struct awsini_section *s = find(f, kind, name);
	struct str value = { .p = NULL };
	for (size_t i = 0; s && i < s->item.n; i++) {
		const struct awsini_item *item = &s->item.v[i];
		bool same = sub ? str_eqc(item->sub, sub) : !item->sub.p;
		if (same && str_eqc(item->key, key) && item->value.n)
			value = item->value;
	}
	return value;
}
