/*
 * A bare TCP exchange of the bytes that NVMe/TCP needs for a read, as the yardstick for what the SDK adds: a request of
 * 72 bytes (a command capsule) is answered by 4,120 bytes (a C2HData PDU of 4 KiB). One connection, one thread on each
 * side, no protocol.
 *
 *   cc -O2 -o echo echo.c
 *   ./echo server 4500 [reply [request]] [option ...]                 one connection after the other, until it is ended
 *   ./echo client 4500 depth seconds [reply [request]] [option ...]   loopback only; prints one line
 *
 * Depth 1 is a ping-pong: its time for an exchange is the floor of a latency. A greater depth keeps that many requests
 * outstanding: each read of the socket is followed by one write of a request for every reply that is complete, so both
 * sides gather what they can, as the SDK does. Both sides have to be told the same numbers of bytes:
 *
 *   reply request
 *    4120      72    read of 4 KiB, unless told otherwise
 *  131096      72    read of 128 KiB
 *      24    4168    write of 4 KiB in the capsule
 *      24  131144    write of 128 KiB, as if no R2T had to be waited for
 *
 * Options:
 *
 *   spin          asks the socket again and again instead of sleeping until there is something to read, for comparisons
 *                 with busy polling
 *   cc=NAME       congestion control of the side's own sockets, such as reno
 *   count=FILE    of a server: a file whose first 8 bytes count the exchanges, for others to map
 *
 * Pin each side to a processor of its own (taskset -c) and take turns with what is compared, in the same run.
 */
#include "counter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST = 72, REPLY = 4120, MOST = 16 << 20, MAX_DEPTH = 65535, RECEIVE = 1 << 20 };

static int receive_flags;
static const char *congestion, *count_file;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: echo server port [reply [request]] [spin] [cc=NAME] [count=FILE]\n"
                    "       echo client port depth seconds [reply [request]] [spin] [cc=NAME]\n");
    exit(2);
}

static long number(const char *text, long min, long max)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < min || value > max) {
        fprintf(stderr, "'%s' is not a number in %ld..%ld\n", text, min, max);
        exit(2);
    }
    return value;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double processor(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void *memory(size_t bytes)
{
    void *result = calloc(1, bytes);
    if (result == NULL)
        die("calloc");
    return result;
}

/* Whether the peer was there to take it. */
static int send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EPIPE || errno == ECONNRESET)
                return 0;
            die("send");
        }
        bytes += sent;
        length -= sent;
    }
    return 1;
}

/* Some bytes, 0 at the end. */
static size_t receive(int fd, char *bytes, size_t length)
{
    for (;;) {
        ssize_t received = recv(fd, bytes, length, receive_flags);
        if (received >= 0)
            return received;
        if (errno == ECONNRESET)
            return 0;
        if (errno != EINTR && errno != EAGAIN)
            die("recv");
    }
}

static void no_delay(int fd)
{
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        die("TCP_NODELAY");
}

static struct sockaddr_in loopback(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Messages of one size, all zeroes, as many as go well into one write. */
struct messages {
    char *bytes;
    size_t size, most;
};

static struct messages messages(size_t size)
{
    size_t most = size > RECEIVE ? 1 : RECEIVE / size;
    return (struct messages) {.bytes = memory(most * size), .size = size, .most = most};
}

static int send_messages(int fd, struct messages messages, size_t count)
{
    while (count > 0) {
        size_t now = count < messages.most ? count : messages.most;
        if (!send_all(fd, messages.bytes, now * messages.size))
            return 0;
        count -= now;
    }
    return 1;
}

static void serve(int fd, struct messages replies, size_t request, uint64_t *count)
{
    char *in = memory(RECEIVE);
    size_t partial = 0;
    for (size_t got; (got = receive(fd, in, RECEIVE)) > 0;) {
        size_t requests = (partial + got) / request;
        partial = (partial + got) % request;
        if (!send_messages(fd, replies, requests))
            break;
        *count += requests;
    }
    free(in);
}

_Noreturn static void server(long port, size_t reply, size_t request)
{
    struct messages replies = messages(reply);
    uint64_t own = 0, *count = &own;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    struct sockaddr_in address = loopback(port);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *) &address, sizeof address) < 0 || listen(listener, 1) < 0)
        die("bind");
    congestion_control(listener, congestion);
    if (count_file != NULL)
        count = counter(count_file);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            die("accept");
        no_delay(fd);
        serve(fd, replies, request, count);
        close(fd);
    }
}

static int client(long port, size_t depth, long seconds, size_t reply, size_t request)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    if (fd < 0)
        die("socket");
    congestion_control(fd, congestion);
    if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0)
        die("connect");
    no_delay(fd);
    struct messages requests = messages(request);
    char *in = memory(RECEIVE);
    size_t partial = 0;
    unsigned long exchanges = 0;
    double begin = now(), used = processor(), end = begin;
    send_messages(fd, requests, depth);
    while (end - begin < seconds) {
        size_t got = receive(fd, in, RECEIVE);
        if (got == 0) {
            fprintf(stderr, "the server has gone\n");
            return 1;
        }
        size_t replies = (partial + got) / reply;
        partial = (partial + got) % reply;
        if (replies > 0) {
            if (!send_messages(fd, requests, replies))
                continue;
            exchanges += replies;
            end = now();
        }
    }
    used = processor() - used;
    double time = end - begin;
    printf("depth %zu reply %zu request %zu: %.0f/s, %.1f MB/s, average %.2f us, CPU %.3f us each\n", depth, reply,
           request, exchanges / time, exchanges / time * (reply > request ? reply : request) / 1e6,
           time * depth / exchanges * 1e6, used / exchanges * 1e6);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    for (; argc > 1; argc--) {
        const char *last = argv[argc - 1];
        if (strcmp(last, "spin") == 0)
            receive_flags = MSG_DONTWAIT;
        else if (option(last, "cc") != NULL)
            congestion = option(last, "cc");
        else if (option(last, "count") != NULL)
            count_file = option(last, "count");
        else
            break;
    }
    int serving = argc > 1 && strcmp(argv[1], "server") == 0;
    int sizes = serving ? 3 : 5;
    if (argc < sizes || argc > sizes + 2 || (!serving && strcmp(argv[1], "client") != 0))
        usage();
    long port = number(argv[2], 1, 65535);
    long reply = argc > sizes ? number(argv[sizes], 1, MOST) : REPLY;
    long request = argc > sizes + 1 ? number(argv[sizes + 1], 1, MOST) : REQUEST;
    if (serving)
        server(port, reply, request);
    return client(port, number(argv[3], 1, MAX_DEPTH), number(argv[4], 1, 86400), reply, request);
}
