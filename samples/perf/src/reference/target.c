/*
 * A null target: the other end of a yardstick. It speaks as much NVMe/TCP as a host needs to put load on a namespace,
 * reads as zeroes, discards what is written, and is meant to cost as little as a target can, so that what is measured
 * is the host. It makes no claim to completeness: it believes the host, checks next to nothing (no digest it is sent,
 * no range of blocks, no name), knows no errors worth mentioning, and is not to be used for anything but measuring.
 *
 *   cc -O2 -o target target.c
 *   ./target 4500 [option ...]    loopback only; serves any number of hosts, until it is ended
 *
 * One thread serves all connections. Each read of a socket is followed by one write of everything that answers it, from
 * where the data lies. Options:
 *
 *   spin            keeps the processor busy instead of sleeping
 *   success         leaves out the completions of reads (SUCCESS flag) even if the host asked for flow control of
 *                   submission queues, when the specification wants them sent
 *   cc=NAME         congestion control of its sockets, such as reno
 *   count=FILE      a file whose first 8 bytes count the I/Os answered, for others to map
 *   delay=MICROS    answers reads so much later, as a slow device would
 *
 * The namespace (NSID 1, any subsystem name) has 64 GiB in blocks of 512 bytes. A command moves up to 1 MiB, a capsule
 * up to 8 KiB, other writes go by one R2T. Digests are granted; those of data read are computed once for each length,
 * as the data is always the same. A host that does not take its answers holds up the others.
 */
#define _GNU_SOURCE
#include "counter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "made for little-endian machines only, as the fields on the wire are"
#endif

/* PDU types */
enum { ICREQ, ICRESP, H2C_TERM, C2H_TERM, CAPSULE_CMD, CAPSULE_RESP, H2C_DATA, C2H_DATA, R2T = 9 };
/* PDU flags */
enum { HDGST = 1, DDGST = 2, LAST = 4, SUCCESS = 8 };
/* Lengths of headers */
enum { COMMON = 8, IC = 128, COMMAND = 72, RESPONSE = 24, DATA = 24, MOST_HEADER = 256 };
/* Opcodes */
enum {
    LOG_PAGE = 0x02, IDENTIFY = 0x06, ABORT = 0x08, SET_FEATURES = 0x09, GET_FEATURES = 0x0A, ASYNC_EVENT = 0x0C,
    KEEP_ALIVE = 0x18, FABRICS = 0x7F,
};
enum { PROPERTY_SET = 0, CONNECT = 1, PROPERTY_GET = 4, DISCONNECT = 8 };
/* Status: code type and code */
enum { OK = 0, INVALID_OPCODE = 0x01, INVALID_FIELD = 0x02, INVALID_NAMESPACE = 0x0B, DO_NOT_RETRY = 1 << 14 };

enum {
    BLOCK_SHIFT = 9, BLOCKS = 1 << 27, MDTS = 8, MAX_TRANSFER = 1 << 20, IN_CAPSULE = 8192, QUEUES = 1024,
    ENTRIES = 4096, CONNECT_DATA = 1024, PAGE = 4096, RECEIVE = 1 << 20, HEADERS = 1 << 16, PIECES = 512, EVENTS = 64,
    AGAIN = 64, LATE = 1 << 16,
};

struct connection {
    int fd;
    int hdgst, ddgst;                   /* bytes of the digests, 0 or 4 */
    int pdo;                            /* where data begins that the host is sent */
    int connected, admin, flow_control;
    uint16_t controller, entries, head; /* CNTLID, size of the submission queue, SQHD */
    uint32_t configuration, keep_alive; /* CC and KATO, of an admin queue */
    /* The PDU that is being received: its header, then as much of the data as is still to come. */
    uint32_t have, data, trailer;
    uint8_t header[MOST_HEADER];
    uint8_t connect[CONNECT_DATA];
    uint32_t kept;
};

static const uint8_t zeroes[MAX_TRANSFER];
static uint32_t crc_table[8][256];
static int spin, always_success;
static uint16_t controllers;
static uint64_t not_shared, *answered = &not_shared;

/* Reads that are to be answered later: a ring, in the order of their times, as all have the same delay. */
static struct late {
    struct connection *connection; /* NULL when it has gone */
    uint64_t due;
    uint32_t length;
    uint16_t cid;
} late[LATE];
static uint64_t delay, late_first, late_end;
static int timer = -1;

