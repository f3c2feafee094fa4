/* CRC-32 as zlib, PNG and AWS's event stream compute it: a check against damage, not against
 * anyone's will. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include "base/str.h"

#include <stdint.h>

uint32_t crc_32(struct str bytes);

#endif
