/*
 * The truth server: answers on time and says when, by the clock of Python's perf_counter (CLOCK_MONOTONIC).
 *
 *   truth PORT CERT.pem    plain HTTP on PORT, TLS on PORT + 1
 *
 *   /d/MS/…               a chat completion after MS milliseconds
 *   /sse/MS/N/GAP/…       headers at once, the first of N tokens after MS, GAP milliseconds apart
 *
 * Every answer carries x-accept, x-recv and x-send in nanoseconds; every token carries the instant of its
 * own write as "t". A request has come when the kernel says so, since this server may be busy with another's
 * handshake: measured minus stamped is the client's error, however late this server was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum state { READING, WAITING, STREAMING, LISTENING };

struct conn {
    int fd, tls_ready, generation;
    enum state state;
    SSL *ssl;
    int64_t accepted, arrived, received, due, gap;
    int tokens, sent;
    size_t length;
    char buffer[8192];
    struct conn *next_free;
};

struct timer {
    int64_t at;
    struct conn *conn;
    int generation;
};

static struct timer *heap;
static int heap_size, heap_room, epoll_fd;
static struct conn *free_list;
static SSL_CTX *tls_context;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* When the kernel got what is to be read next; now, where it does not say. */
static int64_t arrival(int fd)
{
    char byte, control[128];
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct timespec wall, *stamp;
    if (recvmsg(fd, &message, MSG_PEEK) <= 0)
        return now();
    clock_gettime(CLOCK_REALTIME, &wall);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            stamp = (struct timespec *)CMSG_DATA(c);
            int64_t age = (wall.tv_sec - stamp->tv_sec) * 1000000000LL + wall.tv_nsec - stamp->tv_nsec;
            if (age >= 0 && age < 10000000000LL)
                return now() - age;
        }
    return now();
}

static void push_timer(int64_t at, struct conn *conn)
{
    if (heap_size == heap_room)
        heap = realloc(heap, (heap_room = heap_room ? heap_room * 2 : 1024) * sizeof *heap);
    int i = heap_size++;
    for (int up; i && heap[up = (i - 1) / 2].at > at; i = up)
        heap[i] = heap[up];
    heap[i] = (struct timer){at, conn, conn->generation};
}

static struct timer pop_timer(void)
{
    struct timer first = heap[0], last = heap[--heap_size];
    int i = 0;
    for (int down; (down = 2 * i + 1) < heap_size; i = down) {
        if (down + 1 < heap_size && heap[down + 1].at < heap[down].at)
            down++;
        if (heap[down].at >= last.at)
            break;
        heap[i] = heap[down];
    }
    if (heap_size)
        heap[i] = last;
    return first;
}

static void close_conn(struct conn *c)
{
    if (c->ssl)
        SSL_free(c->ssl);
    close(c->fd);
    c->ssl = NULL;
    c->fd = -1;
    c->generation++;
    c->next_free = free_list;
    free_list = c;
}

/* Answers are far smaller than a socket buffer: what cannot be written at once means that the peer has gone. */
static int put(struct conn *c, const char *data, int size)
{
    int done = c->ssl ? SSL_write(c->ssl, data, size) : (int)send(c->fd, data, size, MSG_NOSIGNAL);
    if (done == size)
        return 0;
    close_conn(c);
    return -1;
}

static int head(char *out, size_t room, struct conn *c, const char *rest)
{
    return snprintf(out, room,
                    "HTTP/1.1 200 OK\r\nx-accept: %lld\r\nx-recv: %lld\r\nx-send: %lld\r\n%s",
                    (long long)c->accepted, (long long)c->received, (long long)now(), rest);
}

static void answer(struct conn *c)
{
    static const char body[] = "{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}";
    char out[1024], rest[256];
    snprintf(rest, sizeof rest, "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", sizeof body - 1, body);
    c->state = READING;
    put(c, out, head(out, sizeof out, c, rest));
}

static void stream(struct conn *c)
{
    char event[256], out[512];
    int last = c->sent == c->tokens;
    int size = last ? snprintf(event, sizeof event, "data: [DONE]\n\n")
                    : snprintf(event, sizeof event,
                               "data: {\"t\":%lld,\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},"
                               "\"finish_reason\":%s}]}\n\n",
                               (long long)now(), c->sent + 1 == c->tokens ? "\"stop\"" : "null");
    size = snprintf(out, sizeof out, "%x\r\n%s\r\n%s", size, event, last ? "0\r\n\r\n" : "");
    if (put(c, out, size) < 0)
        return;
    if (last) {
        c->state = READING;
        return;
    }
    c->due += ++c->sent == c->tokens ? 0 : c->gap;
    push_timer(c->due, c);
}