/* What answers the bytes read last. */
static uint8_t headers[HEADERS];
static size_t headers_used;
static struct iovec pieces[PIECES];
static int pieces_used;

_Noreturn static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void *memory(size_t bytes)
{
    void *result = calloc(1, bytes);
    if (result == NULL)
        die("calloc");
    return result;
}

static uint16_t get16(const uint8_t *p) { uint16_t v; memcpy(&v, p, sizeof v); return v; }
static uint32_t get32(const uint8_t *p) { uint32_t v; memcpy(&v, p, sizeof v); return v; }
static uint64_t get64(const uint8_t *p) { uint64_t v; memcpy(&v, p, sizeof v); return v; }
static void put16(uint8_t *p, uint16_t v) { memcpy(p, &v, sizeof v); }
static void put32(uint8_t *p, uint32_t v) { memcpy(p, &v, sizeof v); }
static void put64(uint8_t *p, uint64_t v) { memcpy(p, &v, sizeof v); }

static void crc_init(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
        crc_table[0][i] = crc;
    }
    for (int t = 1; t < 8; t++)
        for (int i = 0; i < 256; i++)
            crc_table[t][i] = crc_table[t - 1][i] >> 8 ^ crc_table[0][crc_table[t - 1][i] & 0xFF];
}

/* CRC-32C, eight bytes at a time. */
static uint32_t crc(const uint8_t *p, size_t length)
{
    uint32_t crc = 0xFFFFFFFF;
    for (; length >= 8; p += 8, length -= 8) {
        uint64_t v = get64(p) ^ crc;
        crc = 0;
        for (int i = 0; i < 8; i++)
            crc ^= crc_table[7 - i][v >> 8 * i & 0xFF];
    }
    for (; length > 0; p++, length--)
        crc = crc >> 8 ^ crc_table[0][(crc ^ *p) & 0xFF];
    return ~crc;
}

static uint32_t crc_of_data(const uint8_t *data, uint32_t length)
{
    static uint32_t known_length, known;
    if (data != zeroes)
        return crc(data, length);
    if (length != known_length) {
        known = crc(data, length);
        known_length = length;
    }
    return known;
}

/* Sends the answers. Whether the host was there to take them. */
static int flush(struct connection *c)
{
    struct iovec *piece = pieces;
    int left = pieces_used;
    headers_used = 0;
    pieces_used = 0;
    while (left > 0) {
        struct msghdr message = {.msg_iov = piece, .msg_iovlen = left};
        ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            struct pollfd writable = {.fd = c->fd, .events = POLLOUT};
            if (errno == EPIPE || errno == ECONNRESET)
                return 0;
            if (errno != EINTR && errno != EAGAIN)
                die("sendmsg");
            if (errno == EAGAIN && !spin && poll(&writable, 1, -1) < 0 && errno != EINTR)
                die("poll");
            continue;
        }
        while (left > 0 && (size_t) sent >= piece->iov_len) {
            sent -= piece->iov_len;
            piece++;
            left--;
        }
        if (left > 0) {
            piece->iov_base = (char *) piece->iov_base + sent;
            piece->iov_len -= sent;
        }
    }
    return 1;
}

/* Whether there is room for one more answer: at most two headers, a digest and data. */
static int room(struct connection *c)
{
    return (headers_used + 2 * MOST_HEADER <= HEADERS && pieces_used + 3 <= PIECES) || flush(c);
}

static void piece(const void *bytes, size_t length)
{
    struct iovec *last = pieces_used > 0 ? &pieces[pieces_used - 1] : NULL;
    if (last != NULL && (const char *) last->iov_base + last->iov_len == (const char *) bytes)
        last->iov_len += length;
    else
        pieces[pieces_used++] = (struct iovec) {.iov_base = (void *) bytes, .iov_len = length};
}

static uint8_t *begin(size_t length)
{
    uint8_t *bytes = headers + headers_used;
    memset(bytes, 0, length);
    headers_used += length;
    piece(bytes, length);
    return bytes;
}

/* A header of which the caller fills in the rest, before it seals it. */
static uint8_t *header(const struct connection *c, int type, int flags, int length, size_t room_before_data,
                       size_t data)
{
    uint8_t *pdu = begin(data > 0 ? room_before_data : (size_t) length + c->hdgst);
    pdu[0] = type;
    pdu[1] = flags | (c->hdgst ? HDGST : 0) | (data > 0 && c->ddgst ? DDGST : 0);
    pdu[2] = length;
    pdu[3] = data > 0 ? room_before_data : 0;
    put32(pdu + 4, data > 0 ? room_before_data + data + c->ddgst : (size_t) length + c->hdgst);
    return pdu;
}

