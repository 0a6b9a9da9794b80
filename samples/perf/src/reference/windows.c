/*
 * Measures clients in turns, in short windows, so that what disturbs the machine meets all of them alike. Each client
 * has a server process of its own, which counts what it has answered in a file that is mapped here.
 *
 *   cc -O2 -o windows windows.c
 *   ./windows [-r rounds] [-w warm-up] [-s settle] [-m measured] [-l limit] [-S cpus] [-C cpus] [-n name] [-v] clients
 *
 * The file has a line for each client, with tabs between its fields:
 *
 *   name   port   flags   file of the counter   command of the server   command of the client
 *
 * Flags are "S" if the server spins, "C" if the client does, "-" if neither. A command runs by "exec" of the shell, so
 * it is one process. All servers and clients are started first, one client after the other, each for the warm-up alone,
 * and stopped (SIGSTOP). Then each round lets each client and its server go on alone, in an order that changes from
 * round to round: first to settle, then measured. Times are in seconds.
 *
 * A window counts only if nobody else had the processors. A thread that spins must have run for all of the time, one
 * that sleeps must not have waited for its processor while other processes ran there, and the hypervisor must not have
 * taken the processors away; the limit is the share of time in per cent that is forgiven, 100 for no check at all. A
 * window that does not count is repeated in the same round, up to three times as often as there are rounds for each
 * client.
 *
 * Servers run on the processors -S, clients on -C (lists such as 0,1). Clients are moved there when they already run,
 * as some choose their ways by the number of processors that they find at their start.
 *
 * Prints, with tabs in between, a line for each window that counts, and lines about each client at the end:
 *
 *   window       client   round   I/Os   seconds   processor time of the client (s)   that of threads named -n... (s)
 *   congestion   client   that of the server's socket   that of the client's
 *   thrown       client   windows that did not count
 */
#define _GNU_SOURCE
#include "readings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, LINE = 8192 };

static const double PATIENCE = 240, END_PATIENCE = 60, TRIES = 3;

/* One side of a pair; as a process it leads a group of its own. */
struct side {
    const char *command;
    const char *cpus;
    int spins;
    pid_t pid;
    char congestion[NAME];
};

struct client {
    const char *name, *count_file;
    int port;
    const volatile uint64_t *count;
    struct side server, client;
    int thrown, done;
};

static struct client clients[CLIENTS];
static int count_of_clients, rounds = 14, verbose;
static double warm_up = 5, settle = 0.12, measured = 0.35, limit = 3;
static const char *server_cpus = "0", *client_cpus = "0", *thread_name = "nvmf-";
static volatile sig_atomic_t ended;

static void signal_side(struct side *side, int signal)
{
    if (side->pid > 0)
        kill(-side->pid, signal);
}

/* Whatever happens, nothing that was started stays behind. */
static void kill_all(void)
{
    for (int i = 0; i < count_of_clients; i++) {
        signal_side(&clients[i].client, SIGKILL);
        signal_side(&clients[i].server, SIGKILL);
    }
}

_Noreturn static void fail(const char *what, const char *of)
{
    fprintf(stderr, "windows: %s: %s\n", of, what);
    exit(1);
}

static void end(int signal)
{
    ended = signal;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void pause_for(double seconds)
{
    struct timespec t = {.tv_sec = (time_t) seconds, .tv_nsec = (long) ((seconds - (time_t) seconds) * 1e9)};
    if (!ended)
        nanosleep(&t, NULL);
    if (ended)
        exit(128 + ended);
}

static int has_ended(struct side *side)
{
    if (side->pid > 0 && waitpid(side->pid, NULL, WNOHANG) == side->pid)
        side->pid = 0;
    return side->pid == 0;
}

static void check_alive(struct client *c)
{
    if (has_ended(&c->server))
        fail("the server has ended", c->name);
    if (has_ended(&c->client))
        fail("the client has ended", c->name);
}

/* Moves all threads of a side to its processors; later ones follow the thread that makes them. */
static void place(const struct side *side)
{
    char path[64];
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const char *p = side->cpus; *p != '\0'; p += strspn(p, ",")) {
        char *after;
        CPU_SET(strtoul(p, &after, 10) % CPU_SETSIZE, &set);
        if (after == p)
            fail("not a list of processors", side->cpus);
        p = after;
    }
    snprintf(path, sizeof path, "/proc/%d/task", side->pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;)
        if (atoi(task->d_name) > 0 && sched_setaffinity(atoi(task->d_name), sizeof set, &set) < 0 && errno != ESRCH)
            fail(strerror(errno), side->cpus);
    if (tasks != NULL)
        closedir(tasks);
}

