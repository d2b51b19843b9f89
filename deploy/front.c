/*
 * pollwatch COMMAND: finds the program that owns the command and becomes it. Everything else,
 * options and --help included, is that program's.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/compiler.h"
#include "common/hint.h"
#include "common/mem.h"
#include "deploy/locate.h"

struct command {
    const char *name;
    const char *program;
    const char *prefix; /* goes before the arguments; NULL: nothing does */
    const char *help;
};

/* Sorted by name. */
static const struct command commands[] = {
    {"article", "pollwatch-parser", "article", "the main text of pages, as JSON"},
    {"check-config", "pollwatch-run", "check-config",
     "what is wrong in a configuration, and where"},
    {"check-rules", "pollwatch-parser", "check-rules",
     "what is wrong in the coding rules, and what no test has seen"},
    {"convert", "pollwatch-sink", "convert", "findings as JSON, CSV or MessagePack"},
    {"dlq", "pollwatch-fetcher", "dlq", "documents that could not be coded, and why"},
    {"extract", "pollwatch-parser", "extract", "codes files, without any service"},
    {"fetcher", "pollwatch-fetcher", NULL, "the service that watches the sources"},
    {"parser", "pollwatch-parser", NULL, "the service that codes documents"},
    {"run", "pollwatch-run", "run", "all three services on this machine"},
    {"sink", "pollwatch-sink", NULL, "the service that stores and publishes the findings"},
    {"status", "pollwatch-run", "status", "what a running system is doing"},
    {"tail", "pollwatch-sink", "tail", "the stream of findings"},
};

static void print_help(void)
{
    puts("Usage: pollwatch COMMAND [ARGUMENT]...\n"
         "Watches what official bodies say about elections and codes it into findings.\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        printf("  %-14s%s\n", commands[i].name, commands[i].help);
    puts("\nEach command has a --help of its own.\n"
         "  -h, --help     this text\n"
         "  -V, --version  the version");
}

static int refuse_unknown(const char *name)
{
    struct hint h = hint_for(span_of_str(name));

    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        hint_try(&h, commands[i].name);
    fprintf(stderr, "pollwatch: unknown command '%s'", name);
    if (h.right[0])
        fprintf(stderr, "; did you mean '%s'?\n", h.right);
    else
        fputs("; 'pollwatch --help' lists them\n", stderr);
    return EX_USAGE;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* Does not return unless it fails. */
static int become(const struct command *command, char **arguments, int n)
{
    char program[PATH_MAX];
    char *prefix = xstrdup(command->prefix);
    char **argv = xcalloc((size_t)n + 3, sizeof *argv);
    size_t at = 0;

    program_locate(command->program, program);
    argv[at++] = program;
    if (prefix)
        argv[at++] = prefix;
    for (int i = 0; i < n; i++)
        argv[at++] = arguments[i];
    execvp(program, argv);
    fprintf(stderr, "pollwatch: start %s: %s\n", program, strerror(errno));
    free(argv);
    free(prefix);
    return EX_OSFILE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    const struct command *command;
    /* "+": what comes after the command is the command's */
    int c = getopt_long(argc, argv, "+hV", options, NULL);

    if (c == 'h') {
        print_help();
        return EX_OK;
    }
    if (c == 'V') {
        puts("pollwatch " POLLWATCH_VERSION);
        return EX_OK;
    }
    if (c != -1 || optind == argc) {
        fputs("Usage: pollwatch COMMAND [ARGUMENT]...; 'pollwatch --help' lists the commands\n",
              stderr);
        return EX_USAGE;
    }
    command = find_command(argv[optind]);
    if (!command)
        return refuse_unknown(argv[optind]);
    return become(command, argv + optind + 1, argc - optind - 1);
}
