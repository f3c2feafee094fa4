#include "provider/provider.h"

#define PROVIDER(name) extern const struct provider_ops provider_##name;
#include "provider/providers.def"
#undef PROVIDER

static const struct provider_ops *const table[] = {
#define PROVIDER(name) &provider_##name,
#include "provider/providers.def"
#undef PROVIDER
	NULL,
};

const struct provider_ops *provider_find(struct str name)
{
	for (size_t i = 0; table[i]; i++)
		if (str_eqc(name, table[i]->name))
			return table[i];
	return NULL;
}

const struct provider_ops *provider_kind(const struct provider_ops *p, struct str kind)
{
	if (!kind.p || str_eqc(kind, "model"))
		return p;
	for (size_t i = 0; p->kinds && p->kinds[i]; i++)
		if (str_eqc(kind, p->kinds[i]->kind))
			return p->kinds[i];
	return NULL;
}

const struct provider_ops *const *provider_all(void)
{
	return table;
}
