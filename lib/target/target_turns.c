/* Target turns: a conversation.  The prompt's messages come first; the model is asked, its tool
 * calls get the results that the case has for them, and when it has answered, the case's user
 * says the next thing.  It ends
 *
 *   complete        when nobody has anything more to say;
 *   missing-result  when a tool is called that the case has no result for: finish tool-calls;
 *   max-steps       when tools are called for ever: finish other;
 *   truncated       when an answer was cut at max_tokens, since what follows would build on half
 *                   a thought;
 *   blocked         when the provider withheld an answer and left nothing in its place.
 *
 * All of these are answers: what the model did is judged.  A call that failed is none.  The answer is
 * the last reply, with everything that happened before it (docs/design/targets.md). */
#include "target/target.h"

#include "doc/jsonsame.h"
#include "doc/jsonx.h"
#include "target/talksum.h"

struct turns_state {
	struct talksum sum;
	VEC(struct message) message;
	size_t at;         /* the next of talk->turns */
	bool *used;        /* by index of talk->turns */
	unsigned rounds;   /* of tool results since the user spoke */
	bool begun;
};

static const json_t *turn(const struct target_input *in, size_t i)
{
	return json_array_get(in->talk->turns, i);
}

static bool is_user(const json_t *turn)
{
	return json_object_get(turn, "user") != NULL;
}

static void say(struct turns_state *s, struct arena *a, struct message m)
{
	*vec_push(&s->message, a) = m;
}

static int ask_now(struct turns_state *s, const struct target_input *in, struct ask *ask)
{
	/* A copy: the list grows, and what was asked must stay as it was. */
	struct message *m = arena_array(ask->arena, struct message, s->message.n);
	memcpy(m, s->message.v, s->message.n * sizeof(*m));
	struct ask_item *item = vec_push(&ask->item, ask->arena);
	*item = (struct ask_item){ .kind = ASK_CALL, .call = target_call(in, m, s->message.n) };
	return STEP_ASK;
}

/* --- the user --- */

/* The user's next turn; false when there is none.  Results of tools that were not called are passed
 * over. */
static bool next_user(struct turns_state *s, const struct target_input *in, struct arena *a)
{
	for (; s->at < json_array_size(in->talk->turns); s->at++) {
		const json_t *t = turn(in, s->at);
		if (!is_user(t)) {
			s->sum.unused += !s->used[s->at];
			continue;
		}
		struct message m = { .role = ROLE_USER, .text = json_get_str(t, "user") };
		say(s, a, m);
		talksum_user(&s->sum, m.text);
		s->rounds = 0;
		s->at++;
		return true;
	}
	return false;
}

static int begin(struct turns_state *s, const struct target_input *in, struct ask *ask,
		 struct err *err)
{
	s->begun = true;
	talksum_init(&s->sum, ask->arena);
	s->used = arena_array(ask->arena, bool, json_array_size(in->talk->turns));
	for (size_t i = 0; i < in->nmessage; i++)
		say(s, ask->arena, in->message[i]);
	if (in->nmessage && in->message[in->nmessage - 1].role == ROLE_USER)
		talksum_user(&s->sum, in->message[in->nmessage - 1].text);
	else if (!next_user(s, in, ask->arena))
		return err_set(err, ERR_ARTIFACT, "neither the prompt nor the case has a user message");
	return ask_now(s, in, ask);
}

/* --- the tools --- */

static bool fits(const json_t *rule, const json_t *arguments)
{
	const json_t *when = json_object_get(rule, "when");
	return !when || json_covers(arguments, when);
}