static void seal(const struct connection *c, uint8_t *pdu)
{
    if (c->hdgst)
        put32(pdu + pdu[2], crc(pdu, pdu[2]));
}

static void complete(struct connection *c, uint16_t cid, uint64_t result, int status)
{
    uint8_t *pdu = header(c, CAPSULE_RESP, 0, RESPONSE, 0, 0);
    put64(pdu + 8, result);
    put16(pdu + 16, c->head);
    put16(pdu + 20, cid);
    put16(pdu + 22, status == OK ? 0 : (status | DO_NOT_RETRY) << 1);
    seal(c, pdu);
}

/* Answers with data, which has to stay until it is flushed, and says that all went well. */
static void answer(struct connection *c, uint16_t cid, const uint8_t *data, uint32_t length)
{
    int success = !c->flow_control || always_success;
    uint8_t *pdu = header(c, C2H_DATA, LAST | (success ? SUCCESS : 0), DATA, c->pdo, length);
    put16(pdu + 8, cid);
    put32(pdu + 16, length);
    seal(c, pdu);
    piece(data, length);
    if (c->ddgst)
        put32(begin(c->ddgst), crc_of_data(data, length));
    if (!success)
        complete(c, cid, 0, OK);
}

static void ask_for_data(struct connection *c, uint16_t cid, uint32_t length)
{
    uint8_t *pdu = header(c, R2T, 0, DATA, 0, 0);
    put16(pdu + 8, cid);
    put16(pdu + 10, cid);
    put32(pdu + 16, length);
    seal(c, pdu);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Has the timer wake us for the first read that is late; a time of zero switches it off. */
static void set_timer(void)
{
    uint64_t due = late_first == late_end ? 0 : late[late_first % LATE].due;
    struct itimerspec at = {.it_value = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000}};
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) < 0)
        die("timerfd_settime");
}

static void answer_late(struct connection *c, uint16_t cid, uint32_t length)
{
    if (late_end - late_first == LATE) {
        fprintf(stderr, "more than %d reads to be answered late\n", LATE);
        exit(1);
    }
    late[late_end++ % LATE] = (struct late) {.connection = c, .due = now() + delay, .length = length, .cid = cid};
    if (late_end - late_first == 1)
        set_timer();
}

static void answer_due(void)
{
    uint64_t time = now();
    for (; late_first < late_end && late[late_first % LATE].due <= time; late_first++) {
        struct late *one = &late[late_first % LATE];
        if (one->connection == NULL || !room(one->connection))
            continue;
        answer(one->connection, one->cid, zeroes, one->length);
        ++*answered;
        /* One write for all in a row of the same host; one that has gone is noticed when it is read from. */
        struct late *next = &late[(late_first + 1) % LATE];
        if (late_first + 1 == late_end || next->due > time || next->connection != one->connection)
            flush(one->connection);
    }
    set_timer();
}

static void forget_late(const struct connection *c)
{
    for (uint64_t i = late_first; i < late_end; i++)
        if (late[i % LATE].connection == c)
            late[i % LATE].connection = NULL;
}

static void io(struct connection *c, const uint8_t *sqe, int has_data)
{
    uint16_t cid = get16(sqe + 2);
    uint32_t length = get32(sqe + 32);
    int direction = sqe[0] & 3;
    if (get32(sqe + 4) > 1 && get32(sqe + 4) != UINT32_MAX)
        complete(c, cid, 0, INVALID_NAMESPACE);
    else if (length > MAX_TRANSFER)
        complete(c, cid, 0, INVALID_FIELD);
    else if (direction == 2 && length > 0 && delay > 0) {
        answer_late(c, cid, length);
        return;
    } else if (direction == 2 && length > 0)
        answer(c, cid, zeroes, length);
    else if (direction == 1 && length > 0 && !has_data) {
        ask_for_data(c, cid, length);
        return;
    } else
        complete(c, cid, 0, OK);
    ++*answered;
}

