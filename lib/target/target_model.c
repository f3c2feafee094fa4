/* Target model: one call, whose reply is the answer. */
#include "target/target.h"

struct model_state {
	bool asked;
};

static int step(void *state, const struct target_input *in, struct ask *ask, struct reply **answer,
		struct err *err)
{
	struct model_state *s = state;
	if (s->asked) {
		if (in->nreply != 1)
			return err_set(err, ERR_BUG, "target 'model' asked once and got %zu replies",
				       in->nreply);
		*answer = in->reply[0];
		return STEP_DONE;
	}
	s->asked = true;
	struct ask_item *item = vec_push(&ask->item, ask->arena);
	*item = (struct ask_item){ .kind = ASK_CALL, .call = target_call(in, in->message, in->nmessage) };
	return STEP_ASK;
}

const struct target_ops target_model = {
	.name = "model",
	.help = "one call to a model",
	.state_size = sizeof(struct model_state),
	.step = step,
};
