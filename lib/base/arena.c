#include "base/arena.h"

#ifdef __linux__
#include <malloc.h>
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_MIN = 8 * 1024, BLOCK_MAX = 1024 * 1024, ALIGN = 16 };

struct arena_block {
	struct arena_block *below;
	size_t size, used;
	_Alignas(ALIGN) char data[];
};

struct arena_defer {
	struct arena_defer *below;
	void (*fn)(void *p);
	void *p;
};

void die_oom(void)
{
	static const char text[] = "gate: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(70);
}

static struct arena_block *block_new(struct arena_block *below, size_t need)
{
	size_t size = below ? below->size * 2 : BLOCK_MIN;
	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < need)
		size = need;
	struct arena_block *b = malloc(sizeof(*b) + size);
	if (!b)
		die_oom();
	b->below = below;
	b->size = size;
	b->used = 0;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		die_oom();
	size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!need)
		need = ALIGN;
	if (!a->top || a->top->size - a->top->used < need)
		a->top = block_new(a->top, need);
	void *p = a->top->data + a->top->used;
	a->top->used += need;
	a->bytes += need;
	return memset(p, 0, need);
}

void *arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		die_oom();
	return arena_alloc(a, total);
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	if (!s.p)
		return s;
	return (struct str){ .p = arena_cstr(a, s), .n = s.n };
}

char *arena_vfmt(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		die_oom();
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vfmt(a, fmt, ap);
	va_end(ap);
	return p;
}

void arena_defer(struct arena *a, void (*fn)(void *p), void *p)
{
	struct arena_defer *d = arena_new(a, struct arena_defer);
	d->below = a->deferred;
	d->fn = fn;
	d->p = p;
	a->deferred = d;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){
		.top = a->top,
		.used = a->top ? a->top->used : 0,
		.deferred = a->deferred,
		.bytes = a->bytes,
	};
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	while (a->deferred != m.deferred) {
		struct arena_defer *d = a->deferred;
		a->deferred = d->below;
		d->fn(d->p);
	}
	while (a->top != m.top) {
		struct arena_block *b = a->top;
		a->top = b->below;
		free(b);
	}
	if (a->top)
		a->top->used = m.used;
	a->bytes = m.bytes;
}

void arena_release(struct arena *a)
{
	if (a)
		arena_rewind(a, (struct arena_mark){ .top = NULL });
}

void *vec_grow(struct arena *a, const void *old, size_t n, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap * 2 : 8;
	void *p = arena_alloc_n(a, wanted, size);
	if (n)
		memcpy(p, old, n * size);
	*cap = wanted;
	return p;
}

void arena_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
