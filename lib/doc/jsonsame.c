#include "doc/jsonsame.h"

#include <stdint.h>

static bool same_items(const json_t *x, const json_t *y)
{
	size_t n = json_array_size(x);
	if (n != json_array_size(y))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!json_same(json_array_get(x, i), json_array_get(y, i)))
			return false;
	return true;
}

bool json_same(const json_t *x, const json_t *y)
{
	if (!x || !y)
		return x == y;
	if (json_is_integer(x) && json_is_integer(y))
		return json_integer_value(x) == json_integer_value(y);
	if (json_is_number(x) && json_is_number(y))
		return json_number_value(x) == json_number_value(y);
	if (json_typeof(x) != json_typeof(y))
		return false;
	if (json_is_array(x))
		return same_items(x, y);
	if (!json_is_object(x))
		return json_equal(x, y);
	if (json_object_size(x) != json_object_size(y))
		return false;
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)x, key, v)
		if (!json_same(v, json_object_get(y, key)))
			return false;
	return true;
}

bool json_covers(const json_t *whole, const json_t *part)
{
	const char *key;
	json_t *v;
	if (!json_is_object(part))
		return json_same(whole, part);
	if (!json_is_object(whole))
		return false;
	json_object_foreach((json_t *)(uintptr_t)part, key, v)
		if (!json_object_get(whole, key) || !json_covers(json_object_get(whole, key), v))
			return false;
	return true;
}
