/*
 * POLLWATCH_<SECTION>_<KEY> overrides one value: POLLWATCH_SINK_DIR is sink.dir, POLLWATCH_DIR is
 * dir. Names are made from the table's rows and looked up, so the two can't differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config_internal.h"

#define VARIABLE_PREFIX "POLLWATCH_"
#define VARIABLE_BYTES  HINT_WORD_BYTES
#define ENDPOINTS_MAX   64

static char upper(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c;
}

/* POLLWATCH_SINK_DIR for sink.dir, POLLWATCH_DIR for dir. */
static void variable_name(const struct config_key *key, char out[VARIABLE_BYTES])
{
    snprintf(out, VARIABLE_BYTES, VARIABLE_PREFIX "%s%s%s", key->section,
             key->section[0] ? "_" : "", key->key);
    for (char *c = out; *c; c++)
        *c = upper(*c);
}

static bool has_variable(const struct config_key *key)
{
    return strcmp(key->section, CONFIG_SOURCE_SECTION) != 0 && key->kind != CONFIG_SOURCES;
}

/* Endpoints stand in a variable with commas between them. */
static void read_variable_list(struct config_reader *r, const struct config_key *key,
                               const char *variable, struct span text)
{
    const char **values = arena_calloc(r->arena, ENDPOINTS_MAX + 1, sizeof *values);
    struct config_place place = {.variable = variable};
    size_t n = 0;

    for (size_t at = 0; at <= text.n && n < ENDPOINTS_MAX; n++) {
        size_t comma = span_find(text, SPAN_LIT(","), at);
        size_t end = comma == SIZE_MAX ? text.n : comma;

        config_read_one(r, key, place, span_trim(span_of(text.p + at, end - at)), &values[n]);
        at = end + 1;
    }
    *(const char *const **)config_field(key, r->config) = values;
}

/* Whether the environment has it. */
bool config_read_variable(struct config_reader *r, const struct config_key *key)
{
    char variable[VARIABLE_BYTES];
    const char *value;

    if (!has_variable(key))
        return false;
    variable_name(key, variable);
    value = getenv(variable);
    if (!value)
        return false;
    if (config_kind_is_list(key->kind))
        read_variable_list(r, key, variable, span_of_str(value));
    else
        config_read_one(r, key, (struct config_place){.variable = variable}, span_of_str(value),
                        config_field(key, r->config));
    return true;
}

static const char *section_of_variable(struct span name)
{
    for (size_t i = 0; i < config_sections_n; i++) {
        struct config_key prefix = {.section = config_sections[i], .key = ""};
        char text[VARIABLE_BYTES];

        variable_name(&prefix, text);
        if (span_starts(name, span_of_str(text)))
            return config_sections[i];
    }
    return NULL;
}

/* A mistyped override must not pass in silence. */
static void check_variable(struct config_reader *r, struct span name)
{
    const char *section = section_of_variable(name);
    struct hint h = hint_for(name);
    struct config_place place = {.variable = arena_copy(r->arena, name).p};
    char known[VARIABLE_BYTES];

    if (!section)
        return;
    for (size_t i = 0; i < config_keys_n; i++) {
        if (!has_variable(&config_keys[i]) || strcmp(config_keys[i].section, section) != 0)
            continue;
        variable_name(&config_keys[i], known);
        if (span_equal_str(name, known))
            return;
        hint_try(&h, known);
    }
    config_problem(r, place, "unknown variable%s", config_hint_text(r->arena, &h));
}

void config_check_environment(struct config_reader *r)
{
    for (char **at = environ; at && *at; at++) {
        const char *equals = strchr(*at, '=');

        if (equals)
            check_variable(r, span_of(*at, (size_t)(equals - *at)));
    }
}
