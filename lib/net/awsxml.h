/* The few fields of an STS answer: the text of the first element of a name, entities decoded.
 * No XML parser: the answers are flat, their tags are fixed, and what does not look like
 * them gives nothing. */
#ifndef NET_AWSXML_H
#define NET_AWSXML_H

#include "base/arena.h"
#include "base/str.h"

/* Absent when there is no such element, when it holds elements itself, or an unknown entity. */
struct str awsxml_get(struct str xml, const char *tag, struct arena *a);

#endif