/* What the script says next of this tool; else what the case says of it always. */
static const json_t *result_of(struct turns_state *s, const struct target_input *in, struct str name,
			       const json_t *arguments)
{
	size_t i;
	json_t *rule;
	for (i = s->at; i < json_array_size(in->talk->turns) && !is_user(turn(in, i)); i++) {
		const json_t *t = turn(in, i);
		if (s->used[i] || !str_eq(json_get_str(t, "tool"), name) || !fits(t, arguments))
			continue;
		s->used[i] = true;
		return json_object_get(t, "result");
	}
	if (!name.p)
		return NULL;
	json_array_foreach(json_object_getn(in->talk->tools, name.p, name.n), i, rule)
		if (fits(rule, arguments))
			return json_object_get(rule, "result");
	return NULL;
}

static struct str result_text(const json_t *result, struct arena *a)
{
	struct buf b;
	if (json_is_string(result))
		return json_str(result);
	buf_init(&b, SIZE_MAX / 2); /* a part of a row, which has its own ceiling */
	json_write(&b, result);
	struct str text = arena_str(a, buf_str(&b));
	buf_release(&b);
	return text;
}

/* Answer the calls of the last reply; false when one has no result, or there were too many rounds. */
static bool give_results(struct turns_state *s, const struct target_input *in, const json_t *calls,
			 struct arena *a)
{
	bool spent = s->rounds >= in->talk->max_steps, all = true;
	size_t i;
	json_t *call;
	json_array_foreach(calls, i, call) {
		struct str name = json_get_str(call, "name");
		const json_t *result = spent ? NULL :
			result_of(s, in, name, json_object_get(call, "arguments"));
		talksum_tool(&s->sum, call, result);
		all = all && result;
		if (result)
			say(s, a, (struct message){ .role = ROLE_TOOL, .text = result_text(result, a),
						    .tool_call_id = json_get_str(call, "id") });
	}
	s->rounds++;
	s->sum.ended = spent ? "max-steps" : all ? "complete" : "missing-result";
	if (spent)
		s->sum.finish = FINISH_OTHER;
	return all;
}

/* --- stepping --- */

static int done(struct turns_state *s, const struct target_input *in, struct reply **answer)
{
	for (; s->at < json_array_size(in->talk->turns); s->at++) {
		s->sum.unplayed += is_user(turn(in, s->at));
		s->sum.unused += !is_user(turn(in, s->at)) && !s->used[s->at];
	}
	*answer = talksum_answer(&s->sum);
	return STEP_DONE;
}

static int take_reply(struct turns_state *s, const struct target_input *in, struct ask *ask,
		      struct reply **answer)
{
	struct arena *a = ask->arena;
	const struct reply *r = in->reply[0];
	const json_t *calls = talksum_reply(&s->sum, r);
	if (r->fail != FAIL_NONE)
		return done(s, in, answer);
	bool cut = r->finish == FINISH_LENGTH, blocked = r->finish == FINISH_BLOCKED && !r->text.n;
	if (cut || blocked) {
		s->rounds = in->talk->max_steps; /* a half call of a tool is shown and not answered */
		give_results(s, in, calls, a);
		s->sum.ended = cut ? "truncated" : "blocked";
		s->sum.finish = r->finish;
		return done(s, in, answer);
	}
	say(s, a, (struct message){ .role = ROLE_ASSISTANT, .text = buf_str(&r->text), .thinking = r->thinking,
				    .tool_calls = json_array_size(calls) ? calls : NULL });
	if (json_array_size(calls) ? give_results(s, in, calls, a) : next_user(s, in, a))
		return ask_now(s, in, ask);
	return done(s, in, answer);
}

static int step(void *state, const struct target_input *in, struct ask *ask, struct reply **answer,
		struct err *err)
{
	struct turns_state *s = state;
	if (!s->begun)
		return begin(s, in, ask, err);
	if (in->nreply != 1)
		return err_set(err, ERR_BUG, "target 'turns' asked once and got %zu replies", in->nreply);
	return take_reply(s, in, ask, answer);
}

static bool plays(const struct target_input *in)
{
	return in->talk != NULL;
}

const struct target_ops target_turns = {
	.name = "turns",
	.help = "a conversation: scripted user turns and tool results",
	.plays = plays,
	.state_size = sizeof(struct turns_state),
	.step = step,
};
