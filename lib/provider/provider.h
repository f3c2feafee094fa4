/* struct provider_ops: a codec for one call.  It turns a neutral call into bytes and bytes
 * into a neutral reply; it never sees a socket, a clock or a credential, so the same decoder is fed
 * by curl, by a pipe or by a fixture.  Adding one: a file provider_<name>.c and a line in
 * providers.def. */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/arena.h"
#include "base/err.h"
#include "call/call.h"
#include "call/reply.h"
#include "wire/wire.h"

enum feed_event { /* bits set in *events by feed; the loop stamps them with the piece's time */
	FEED_FIRST_TOKEN = 1,   /* a token of any kind has now been seen */
	FEED_FIRST_VISIBLE = 2, /* visible text has now been seen */
	FEED_TERMINAL = 4,      /* the terminal event has now been seen */
};

/* What of the case a call's `given` holds: it is part of the call, so of its digest. */
enum provider_given {
	GIVEN_NOTHING, /* a model's call is its messages */
	GIVEN_READ,    /* the variables that the target's own settings read */
	GIVEN_SHOWN,   /* all but what the suite's metrics expect */
};

/* One question about a target before its first call, and what answers it.  Its answers are kept in the record under
 * the target's name; run sends them, like calls but apart from them: they cost nothing and are not timed. */
struct fact_ask {
	const char *name;       /* "model": known.model is what was learnt */
	const char *permission; /* what may be missing when it is refused */
	struct wire_req req;
};
/* The member of an answer that is kept as the SHA-256 of its canonical JSON, under `sha256`. */
#define FACT_CONTENT "content"

struct provider_ops {
	const char *name, *help;
	const char *kind;         /* what of the provider is called (`kind:`); NULL: the model itself */
	/* The provider's further kinds, each with ops of its own, NULL-terminated; or NULL. */
	const struct provider_ops *const *kinds;
	const char *schema;       /* JSON Schema of its part of a target; text */
	const char *default_host; /* "api.openai.com": allowed when the policy names no hosts; or NULL */
	const char *default_env;  /* the variable with that host's credential; or NULL */
	bool aws;                 /* is called at AWS: endpoint.aws says where, and run fills it in */
	bool local;               /* answers without any network through `local_answer` */
	bool no_model;            /* a target of it names no model */
	bool no_prompt;           /* … and needs no prompt */
	bool one_message;         /* is sent one user message, and nothing else of a prompt */
	bool embeds;              /* answers CALL_EMBED */
	bool one_piece;           /* its answers never stream */
	bool streams_if_said;     /* … stream only where the target has `stream` */
	bool runs;                /* is no server but a program: the policy's allow_exec */
	enum provider_given given;
	bool talks;               /* is sent whole conversations with tool results, and says all tools it calls */
	bool chats;               /* is sent whole conversations, but no results of tools */

	/* Optional: what the schema cannot say, once at load.  -1: *err, and *member names the setting at
	 * fault (a key of the target) where there is one. */
	int (*check)(const struct endpoint *e, const char **member, struct err *err);

	/* Optional: does the target bring its own prompt, so that it needs no file of one? */
	bool (*prompted)(const struct endpoint *e);

	/* The bytes to send for this call, and how net authenticates them.  Pure. */
	int (*encode)(struct wire_req *out, const struct call *c, struct arena *a, struct err *err);

	/* Optional: the next question about e that `known` (an object by names) does not answer: 1; 0: there is none.
	 * What could not be learnt stands there as {"unknown": why}.  Pure. */
	int (*fact_ask)(struct fact_ask *out, const struct endpoint *e, const json_t *known, struct arena *a,
			struct err *err);
	/* What an answer of status 200 says.  NULL: *err; with ERR_ARTIFACT nothing may be called.  Pure. */
	const json_t *(*fact_take)(const struct fact_ask *ask, const json_t *answer, struct arena *a, struct err *err);
	/* Optional: ask how many tokens the call would take, and the answer's count (-1: none).  Pure. */
	int (*count_encode)(struct wire_req *out, const struct call *c, struct arena *a, struct err *err);
	int64_t (*count_take)(const json_t *answer);

	size_t state_size;
	/* Status and headers are known: JSON, SSE or event stream?  answer or error? */
	int (*begin)(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
	/* Eat a piece of the body, in any split, and grow *r. -1: stop reading, r->fail is set. */
	int (*feed)(void *state, struct reply *r, struct str piece, unsigned *events);
	/* The body ended (cleanly or not): complete, cut, blocked?  Sets r->fail when no answer. */
	void (*finish)(void *state, struct reply *r);

	/* local only: fill *r from c->given. */
	void (*local_answer)(struct reply *r, const struct call *c);
};

/* NULL when no provider has that name. */
const struct provider_ops *provider_find(struct str name);
/* The ops for that kind of it (absent or "model": its own); NULL when it has none such. */
const struct provider_ops *provider_kind(const struct provider_ops *p, struct str kind);
/* All of them, NULL-terminated. */
const struct provider_ops *const *provider_all(void);

#endif