static void connect_queue(struct connection *c, const uint8_t *sqe)
{
    uint16_t cid = get16(sqe + 2);
    c->connected = 1;
    c->admin = get16(sqe + 42) == 0;
    c->entries = get16(sqe + 44) + 1;
    c->flow_control = (sqe[46] & 4) == 0;
    c->keep_alive = get32(sqe + 48);
    if (c->admin) {
        controllers = controllers >= 0xFFEF ? 1 : controllers + 1;
        c->controller = controllers;
    } else {
        c->controller = get16(c->connect + 16);
    }
    c->head = c->flow_control ? 1 : UINT16_MAX;
    complete(c, cid, c->controller, OK);
    if (!c->flow_control)
        c->head = 0;
}

static void fabrics(struct connection *c, const uint8_t *sqe)
{
    uint16_t cid = get16(sqe + 2);
    uint32_t offset = get32(sqe + 44);
    switch (sqe[4]) {
    case CONNECT:
        connect_queue(c, sqe);
        break;
    case PROPERTY_SET:
        if (offset == 0x14)
            c->configuration = get32(sqe + 48);
        complete(c, cid, 0, OK);
        break;
    case PROPERTY_GET: {
        uint64_t value = 0;
        if (offset == 0x00) /* CAP: MQES, CQR, TO of 10 s, NVM command set */
            value = (ENTRIES - 1) | 1 << 16 | 20 << 24 | 1ull << 37;
        else if (offset == 0x08) /* VS: 1.4 */
            value = 0x10400;
        else if (offset == 0x14)
            value = c->configuration;
        else if (offset == 0x1C) /* CSTS: RDY, and SHST complete as soon as SHN asks for it */
            value = (c->configuration & 1) | (c->configuration & 3 << 14 ? 2 << 2 : 0);
        complete(c, cid, value, OK);
        break;
    }
    case DISCONNECT:
        complete(c, cid, 0, OK);
        break;
    default:
        complete(c, cid, 0, INVALID_FIELD);
    }
}

static void identify_controller(const struct connection *c, uint8_t *page)
{
    memset(page + 4, ' ', 68);
    memcpy(page + 4, "0", 1);                       /* SN */
    memcpy(page + 24, "null target", 11);           /* MN */
    memcpy(page + 64, "0", 1);                      /* FR */
    page[77] = MDTS;
    put16(page + 78, c->controller);                /* CNTLID */
    put32(page + 80, 0x10400);                      /* VER */
    put32(page + 96, 1 | 1 << 6);                   /* CTRATT: host identifiers of 128 bits, TBKAS */
    page[111] = 1;                                  /* CNTRLTYPE: I/O */
    page[258] = 3;                                  /* ACL */
    page[259] = 3;                                  /* AERL */
    put16(page + 320, 10);                          /* KAS */
    page[512] = 0x66;                               /* SQES */
    page[513] = 0x44;                               /* CQES */
    put16(page + 514, ENTRIES - 1);                 /* MAXCMD */
    put32(page + 516, 1);                           /* NN */
    put16(page + 520, 1 << 3);                      /* ONCS: Write Zeroes */
    put32(page + 536, 1 | 1 << 20 | 1 << 21);       /* SGLS: offsets, transport data blocks */
    memcpy(page + 768, c->connect + 256, 256);      /* SUBNQN, as the host calls it */
    put32(page + 1792, (64 + IN_CAPSULE) / 16);     /* IOCCSZ */
    put32(page + 1796, 1);                          /* IORCSZ */
    page[1803] = 1;                                 /* MSDBD */
}

static int identify(const struct connection *c, uint8_t *page, uint32_t cns, uint32_t nsid)
{
    memset(page, 0, PAGE);
    switch (cns) {
    case 0x00:
        if (nsid != 1)
            return INVALID_NAMESPACE;
        put64(page, BLOCKS);                        /* NSZE, NCAP, NUSE */
        put64(page + 8, BLOCKS);
        put64(page + 16, BLOCKS);
        page[30] = 1;                               /* NMIC: shared */
        memcpy(page + 104, "null target 0001", 16); /* NGUID */
        page[128 + 2] = BLOCK_SHIFT;                /* LBAF 0: LBADS */
        return OK;
    case 0x01:
        identify_controller(c, page);
        return OK;
    case 0x02:
        put32(page, nsid < 1 ? 1 : 0);
        return OK;
    case 0x03:
        if (nsid != 1)
            return INVALID_NAMESPACE;
        page[0] = 2;                                /* NIDT: NGUID */
        page[1] = 16;
        memcpy(page + 4, "null target 0001", 16);
        return OK;
    default:
        return INVALID_FIELD;
    }
}

