/*
 * Loaded into tlshd, which is newer than the kernel: it sets the largest record of a connection and takes a refusal for the
 * end of it. The kernel without that option sends records of the largest size there is, which is what was to be set.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOL_TLS 282
#define TLS_TX_MAX_PAYLOAD_LEN 5

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	if (level == SOL_TLS && name == TLS_TX_MAX_PAYLOAD_LEN)
		return 0;
	return syscall(SYS_setsockopt, fd, level, name, value, length);
}
