#include "net/bucket.h"

#define MINUTE_NS 60e9

void bucket_init(struct bucket *b, double per_minute, int64_t now_ns)
{
	*b = (struct bucket){ .at_ns = now_ns };
	if (!(per_minute > 0))
		return;
	b->per_ns = per_minute / MINUTE_NS;
	b->capacity = per_minute / 60 < 1 ? 1 : per_minute / 60;
	b->level = b->capacity;
}

static void refill(struct bucket *b, int64_t now_ns)
{
	if (now_ns > b->at_ns)
		b->level += (double)(now_ns - b->at_ns) * b->per_ns;
	if (b->level > b->capacity)
		b->level = b->capacity;
	b->at_ns = now_ns;
}

int64_t bucket_wait(struct bucket *b, double n, int64_t now_ns)
{
	if (b->per_ns <= 0)
		return 0;
	refill(b, now_ns);
	double need = n < b->capacity ? n : b->capacity;
	return b->level + 1e-9 >= need ? 0 : (int64_t)((need - b->level) / b->per_ns) + 1;
}

int64_t bucket_take(struct bucket *b, double n, int64_t now_ns)
{
	int64_t wait = bucket_wait(b, n, now_ns);
	if (!wait && b->per_ns > 0)
		b->level -= n;
	return wait;
}

void bucket_adjust(struct bucket *b, double n)
{
	if (b->per_ns <= 0)
		return;
	b->level -= n;
	if (b->level > b->capacity)
		b->level = b->capacity;
}
