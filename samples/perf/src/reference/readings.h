/*
 * What windows.c reads about processes that it has started, from /proc and from their sockets.
 */
#ifndef READINGS_H
#define READINGS_H

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 512, NAME = 16 };

/* What the threads of a process have used so far, in seconds; apart, those with a certain name. */
struct use {
    double named;
    struct { int id; double ran, waited; } threads[THREADS];
    int count;
};

/* Of all threads of a process so far, in seconds; negative if it is not there. */
static inline double processor_time(pid_t pid)
{
    struct timespec t;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return -1;
    return t.tv_sec + t.tv_nsec / 1e9;
}

static inline void read_use(pid_t pid, const char *prefix, struct use *use)
{
    char path[300], text[256];
    memset(use, 0, sizeof *use);
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL && use->count < THREADS;) {
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, task->d_name);
        FILE *in = task->d_name[0] == '.' ? NULL : fopen(path, "r");
        double ran = 0, waited = 0;
        if (in == NULL)
            continue;
        if (fscanf(in, "%lf %lf", &ran, &waited) == 2) {
            use->threads[use->count].id = atoi(task->d_name);
            use->threads[use->count].ran = ran / 1e9;
            use->threads[use->count++].waited = waited / 1e9;
        }
        fclose(in);
        snprintf(path, sizeof path, "/proc/%d/task/%s/comm", pid, task->d_name);
        if ((in = fopen(path, "r")) != NULL) {
            if (fgets(text, sizeof text, in) != NULL && strncmp(text, prefix, strlen(prefix)) == 0)
                use->named += ran / 1e9;
            fclose(in);
        }
    }
    if (tasks != NULL)
        closedir(tasks);
}

/* What the busiest thread has done in between: how long it ran, and how long it waited to be let run. */
static inline void busiest(const struct use *before, const struct use *after, double *ran, double *waited)
{
    *ran = *waited = 0;
    for (int i = 0; i < after->count; i++) {
        double more = after->threads[i].ran, wait = after->threads[i].waited;
        for (int j = 0; j < before->count; j++) {
            if (before->threads[j].id == after->threads[i].id) {
                more -= before->threads[j].ran;
                wait -= before->threads[j].waited;
            }
        }
        if (more > *ran) {
            *ran = more;
            *waited = wait;
        }
    }
}

static inline int is_listed(const char *list, int cpu)
{
    for (const char *p = list; *p != '\0'; p += strcspn(p, ","), p += strspn(p, ","))
        if (atoi(p) == cpu)
            return 1;
    return 0;
}

/* Ticks that the hypervisor took from two lists of processors. */
static inline long read_stolen(const char *some, const char *others)
{
    char line[256];
    int cpu;
    long result = 0, stolen;
    FILE *in = fopen("/proc/stat", "r");
    while (in != NULL && fgets(line, sizeof line, in) != NULL)
        if (sscanf(line, "cpu%d %*u %*u %*u %*u %*u %*u %*u %ld", &cpu, &stolen) == 2
                && (is_listed(some, cpu) || is_listed(others, cpu)))
            result += stolen;
    if (in != NULL)
        fclose(in);
    return result;
}

/* What a process has for its connected sockets with a port, theirs or the peer's; "?" if that is not told. */
static inline void read_congestion(pid_t pid, int port, char result[NAME])
{
    char path[64], name[NAME] = "";
    int process = syscall(SYS_pidfd_open, pid, 0);
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    strcpy(result, "?");
    DIR *files = opendir(path);
    for (struct dirent *file; files != NULL && process >= 0 && (file = readdir(files)) != NULL;) {
        struct sockaddr_storage own, peer;
        socklen_t own_size = sizeof own, peer_size = sizeof peer, size = sizeof name;
        int fd = file->d_name[0] == '.' ? -1 : syscall(SYS_pidfd_getfd, process, atoi(file->d_name), 0);
        /* The port is at the same place for IPv4 and IPv6. */
        if (fd >= 0 && getsockname(fd, (struct sockaddr *) &own, &own_size) == 0
                && getpeername(fd, (struct sockaddr *) &peer, &peer_size) == 0
                && (ntohs(((struct sockaddr_in *) &own)->sin_port) == port
                    || ntohs(((struct sockaddr_in *) &peer)->sin_port) == port)
                && getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0) {
            int other = result[0] != '?' && strncmp(result, name, NAME) != 0;
            snprintf(result, NAME, "%.15s", other ? "mixed" : name);
        }
        if (fd >= 0)
            close(fd);
    }
    if (files != NULL)
        closedir(files);
    if (process >= 0)
        close(process);
}

#endif
