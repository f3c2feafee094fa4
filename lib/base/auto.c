#include "base/auto.h"

#include <unistd.h>

void auto_fd(int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
}