static void start(struct conn *c, const char *path)
{
    double wait = 0, gap = 0;
    int tokens = 0;
    char out[512];
    c->received = c->arrived;
    if (sscanf(path, "/sse/%lf/%d/%lf", &wait, &tokens, &gap) == 3) {
        const char *rest = "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        if (put(c, out, head(out, sizeof out, c, rest)) < 0)
            return;
        c->state = STREAMING;
        c->tokens = tokens;
        c->sent = 0;
        c->gap = (int64_t)(gap * 1e6);
    } else {
        sscanf(path, "/d/%lf", &wait);
        c->state = WAITING;
    }
    push_timer(c->due = c->received + (int64_t)(wait * 1e6), c);
}

/* A request is complete when its head and the body of its content-length are there. */
static void parse(struct conn *c)
{
    c->buffer[c->length] = 0;
    char *end = strstr(c->buffer, "\r\n\r\n");
    if (!end || c->state != READING)
        return;
    char *field = strcasestr(c->buffer, "content-length:");
    size_t size = end + 4 - c->buffer + (field && field < end ? strtoul(field + 15, NULL, 10) : 0);
    if (c->length < size)
        return;
    char *path = strchr(c->buffer, ' ');
    char copy[512];
    snprintf(copy, sizeof copy, "%s", path ? path + 1 : "");
    memmove(c->buffer, c->buffer + size, c->length -= size);
    start(c, copy);
}

static void readable(struct conn *c)
{
    int fd = c->fd;
    if (c->ssl && !c->tls_ready) {
        int done = SSL_accept(c->ssl);
        int error = done > 0 ? 0 : SSL_get_error(c->ssl, done);
        ERR_clear_error();
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            return;
        if (error) {
            close_conn(c);
            return;
        }
        c->tls_ready = 1;
    }
    while (c->fd == fd) {
        size_t room = sizeof c->buffer - 1 - c->length;
        c->arrived = arrival(fd);
        int got = c->ssl ? SSL_read(c->ssl, c->buffer + c->length, room) : (int)recv(fd, c->buffer + c->length, room, 0);
        if (got <= 0) {
            int again = c->ssl ? SSL_get_error(c->ssl, got) == SSL_ERROR_WANT_READ : got < 0 && errno == EAGAIN;
            ERR_clear_error();
            if (!again)
                close_conn(c);
            return;
        }
        c->length += got;
        parse(c);
    }
}

static void accept_all(struct conn *listener)
{
    int fd, one = 1;
    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct conn *c = free_list;
        int generation = c ? c->generation : 0;
        if (c)
            free_list = c->next_free;
        else
            c = malloc(sizeof *c);
        memset(c, 0, sizeof *c - sizeof c->buffer);
        c->fd = fd;
        c->generation = generation;
        c->length = 0;
        c->accepted = now();
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (listener->tls_ready) {
            c->ssl = SSL_new(tls_context);
            SSL_set_fd(c->ssl, fd);
        }
        struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = c};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void listen_on(struct conn *listener, int port, int tls)
{
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    listener->state = LISTENING;
    listener->tls_ready = tls;
    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    if (bind(listener->fd, (void *)&address, sizeof address) || listen(listener->fd, 65535)) {
        perror("truth");
        exit(1);
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener->fd, &event);
}

static void fire_due_timers(void)
{
    while (heap_size && heap[0].at <= now()) {
        struct timer timer = pop_timer();
        if (timer.conn->fd < 0 || timer.conn->generation != timer.generation)
            continue;
        if (timer.conn->state == WAITING)
            answer(timer.conn);
        else if (timer.conn->state == STREAMING)
            stream(timer.conn);
    }
}

int main(int argc, char **argv)
{
    static struct conn plain, tls;
    if (argc != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    epoll_fd = epoll_create1(0);
    tls_context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_chain_file(tls_context, argv[2]);
    SSL_CTX_use_PrivateKey_file(tls_context, argv[2], SSL_FILETYPE_PEM);
    listen_on(&plain, atoi(argv[1]), 0);
    listen_on(&tls, atoi(argv[1]) + 1, 1);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[256];
        struct timespec left = {0, 0};
        int64_t wait = heap_size ? heap[0].at - now() : 0;
        if (wait > 0)
            left = (struct timespec){wait / 1000000000, wait % 1000000000};
        int n = epoll_pwait2(epoll_fd, events, 256, heap_size ? &left : NULL, NULL);
        fire_due_timers();
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (c->state == LISTENING)
                accept_all(c);
            else if (c->fd >= 0)
                readable(c);
        }
    }
}