static void start(struct side *side)
{
    char command[LINE + 8];
    snprintf(command, sizeof command, "exec %s", side->command);
    side->pid = fork();
    if (side->pid < 0)
        fail(strerror(errno), "fork");
    if (side->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0);
        int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", command, (char *) NULL);
        _exit(127);
    }
    setpgid(side->pid, side->pid);
}

/* Starts a server, which is ready when its counter is there. */
static void start_server(struct client *c)
{
    struct stat status;
    unlink(c->count_file);
    start(&c->server);
    place(&c->server);
    for (double begin = now(); stat(c->count_file, &status) < 0 || status.st_size < (off_t) sizeof *c->count;) {
        pause_for(0.02);
        if (has_ended(&c->server) || now() - begin > PATIENCE)
            fail("no server", c->name);
    }
    int fd = open(c->count_file, O_RDONLY);
    void *count = mmap(NULL, sizeof *c->count, PROT_READ, MAP_SHARED, fd, 0);
    if (count == MAP_FAILED)
        fail(strerror(errno), c->count_file);
    close(fd);
    c->count = count;
}

static void warm(struct client *c)
{
    start_server(c);
    start(&c->client);
    for (double begin = now(); *c->count == 0;) {
        pause_for(0.02);
        check_alive(c);
        if (now() - begin > PATIENCE)
            fail("no I/O is answered", c->name);
    }
    place(&c->client);
    pause_for(warm_up);
    check_alive(c);
    read_congestion(c->server.pid, c->port, c->server.congestion);
    read_congestion(c->client.pid, c->port, c->client.congestion);
    signal_side(&c->client, SIGSTOP);
    signal_side(&c->server, SIGSTOP);
}

/* Whether a side's busiest thread had its processor when it wanted it. */
static int had_processor(const struct side *side, double time, double ran, double waited)
{
    return side->spins ? ran > time * (1 - limit / 100) : waited < time * limit / 100;
}

/* Lets a pair go on for a window. Whether it counts, in which case it is printed. */
static int window(struct client *c, int round)
{
    static struct use server[2], client[2];
    double begin, time, used;
    uint64_t ios;
    long ticks[2];
    signal_side(&c->server, SIGCONT);
    signal_side(&c->client, SIGCONT);
    place(&c->client);
    pause_for(settle);
    ticks[0] = read_stolen(server_cpus, client_cpus);
    read_use(c->server.pid, thread_name, &server[0]);
    read_use(c->client.pid, thread_name, &client[0]);
    begin = now();
    used = processor_time(c->client.pid);
    ios = *c->count;
    pause_for(measured);
    ios = *c->count - ios;
    used = processor_time(c->client.pid) - used;
    time = now() - begin;
    read_use(c->client.pid, thread_name, &client[1]);
    read_use(c->server.pid, thread_name, &server[1]);
    ticks[1] = read_stolen(server_cpus, client_cpus);
    check_alive(c);
    signal_side(&c->client, SIGSTOP);
    signal_side(&c->server, SIGSTOP);

    double ran[2], waited[2];
    double stolen = (double) (ticks[1] - ticks[0]) / sysconf(_SC_CLK_TCK);
    busiest(&server[0], &server[1], &ran[0], &waited[0]);
    busiest(&client[0], &client[1], &ran[1], &waited[1]);
    int counts = limit >= 100
                 || (had_processor(&c->server, time, ran[0], waited[0])
                     && had_processor(&c->client, time, ran[1], waited[1])
                     && stolen < time * limit / 100);
    if (verbose)
        fprintf(stderr, "%-12s round %2d: %9.0f/s, server ran %.3f waited %.3f, client ran %.3f waited %.3f, "
                "stolen %.3f%s\n", c->name, round, ios / time, ran[0] / time, waited[0] / time, ran[1] / time,
                waited[1] / time, stolen / time, counts ? "" : ", thrown away");
    if (counts)
        printf("window\t%s\t%d\t%llu\t%.6f\t%.6f\t%.6f\n", c->name, round, (unsigned long long) ios, time, used,
               client[1].named - client[0].named);
    return counts;
}