static void admin(struct connection *c, const uint8_t *sqe)
{
    static uint8_t page[PAGE];
    uint16_t cid = get16(sqe + 2);
    uint32_t length = get32(sqe + 32), detail = get32(sqe + 40);
    int status;
    switch (sqe[0]) {
    case IDENTIFY:
        status = identify(c, page, detail & 0xFF, get32(sqe + 4));
        if (status != OK || length < PAGE) {
            complete(c, cid, 0, status == OK ? INVALID_FIELD : status);
            break;
        }
        answer(c, cid, page, PAGE);
        flush(c); /* the page is used again; a host that has gone is noticed later */
        break;
    case LOG_PAGE: /* nothing to tell, whatever it is about */
        if (length == 0 || length > MAX_TRANSFER)
            complete(c, cid, 0, INVALID_FIELD);
        else
            answer(c, cid, zeroes, length);
        break;
    case SET_FEATURES:
    case GET_FEATURES:
        if ((detail & 0xFF) == 0x07) /* numbers of queues, 0's based: as many as asked for */
            complete(c, cid, sqe[0] == SET_FEATURES ? get32(sqe + 44) : (QUEUES - 1) | (QUEUES - 1) << 16, OK);
        else
            complete(c, cid, (detail & 0xFF) == 0x0F ? c->keep_alive : 0, OK);
        break;
    case ABORT: /* too late */
        complete(c, cid, 1, OK);
        break;
    case KEEP_ALIVE:
        complete(c, cid, 0, OK);
        break;
    case ASYNC_EVENT: /* none ever happens */
        break;
    default:
        complete(c, cid, 0, INVALID_OPCODE);
    }
}

static void command(struct connection *c, const uint8_t *sqe, int has_data)
{
    if (c->flow_control && c->connected)
        c->head = c->head + 1 == c->entries ? 0 : c->head + 1;
    if (sqe[0] == FABRICS)
        fabrics(c, sqe);
    else if (c->admin)
        admin(c, sqe);
    else
        io(c, sqe, has_data);
}

static void initialize(struct connection *c, const uint8_t *request)
{
    uint8_t *pdu = header(c, ICRESP, 0, IC, 0, 0);
    int alignment = (request[10] + 1) * 4;
    pdu[11] = request[11];
    put32(pdu + 12, MAX_TRANSFER); /* MAXH2CDATA */
    c->hdgst = request[11] & 1 ? 4 : 0;
    c->ddgst = request[11] & 2 ? 4 : 0;
    c->pdo = (DATA + c->hdgst + alignment - 1) / alignment * alignment;
}

/* Deals with a PDU that has been received to its end; only for some the data that came with it was kept. */
static int received(struct connection *c, const uint8_t *pdu, int has_data)
{
    if (!room(c))
        return 0;
    switch (pdu[0]) {
    case CAPSULE_CMD:
        command(c, pdu + COMMON, has_data);
        return 1;
    case H2C_DATA:
        if (pdu[1] & LAST) {
            complete(c, get16(pdu + 8), 0, OK);
            ++*answered;
        }
        return 1;
    case ICREQ:
        if (pdu[10] > 31) {
            fprintf(stderr, "HPDA %d\n", pdu[10]);
            return 0;
        }
        initialize(c, pdu);
        return 1;
    default:
        fprintf(stderr, "PDU of type %d\n", pdu[0]);
        return 0;
    }
}

/* Bytes before the data, of a PDU whose common header is there; 0 if it is not one. */
static size_t length_before_data(const struct connection *c, const uint8_t *pdu)
{
    size_t expected = pdu[0] == ICREQ ? IC : pdu[0] == CAPSULE_CMD ? COMMAND : DATA;
    size_t length = pdu[3] > 0 ? pdu[3] : (size_t) pdu[2] + c->hdgst;
    if (pdu[2] != expected || length < expected || length >= MOST_HEADER || get32(pdu + 4) < length) {
        fprintf(stderr, "PDU of type %d, HLEN %d, PDO %d, PLEN %u\n", pdu[0], pdu[2], pdu[3], get32(pdu + 4));
        return 0;
    }
    return length;
}

static void take_data(struct connection *c, const uint8_t *bytes, uint32_t length)
{
    if (!c->connected && c->kept + length <= CONNECT_DATA) {
        memcpy(c->connect + c->kept, bytes, length);
        c->kept += length;
    }
}

