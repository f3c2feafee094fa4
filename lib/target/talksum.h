/* struct talksum: what a conversation amounts to: the answer is its last reply, with the
 * trajectory of everything said and done, all tool calls, and the usage and times of all calls.
 * Everything made lives in the sample's arena; replies are borrowed from it. */
#ifndef TARGET_TALKSUM_H
#define TARGET_TALKSUM_H

#include "call/reply.h"

struct talksum {
	struct arena *arena;
	json_t *trajectory, *tool_calls, *contexts;
	const json_t *guardrail;
	const struct reply *last;
	struct usage usage;
	struct times time;
	unsigned calls, attempts;
	bool streamed, reused, scrubbed;
	enum finish finish;  /* when the conversation ended otherwise than its last reply; else none */
	const char *ended;
	size_t unplayed, unused; /* scripted turns of the user, and results, that were not reached */
};

void talksum_init(struct talksum *t, struct arena *a);
void talksum_user(struct talksum *t, struct str text);
/* A reply has come: its tool calls, each with an id and its arguments read, or NULL. */
const json_t *talksum_reply(struct talksum *t, const struct reply *r);
/* One of them; result NULL: it got none. */
void talksum_tool(struct talksum *t, const json_t *call, const json_t *result);
struct reply *talksum_answer(struct talksum *t);

#endif
