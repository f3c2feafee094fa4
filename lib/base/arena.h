/* struct arena: memory that dies together.  Blocks are zeroed, aligned for any type and live
 * until the arena is released or rewound past them; there is no free.  arena_defer ties a
 * foreign handle (a json_t, a compiled pattern) to the same lifetime.  Running out of memory ends the
 * process (die_oom): no caller checks for NULL.  Not for use by two threads. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/compiler.h"
#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena_defer;

struct arena {
	struct arena_block *top;
	struct arena_defer *deferred;
	size_t bytes; /* handed out and not yet rewound: for tests and budgets */
};

struct arena_mark {
	struct arena_block *top;
	size_t used;
	struct arena_defer *deferred;
	size_t bytes;
};

#define ARENA_INIT { .top = NULL }

void arena_release(struct arena *a);
/* Give what was released back to the system: before a phase that needs large blocks of its own. */
void arena_trim(void);
void *arena_alloc(struct arena *a, size_t size);
/* n * size with the overflow checked. */
void *arena_alloc_n(struct arena *a, size_t n, size_t size);

#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc_n((a), (n), sizeof(T)))

/* Copies; the result is NUL-terminated as well. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vfmt(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Call fn(p) when the arena is released or rewound past this point, latest first. */
void arena_defer(struct arena *a, void (*fn)(void *p), void *p);

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);

/* Grow-by-doubling array in an arena: VEC(int) v = {0}; *vec_push(&v, a) = 7;  v.v[0], v.n. */
#define VEC(T)                                                                                   \
	struct {                                                                                 \
		T *v;                                                                            \
		size_t n, cap;                                                                   \
	}
#define vec_push(vec, a)                                                                         \
	((vec)->n == (vec)->cap ? (void)((vec)->v = vec_grow((a), (vec)->v, (vec)->n, &(vec)->cap, \
							     sizeof *(vec)->v)) :                \
				  (void)0,                                                       \
	 &(vec)->v[(vec)->n++])
void *vec_grow(struct arena *a, const void *old, size_t n, size_t *cap, size_t size);

/* Memory ran out: one line on stderr, exit code 70. */
NORETURN void die_oom(void);

#endif
