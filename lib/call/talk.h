/* struct talk: what happens in a case's conversation besides the model's answers: what its user
 * says after the prompt, and what its tools give back.  Made of one case, rendered and
 * checked before anything is spent; plain data, borrowed from the case's arena. */
#ifndef CALL_TALK_H
#define CALL_TALK_H

#include <jansson.h>
#include <stdbool.h>

struct talk {
	/* In order: {user: TEXT}, or {tool: NAME, when?: OBJECT, result: ANY} for a call of that tool in
	 * the answer just before.  NULL: the prompt alone. */
	const json_t *turns;
	/* Whenever it is called: an object of lists of {when?: OBJECT, result: ANY}, by the tool's name; or NULL. */
	const json_t *tools;
	unsigned max_steps; /* rounds of tool results after one user message */
};

/* How far one conversation may go: a hundred rounds are a loop, and each is a paid call. */
enum { TALK_STEPS = 10, TALK_STEPS_MAX = 100, TALK_TURNS_MAX = 200 };

/* How many calls a sample takes when every scripted turn is played and each scripted result is asked for
 * alone, and how many it may take at most; `asked`: the prompt ends with a user message.  One without a
 * conversation. */
unsigned talk_calls(const struct talk *t, bool asked);
unsigned talk_calls_max(const struct talk *t, bool asked);

/* Does a trajectory say no more than one question and its answer do?  NULL does not. */
bool talk_is_plain(const json_t *trajectory);

#endif
