/* Scope-bound release of foreign handles: AUTO(auto_fd) int fd = open(…);  Declare with the
 * initial value, then return early; there is no goto in this house. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#define AUTO(fn) __attribute__((cleanup(fn)))

/* Closes a descriptor above 2; leaves -1 alone. */
void auto_fd(int *fd);

#endif
