/* AWS's profile files and STS's answers: any bytes are read or refused, and what is read is found again. */
#include "net/awsini.h"
#include "net/awsxml.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct str text = { .p = (const char *)data, .n = size };
	for (int form = 0; form < 2; form++) {
		struct err err = ERR_INIT;
		struct awsini f;
		if (awsini_parse(&f, text, (enum awsini_form)form, "f", &a, &err)) {
			if (!err.msg[0])
				__builtin_trap();
			continue;
		}
		for (size_t i = 0; i < f.section.n; i++) {
			const struct awsini_section *s = &f.section.v[i];
			for (size_t k = 0; k < s->item.n; k++) {
				const struct awsini_item *item = &s->item.v[k];
				const char *kind = arena_cstr(&a, s->kind), *key = arena_cstr(&a, item->key);
				const char *sub = item->sub.p ? arena_cstr(&a, item->sub) : NULL;
				if (!awsini_has(&f, kind, s->name))
					__builtin_trap();
				bool plain = strlen(key) == item->key.n && (!sub || strlen(sub) == item->sub.n);
				if (plain && item->value.n && !awsini_get(&f, kind, s->name, key, sub).n)
					__builtin_trap();
			}
		}
	}
	struct str value = awsxml_get(text, "Code", &a);
	if (value.n && str_chr(value, '\n', 0) >= 0 && str_chr(text, '\n', 0) < 0)
		__builtin_trap();
	arena_release(&a);
	return 0;
}
