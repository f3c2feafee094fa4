#include "base/embed.h"

#include "base/embed_table.h"

bool embed_find(const char *name, struct str *bytes)
{
	size_t lo = 0, hi = embed_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct embed_row *row = &embed_table[mid];
		int order = strcmp(name, row->name);

		if (order == 0) {
			*bytes = (struct str){ .p = row->from,
					       .n = (size_t)(row->to - row->from) };
			return true;
		}
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

const char *embed_name(size_t at)
{
	return at < embed_count ? embed_table[at].name : NULL;
}
