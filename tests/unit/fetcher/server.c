#include "server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "scratch.h"

static pid_t pid;

static bool put(int fd, const void *p, size_t n)
{
    const char *at = p;

    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static void answer(int fd, const char *status, const char *fields, const char *body, size_t n)
{
    char head[2048];
    int head_n = snprintf(head, sizeof head,
                          "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
                          status, fields, n);

    if (put(fd, head, (size_t)head_n))
        put(fd, body, n);
}

static void answer_text(int fd, const char *status, const char *fields, const char *body)
{
    answer(fd, status, fields, body, strlen(body));
}

static void on_page(int fd, const char *request)
{
    const char *fields = "Content-Type: text/html\r\nETag: \"v1\"\r\n"
                         "Last-Modified: Tue, 24 Nov 2026 09:00:00 GMT\r\n";

    if (strstr(request, "If-None-Match: \"v1\"\r\n") ||
        strstr(request, "If-Modified-Since: Tue, 24 Nov 2026 09:00:00 GMT\r\n"))
        answer_text(fd, "304 Not Modified", "ETag: \"v1\"\r\n", "");
    else
        answer_text(fd, "200 OK", fields, "<p>hello</p>");
}

static void on_gzip(int fd, const char *body, size_t n)
{
    z_stream z = {0};
    size_t size = n / 100 + 1000;
    char *out = malloc(size);

    deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)body;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)size;
    deflate(&z, Z_FINISH);
    answer(fd, "200 OK", "Content-Encoding: gzip\r\n", out, z.total_out);
    deflateEnd(&z);
    free(out);
}

static void on_endless(int fd)
{
    static const char zeros[65536];

    put(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 38);
    while (put(fd, zeros, sizeof zeros))
        ;
}

static void on_file(int fd, const char *name)
{
    const char *path = scratch_path(name);
    size_t n;
    char *bytes;

    if (access(path, R_OK) < 0) {
        answer_text(fd, "404 Not Found", "", "none");
        return;
    }
    bytes = scratch_read(path, &n);
    answer(fd, "200 OK", "Content-Type: application/octet-stream\r\n", bytes, n);
    free(bytes);
}

static void serve(int fd, char *request)
{
    char path[1024] = "";
    char fields[1200];

    sscanf(request, "GET %1023s", path);
    if (strcmp(path, "/echo") == 0) {
        answer_text(fd, "200 OK", "Content-Type: text/plain\r\n", request);
    } else if (strcmp(path, "/page") == 0) {
        on_page(fd, request);
    } else if (strcmp(path, "/big") == 0) {
        answer(fd, "200 OK", "", calloc(1, 3000000), 3000000);
    } else if (strcmp(path, "/endless") == 0) {
        on_endless(fd);
    } else if (strcmp(path, "/bomb") == 0) {
        on_gzip(fd, calloc(1, 20000000), 20000000);
    } else if (strcmp(path, "/gzip") == 0) {
        on_gzip(fd, "unpacked", 8);
    } else if (strcmp(path, "/silent") == 0) {
        pause();
    } else if (strcmp(path, "/busy") == 0) {
        answer_text(fd, "503 Service Unavailable", "Retry-After: 7\r\n", "later");
    } else if (strcmp(path, "/moved") == 0) {
        answer_text(fd, "302 Found", "Location: /page\r\n", "");
    } else if (strncmp(path, "/moved-here?", 12) == 0) {
        snprintf(fields, sizeof fields, "Location: %s\r\n", path + 12);
        answer_text(fd, "302 Found", fields, "");
    } else if (strcmp(path, "/loop") == 0) {
        answer_text(fd, "302 Found", "Location: /loop\r\n", "");
    } else if (strcmp(path, "/type") == 0) {
        answer_text(fd, "200 OK", "Content-Type: Text/HTML ; charset=\"ISO-8859-15\"; x=y\r\n",
                    "x");
    } else if (strcmp(path, "/odd") == 0) {
        answer_text(fd, "200 OK", "Content-Type: text/h\xff\r\nETag: \"\xfe\"\r\n", "x");
    } else if (strncmp(path, "/file/", 6) == 0) {
        on_file(fd, path + 6);
    } else {
        answer_text(fd, "404 Not Found", "", "none");
    }
}

static void serve_one(int listener)
{
    char request[8192];
    size_t n = 0;
    int fd = accept(listener, NULL, NULL);

    while (n < sizeof request - 1) {
        ssize_t got = recv(fd, request + n, sizeof request - 1 - n, 0);

        if (got <= 0)
            break;
        n += (size_t)got;
        request[n] = '\0';
        if (strstr(request, "\r\n\r\n")) {
            serve(fd, request);
            break;
        }
    }
    close(fd);
}

uint16_t server_start(const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(inet_pton(AF_INET, address, &in.sin_addr), 1);
    cr_assert_eq(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    cr_assert_eq(listen(fd, 16), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &size), 0);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            serve_one(fd);
    }
    close(fd);
    return ntohs(in.sin_port);
}

void server_stop(void)
{
    if (pid <= 0)
        return;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    pid = 0;
}
