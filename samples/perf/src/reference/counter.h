/*
 * What echo and target have in common beside sockets: a counter that others can read, and the choice of a congestion
 * control.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The value of an option "name=value", NULL if the argument is another one. */
static inline const char *option(const char *argument, const char *name)
{
    size_t length = strlen(name);
    return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

/* A counter of 64 bits in a new file, for others to map. There is one writer, so it is simply incremented. */
static inline uint64_t *counter(const char *file)
{
    void *result = MAP_FAILED;
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0 && ftruncate(fd, sizeof(uint64_t)) == 0)
        result = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (result == MAP_FAILED) {
        perror(file);
        exit(1);
    }
    close(fd);
    return result;
}

/* NULL leaves the system's. Accepted sockets have that of the socket that listens. */
static inline void congestion_control(int fd, const char *name)
{
    if (name != NULL && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) < 0) {
        perror(name);
        exit(1);
    }
}

#endif
