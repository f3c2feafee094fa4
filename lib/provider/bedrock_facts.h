/* Facts about a model of Bedrock before its first call: the prompt behind a prompt's ARN (GetPrompt), the models
 * behind an inference profile (GetInferenceProfile), and where a model stands in its life (GetFoundationModel).
 * Pure; see fact_ask in provider.h. */
#ifndef PROVIDER_BEDROCK_FACTS_H
#define PROVIDER_BEDROCK_FACTS_H

#include "provider/provider.h"

int bedrock_facts_ask(struct fact_ask *out, const struct endpoint *e, const json_t *known, struct arena *a,
		      struct err *err) MUST_USE;
const json_t *bedrock_facts_take(const struct fact_ask *ask, const json_t *answer, struct arena *a, struct err *err);

/* The foundation model's id in a model's id, its ARN or AWS's own profile of it ("us.anthropic.…"); absent where
 * only AWS knows. */
struct str bedrock_facts_foundation(struct str model);

#endif
