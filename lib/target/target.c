#include "target/target.h"

#include "provider/provider.h"

#define TARGET(name) extern const struct target_ops target_##name;
#include "target/targets.def"
#undef TARGET

static const struct target_ops *const table[] = {
#define TARGET(name) &target_##name,
#include "target/targets.def"
#undef TARGET
};

const struct target_ops *target_for(const struct target_input *in)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(table) && table[i]->plays && !table[i]->plays(in))
		i++;
	return table[i];
}

struct call target_call(const struct target_input *in, const struct message *message, size_t n)
{
	return (struct call){
		.endpoint = in->endpoint,
		.message = message,
		.nmessage = n,
		.response_schema = in->response_schema,
		.sample = in->sample,
		.given = in->given,
	};
}
