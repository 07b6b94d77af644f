/* What the C and C++ probes share: settings from the environment, and one JSON line per step. */
#ifndef XW_REPORT_H
#define XW_REPORT_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long xw_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long long xw_started_ms;

/* To be called first. Neither library keeps a write to a connection that has ended from killing the program. */
static void xw_start(void)
{
    signal(SIGPIPE, SIG_IGN);
    xw_started_ms = xw_now_ms();
}

static const char *xw_setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "%s is not set\n", name);
        exit(2);
    }
    return value;
}

static int xw_is(const char *name, const char *wanted)
{
    const char *value = getenv(name);
    return value != NULL && strcmp(value, wanted) == 0;
}

static void xw_report(const char *step, int ok, const char *detail)
{
    const unsigned char *at;
    printf("{\"step\": \"%s\", \"ok\": %s, \"detail\": \"", step, ok ? "true" : "false");
    for (at = (const unsigned char *)detail; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') printf("\\%c", *at);
        else if (*at < 0x20) printf("\\u%04x", *at);
        else putchar(*at);
    }
    printf("\", \"ms\": %lld}\n", xw_now_ms() - xw_started_ms);
    fflush(stdout);
}

#endif