/* Deals with some bytes. Whether the connection is of further use. */
static int consume(struct connection *c, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        if (c->data + c->trailer > 0) {
            uint32_t *what = c->data > 0 ? &c->data : &c->trailer;
            uint32_t taken = length < *what ? length : *what;
            if (what == &c->data)
                take_data(c, bytes, taken);
            *what -= taken;
            bytes += taken;
            length -= taken;
            if (c->data + c->trailer == 0 && !received(c, c->header, 1))
                return 0;
            continue;
        }
        /* As a rule the header is there at once and is used where it lies. */
        const uint8_t *pdu = c->have > 0 ? c->header : bytes;
        size_t there = c->have > 0 ? c->have : length;
        size_t wanted = there < COMMON ? COMMON : length_before_data(c, pdu);
        if (wanted == 0)
            return 0;
        if (there < COMMON || there < wanted) {
            size_t taken = wanted - c->have < length ? wanted - c->have : length;
            memcpy(c->header + c->have, bytes, taken);
            c->have += taken;
            bytes += taken;
            length -= taken;
            if (c->have < wanted || wanted == COMMON)
                continue;
            pdu = c->header;
        } else {
            bytes += wanted;
            length -= wanted;
        }
        c->have = 0;
        uint32_t rest = get32(pdu + 4) - wanted;
        if (rest > (uint32_t) c->ddgst) {
            if (pdu != c->header)
                memcpy(c->header, pdu, wanted);
            c->trailer = c->ddgst;
            c->data = rest - c->trailer;
        } else if (!received(c, pdu, 0)) {
            return 0;
        }
    }
    return 1;
}

/* -1 when the connection is closed, 0 when there was nothing to read. */
static int serve(struct connection *c)
{
    static uint8_t bytes[RECEIVE];
    ssize_t got = recv(c->fd, bytes, RECEIVE, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got < 0 && errno != ECONNRESET)
        die("recv");
    if (got > 0 && consume(c, bytes, got) && flush(c))
        return 1;
    headers_used = 0;
    pieces_used = 0;
    close(c->fd);
    forget_late(c);
    free(c);
    return -1;
}

static void watch(int poller, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static int listen_on(long port, const char *congestion)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    congestion_control(fd, congestion);
    if (bind(fd, (struct sockaddr *) &address, sizeof address) < 0 || listen(fd, 4096) < 0)
        die("bind");
    return fd;
}

static void accept_all(int poller, int listener)
{
    for (int fd, on = 1; (fd = accept(listener, NULL, NULL)) >= 0;) {
        struct connection *c = memory(sizeof *c);
        c->fd = fd;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
            die("TCP_NODELAY");
        watch(poller, fd, c);
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        die("accept");
}

int main(int argc, char **argv)
{
    char *end = "?";
    const char *congestion = NULL, *count_file = NULL, *value;
    long port = argc > 1 ? strtol(argv[1], &end, 10) : 0;
    int wrong = *end != '\0' || port < 1 || port > 65535;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "spin") == 0) {
            spin = 1;
        } else if (strcmp(argv[i], "success") == 0) {
            always_success = 1;
        } else if ((value = option(argv[i], "cc")) != NULL) {
            congestion = value;
        } else if ((value = option(argv[i], "count")) != NULL) {
            count_file = value;
        } else if ((value = option(argv[i], "delay")) != NULL) {
            delay = strtoull(value, &end, 10) * 1000;
            wrong |= *end != '\0' || end == value;
        } else {
            wrong = 1;
        }
    }
    if (wrong) {
        fprintf(stderr, "usage: target port [spin] [success] [cc=NAME] [count=FILE] [delay=MICROS]\n");
        return 2;
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    crc_init();
    int listener = listen_on(port, congestion), poller = epoll_create1(0);
    if (poller < 0)
        die("epoll_create1");
    watch(poller, listener, NULL);
    if (delay > 0) {
        timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        if (timer < 0)
            die("timerfd_create");
        watch(poller, timer, &timer);
    }
    if (count_file != NULL)
        answered = counter(count_file);
    for (struct epoll_event events[EVENTS];;) {
        int ready = epoll_wait(poller, events, EVENTS, spin ? 0 : -1);
        if (ready < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == &timer) {
                answer_due();
                continue;
            }
            struct connection *c = events[i].data.ptr;
            int served = 1;
            if (c == NULL)
                accept_all(poller, listener);
            else
                served = serve(c);
            /* The only busy connection is asked without a detour, for as long as that does not keep others waiting. */
            for (int again = 0; spin && c != NULL && ready == 1 && served >= 0 && again < AGAIN; again++)
                served = serve(c);
        }
    }
}