/* One window that counts for each client, as far as that is to be had. */
static void measure_round(int round)
{
    int again;
    for (int i = 0; i < count_of_clients; i++)
        clients[i].done = 0;
    do {
        again = 0;
        for (int i = 0; i < count_of_clients; i++) {
            struct client *c = &clients[(i + round) % count_of_clients];
            if (c->done)
                continue;
            c->done = window(c, round);
            c->thrown += !c->done;
            c->done |= c->thrown >= TRIES * (round + 1);
            again |= !c->done;
        }
    } while (again);
}

/* Gives the client the time to report, for which it needs its server. */
static void finish(struct client *c)
{
    signal_side(&c->server, SIGCONT);
    signal_side(&c->client, SIGCONT);
    signal_side(&c->client, SIGTERM);
    for (double begin = now(); !has_ended(&c->client) && now() - begin < END_PATIENCE;)
        pause_for(0.02);
    signal_side(&c->client, SIGKILL);
    signal_side(&c->server, SIGKILL);
    printf("congestion\t%s\t%s\t%s\nthrown\t%s\t%d\n", c->name, c->server.congestion,
           c->client.congestion, c->name, c->thrown);
}

static void read_clients(const char *file)
{
    char line[LINE];
    FILE *in = fopen(file, "r");
    if (in == NULL)
        fail(strerror(errno), file);
    while (fgets(line, sizeof line, in) != NULL) {
        char *field[6], *rest = strdup(line);
        for (int i = 0; i < 6; i++)
            if ((field[i] = strsep(&rest, i < 5 ? "\t" : "\n")) == NULL)
                fail("a line has too few fields", file);
        if (count_of_clients == CLIENTS)
            fail("too many clients", file);
        clients[count_of_clients++] = (struct client) {
            .name = field[0], .port = atoi(field[1]), .count_file = field[3],
            .server = {.command = field[4], .cpus = server_cpus, .spins = strchr(field[2], 'S') != NULL},
            .client = {.command = field[5], .cpus = client_cpus, .spins = strchr(field[2], 'C') != NULL}};
    }
    fclose(in);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = end};
    for (int option; (option = getopt(argc, argv, "r:w:s:m:l:S:C:n:v")) != -1;) {
        switch (option) {
        case 'r': rounds = atoi(optarg); break;
        case 'w': warm_up = atof(optarg); break;
        case 's': settle = atof(optarg); break;
        case 'm': measured = atof(optarg); break;
        case 'l': limit = atof(optarg); break;
        case 'S': server_cpus = optarg; break;
        case 'C': client_cpus = optarg; break;
        case 'n': thread_name = optarg; break;
        case 'v': verbose = 1; break;
        default: return 2;
        }
    }
    if (argc != optind + 1 || rounds < 1 || measured <= 0) {
        fprintf(stderr, "usage: windows [options] clients; see the head of windows.c\n");
        return 2;
    }
    read_clients(argv[optind]);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    atexit(kill_all);
    for (int i = 0; i < count_of_clients; i++)
        warm(&clients[i]);
    for (int round = 0; round < rounds; round++)
        measure_round(round);
    for (int i = 0; i < count_of_clients; i++)
        finish(&clients[i]);
    return 0;
}
