/* Values as JSON Schema compares them: 1 and 1.0 are equal, members have no order. */
#include "doc/schema_impl.h"

#include <float.h>
#include <math.h>

/* On every machine we build for, a long double holds any int64_t and any double. */
static long double number(const json_t *j)
{
	return json_is_integer(j) ? (long double)json_integer_value(j) : (long double)json_real_value(j);
}

int schema_compare(const json_t *a, const json_t *b)
{
	long double x = number(a), y = number(b);
	return x < y ? -1 : x > y;
}

bool schema_is_integer(const json_t *j)
{
	return json_is_integer(j) || (json_is_real(j) && floor(json_real_value(j)) == json_real_value(j));
}

bool schema_multiple(const json_t *x, const json_t *of)
{
	if (json_is_integer(x) && json_is_integer(of))
		return json_integer_value(of) == -1 || json_integer_value(x) % json_integer_value(of) == 0;
	double a = json_number_value(x), m = json_number_value(of), q = a / m;
	if (fmod(a, m) == 0)
		return true;
	/* A whole number is a multiple of any 1/n. */
	if (schema_is_integer(x) && fabs(nearbyint(1 / m) * m - 1) <= 4 * DBL_EPSILON)
		return true;
	/* Decimal fractions are no doubles: 0.0075 is a multiple of 0.0001 to a last bit or two. */
	if (!isfinite(q) || fabs(q) > 1e15)
		return false;
	return fabs(nearbyint(q) * m - a) <= 4 * DBL_EPSILON * fabs(a);
}

static bool equal_objects(const json_t *a, const json_t *b)
{
	json_t *object = (json_t *)(uintptr_t)a;
	if (json_object_size(a) != json_object_size(b))
		return false;
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		const json_t *other = json_object_getn(b, json_object_iter_key(it),
						       json_object_iter_key_len(it));
		if (!other || !schema_equal(json_object_iter_value(it), other))
			return false;
	}
	return true;
}

bool schema_equal(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return !schema_compare(a, b);
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_string(a))
		return str_eq(json_str(a), json_str(b));
	if (json_is_object(a))
		return equal_objects(a, b);
	if (!json_is_array(a))
		return true;
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!schema_equal(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 30;
	h *= 0xbf58476d1ce4e5b9u;
	return h ^ (h >> 27);
}

uint64_t schema_hash(const json_t *j)
{
	json_t *object = (json_t *)(uintptr_t)j;
	uint64_t h = json_is_number(j) ? 100 : (uint64_t)json_typeof(j);
	if (json_is_number(j)) {
		double x = json_number_value(j) + 0.0;
		h = map_hash((struct str){ .p = (const char *)&x, .n = sizeof(x) });
	} else if (json_is_string(j)) {
		h = map_hash(json_str(j));
	} else if (json_is_array(j)) {
		for (size_t i = 0; i < json_array_size(j); i++)
			h = mix(h * 31 + schema_hash(json_array_get(j, i)));
	} else if (json_is_object(j)) {
		for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
			h += mix(map_hash(str_c(json_object_iter_key(it))) * 31 +
				 schema_hash(json_object_iter_value(it)));
	}
	return mix(h);
}
