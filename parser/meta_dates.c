/*
 * When and where: the date of publication, the date of delivery, the place of the dateline.
 *
 * The text's own dates come first, from the strongest to the weakest place:
 *     a line that says so ("Published 11 December 2031", "Delivered on: …")
 *     a line of the top that holds little but a date ("Dakar, 27 February 2029")
 *     a dateline in front of the prose ("ASTANA, 20 March 2023 – …")
 *     a line at the end ("Done at Lomé, this 29th day of April 2030", "Date modified: …")
 *     brackets behind the title ("… (27 April 2032)")
 * then what the page declares, then the feed. A line that names an election is passed over: its
 * date is the election's.
 */
#include "parser/meta_parts.h"

/* Where a text begins with a place in brackets, it is no longer than this. */
#define BRACKET_MAX_BYTES 100

enum date_role { DATE_NONE, DATE_PUBLISHED, DATE_DELIVERED };

struct date_label {
    const char *words;
    enum date_role role;
};

/* What a line begins with, or holds, when it says what its date is. */
static const struct date_label labels[] = {
    {"delivered on", DATE_DELIVERED},  {"delivered at", DATE_DELIVERED},
    {"as delivered", DATE_DELIVERED},  {"published", DATE_PUBLISHED},
    {"posted", DATE_PUBLISHED},        {"issued", DATE_PUBLISHED},
    {"date modified", DATE_PUBLISHED}, {"last review", DATE_PUBLISHED},
    {"date:", DATE_PUBLISHED},         {"done at", DATE_PUBLISHED},
    {"done in", DATE_PUBLISHED},       {"signed in", DATE_PUBLISHED},
};

static enum date_role label_of(struct span line)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        if (words_hold(line, span_of_str(labels[i].words)))
            return labels[i].role;
    }
    return DATE_NONE;
}

static void set_date(struct meta *m, struct dated *out, struct date d, struct span exact,
                     enum date_basis basis)
{
    if (!span_is_null(out->value))
        return;
    out->value = date_write(d, m->arena);
    out->precision = d.day ? PRECISION_DAY : d.month ? PRECISION_MONTH : PRECISION_YEAR;
    out->basis = basis;
    out->exact = exact;
}

/* The first date with a year in `s`; false: none. */
static bool dated(struct meta *m, struct span s, struct date_hit *out)
{
    date_hits hits = {0};

    dates_find(s, m->arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        if (date_is_full(hits.items[i].date) && !hits.items[i].is_span) {
            *out = hits.items[i];
            return true;
        }
    }
    return false;
}

/* ---- the place ---- */

static bool is_place(struct span s)
{
    static const char *const others[] = {
        "secretariat", "mission",   "election",   "release",     "statement",  "group",
        "delegation",  "office",    "press",      "news",        "delivered",  "published",
        "issued",      "posted",    "done",       "council",     "commission", "spokesperson",
        "the",         "media",     "government", "center",      "centre",     "this",
        "updates",     "english",   "only",       "description", "location",   "date",
        "statements",  "observer",  "team",       "union",       "signed",     "was",
        "by",          "from",      "state",      "affairs",     "canada",     "modified",
        "for",         "immediate", "review",     "no",          "tags",       "assessment"};

    if (s.n == 0 || !words_start_upper(s) || words_count(s) > 6)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ':' || s.p[i] == '@')
            return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (words_hold(s, span_of_str(others[i])))
            return false;
    }
    return true;
}

static struct span trim_signs(struct span s)
{
    static const char signs[] = " ,.;:()-";
    size_t before;

    do {
        before = s.n;
        while (s.n > 0 && strchr(signs, s.p[0]))
            s = span_from(s, 1);
        while (s.n > 0 && s.p[s.n - 1] != '.' && strchr(signs, s.p[s.n - 1]))
            s.n--;
        if (s.n > 2 && s.p[s.n - 1] == '.' && s.p[s.n - 2] != 'C') /* but "WASHINGTON, D.C." */
            s.n--;
        if (span_starts(s, SPAN_LIT("\xE2\x80\x93")) || span_starts(s, SPAN_LIT("\xE2\x80\x94")))
            s = span_from(s, 3);
        if (span_ends(s, SPAN_LIT("\xE2\x80\x93")) || span_ends(s, SPAN_LIT("\xE2\x80\x94")))
            s.n -= 3;
    } while (s.n < before);
    return s;
}

/* The name of a day at the end, as in "Kampala, Sunday 19th January". */
static struct span without_weekday(struct span s)
{
    size_t start;

    s = trim_signs(s);
    start = s.n;
    while (start > 0 && s.p[start - 1] != ' ')
        start--;
    if (weekday_of(span_from(s, start)) >= 0)
        s.n = start;
    return trim_signs(s);
}

static bool is_country(const struct meta *m, struct span s)
{
    for (size_t i = 0; i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind == MENTION_COUNTRY && mention->form == FORM_NAME &&
            span_equal_nocase(meta_words(m, mention->at), s))
            return true;
    }
    return false;
}

/* "CARICOM" in "(CARICOM Secretariat, Turkeyen)": a body's name begins there. */
static bool is_body(const struct meta *m, struct span s)
{
    for (size_t i = 0; i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind == MENTION_BODY && m->text->text.p + mention->at.start == s.p)
            return true;
    }
    return false;
}

/* "Ulaanbaatar, Mongolia": the country behind its city is not part of the place. */
static struct span without_country(const struct meta *m, struct span s)
{
    size_t comma = span_find(s, SPAN_LIT(", "), 0);

    if (comma == SIZE_MAX || !is_country(m, span_from(s, comma + 2)))
        return s;
    return span_of(s.p, comma);
}

/* The last part of `s` between dashes, bars or brackets that is a place; null: none. */
static struct span place_in(const struct meta *m, struct span s)
{
    static const char *const cuts[] = {
        "|", "Secretariat, ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", " - ", " | ", "(", ": "};
    struct span found = SPAN_NULL;
    size_t parts = 0;
    size_t places = 0;

    s = without_weekday(s);
    for (size_t start = 0; start <= s.n;) {
        struct span part;
        size_t end = s.n;
        size_t next = s.n + 1;

        for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
            size_t at = span_find(s, span_of_str(cuts[i]), start);

            if (at != SIZE_MAX && at < end) {
                end = at;
                next = at + span_of_str(cuts[i]).n;
            }
        }
        part = without_weekday(span_of(s.p + start, end - start));
        parts++;
        if (is_place(part) && !is_country(m, part) && !is_body(m, part)) {
            found = part;
            places++;
        }
        start = next;
    }
    if (places > 1 && places == parts)
        return s; /* "Addis Ababa – Abuja – Dakar" */
    return span_is_null(found) ? found : without_country(m, found);
}

/* Behind the date a place only stands where nothing stands before it: "29.10.2030 Brussels". */
static struct span around_date(const struct meta *m, struct span line, struct range date)
{
    struct span place = place_in(m, span_of(line.p, date.start));
    struct span behind = span_from(line, date.end);
    size_t bar = span_find(behind, SPAN_LIT(" |"), 0);

    if (!span_is_null(place) || date.start > 2)
        return place;
    return place_in(m, span_of(behind.p, bar < behind.n ? bar : behind.n));
}

/* "Done at Lomé, this 29th day", "Issued in Port Moresby by …" */
static struct span place_behind(struct span line)
{
    static const char *const openings[] = {"done at ", "done in ", "issued in ", "signed in "};
    struct span rest = SPAN_NULL;
    size_t end = 0;

    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        size_t at = span_find_nocase(line, span_of_str(openings[i]), 0);

        if (at != SIZE_MAX)
            rest = span_from(line, at + span_of_str(openings[i]).n);
    }
    while (end < rest.n && !strchr(",.;", rest.p[end]) &&
           !span_starts(span_from(rest, end), SPAN_LIT(" by ")) &&
           !span_starts(span_from(rest, end), SPAN_LIT(" on ")))
        end++;
    rest.n = end;
    return rest.n > 0 && is_place(rest) ? rest : SPAN_NULL;
}

static void set_place(struct meta *m, struct span place)
{
    if (span_is_null(m->out->dateline_place) && !span_is_null(place))
        m->out->dateline_place = place;
}

/* ---- lines ---- */

/* The date in the line belongs to an election or an event, not to the text. */
static bool is_about_election(const struct meta *m, struct range at)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, at, MENTION_ELECTION, &from)) != NULL) {
        if (mention->election->is_vote)
            return true;
    }
    return words_hold(meta_words(m, at), SPAN_LIT("declaration")) ||
           words_hold(meta_words(m, at), SPAN_LIT("report"));
}

static bool is_delivered_text(const struct meta *m)
{
    return m->out->genre == GENRE_REMARKS || m->out->genre == GENRE_STATEMENT_TO_BODY;
}

static void take_labelled(struct meta *m, const struct meta_line *line)
{
    struct date_hit hit;
    enum date_role role = label_of(line->words);

    if (role == DATE_NONE || words_count(line->words) > 40 || !dated(m, line->words, &hit))
        return;
    m->is_published_labelled |= role == DATE_PUBLISHED;
    set_date(m, role == DATE_DELIVERED ? &m->out->date_delivered : &m->out->date_published,
             hit.date, span_slice(line->words, hit.at), BASIS_TEXT);
    set_place(m, place_behind(line->words));
    set_place(m, around_date(m, line->words, hit.at));
}

static void take_top_line(struct meta *m, const struct meta_line *line, bool was_delivered)
{
    struct date_hit hit;
    struct dated *out = was_delivered ? &m->out->date_delivered : &m->out->date_published;

    if (words_count(line->words) > 20 || label_of(line->words) != DATE_NONE ||
        !dated(m, line->words, &hit) || is_about_election(m, line->at))
        return;
    if (span_is_null(out->value))
        set_place(m, around_date(m, line->words, hit.at));
    set_date(m, out, hit.date, span_slice(line->words, hit.at), BASIS_TEXT);
}

static bool is_top(enum section_kind section)
{
    return section == SECTION_DATELINE || section == SECTION_STANDFIRST ||
           section == SECTION_BOILERPLATE || section == SECTION_CONTACT;
}

static bool is_tail(enum section_kind section)
{
    return section == SECTION_SIGNATURE || section == SECTION_CONTACT ||
           section == SECTION_BOILERPLATE || section == SECTION_DATELINE;
}

/* Lines that name no date but tell that the one below is of a speech. */
static bool tells_delivery(struct span line)
{
    return words_start_with(line, SPAN_LIT("as delivered")) ||
           words_start_with(line, SPAN_LIT("[check against delivery"));
}

static void take_top(struct meta *m)
{
    struct meta_line line;
    bool was_delivered = false;
    bool in_body = false;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        was_delivered |= !in_body && tells_delivery(line.words);
        in_body |= line.section == SECTION_BODY;
    }
    in_body = false;
    for (size_t at = 0; !in_body && meta_next_line(m, &at, &line);) {
        in_body = line.section == SECTION_BODY;
        if (is_top(line.section)) {
            take_labelled(m, &line);
            take_top_line(m, &line, was_delivered);
        }
    }
}

/* "Delivered at the Gaborone Convention Centre": a capital names the place of a hall. */
static void take_hall(struct meta *m, const struct meta_line *line)
{
    const struct mention *mention;
    size_t from = 0;

    if (!words_start_with(line->words, SPAN_LIT("delivered at the")))
        return;
    while ((mention = meta_next_mention(m, line->at, MENTION_COUNTRY, &from)) != NULL) {
        if (mention->form == FORM_CAPITAL) {
            set_place(m, meta_words(m, mention->at));
            return;
        }
    }
}

/* "to the Permanent Council, Vienna", "Location: Geneva" */
static void take_place_lines(struct meta *m)
{
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line) && line.section != SECTION_BODY;) {
        size_t comma = line.words.n;

        take_hall(m, &line);
        if (words_start_with(line.words, SPAN_LIT("location:"))) {
            struct span rest = span_trim(span_from(line.words, 9));
            size_t bar = span_find(rest, SPAN_LIT(" | "), 0);

            set_place(m, place_in(m, span_of(rest.p, bar < rest.n ? bar : rest.n)));
        }
        if (!words_hold(line.words, SPAN_LIT("to the")) ||
            !words_hold(line.words, SPAN_LIT("council")))
            continue;
        while (comma > 0 && line.words.p[comma - 1] != ',')
            comma--;
        if (comma > 0)
            set_place(m, place_in(m, span_from(line.words, comma)));
    }
}

/* "(CARICOM Secretariat, Turkeyen) On the invitation …" */
static void take_bracketed(struct meta *m, struct span line)
{
    const char *end = memchr(line.p, ')', line.n < BRACKET_MAX_BYTES ? line.n : BRACKET_MAX_BYTES);

    if (line.p[0] == '(' && end && span_find(line, SPAN_LIT("Secretariat, "), 0) != SIZE_MAX)
        set_place(m, place_in(m, span_of(line.p + 1, (size_t)(end - line.p) - 1)));
}

static void take_inline(struct meta *m)
{
    struct meta_line line;
    struct date_hit hit;
    size_t n = 0;

    for (size_t at = 0; n == 0 && meta_next_line(m, &at, &line);) {
        if (line.section == SECTION_BODY || line.section == SECTION_BOILERPLATE)
            n = words_dateline(line.words);
        if (line.section == SECTION_BODY && n == 0)
            take_bracketed(m, line.words);
        if (line.section == SECTION_BODY && words_count(line.words) > 20)
            break;
    }
    if (n == 0)
        return;
    line.words.n = n;
    if (!dated(m, line.words, &hit)) {
        set_place(m, place_in(m, line.words));
        return;
    }
    set_date(m, &m->out->date_published, hit.date, span_slice(line.words, hit.at), BASIS_TEXT);
    set_place(m, around_date(m, line.words, hit.at));
}

static void take_tail(struct meta *m)
{
    struct meta_line line;
    struct date_hit hit;
    bool in_body = false;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        in_body |= line.section == SECTION_BODY;
        if (!in_body)
            continue;
        if (is_tail(line.section) || words_start_with(line.words, SPAN_LIT("done ")))
            take_labelled(m, &line);
        if (words_start_with(line.words, SPAN_LIT("by ")) && dated(m, line.words, &hit))
            set_date(m, &m->out->date_published, hit.date, span_slice(line.words, hit.at),
                     BASIS_TEXT);
    }
}

static void take_title(struct meta *m)
{
    struct date_hit hit;
    struct span title = m->out->title_raw;
    size_t open = title.n;

    if (title.n == 0 || title.p[title.n - 1] != ')')
        return;
    while (open > 0 && title.p[open - 1] != '(')
        open--;
    title = span_from(title, open);
    if (dated(m, title, &hit) && words_count(title) <= 4)
        set_date(m, &m->out->date_published, hit.date, span_slice(title, hit.at), BASIS_TEXT);
}

static void take_declared(struct meta *m)
{
    struct date d;

    if (date_read_iso(m->article->published, &d))
        set_date(m, &m->out->date_published, d, m->article->published, BASIS_METADATA);
    if (date_read_iso(m->job->feed_published, &d))
        set_date(m, &m->out->date_published, d, m->job->feed_published, BASIS_FEED);
}

/* A text read out somewhere has the day of its delivery at the top. */
static void settle_delivery(struct meta *m)
{
    struct dated *published = &m->out->date_published;

    if (!is_delivered_text(m) || !span_is_null(m->out->date_delivered.value) ||
        published->basis != BASIS_TEXT || m->is_published_labelled)
        return;
    m->out->date_delivered = *published;
    *published = (struct dated){0};
}

void meta_find_dates(struct meta *m)
{
    struct date d;

    take_top(m);
    take_inline(m);
    take_place_lines(m);
    take_tail(m);
    take_title(m);
    take_declared(m);
    settle_delivery(m);
    if (date_read_iso(m->out->date_published.value, &d) ||
        date_read_iso(m->out->date_delivered.value, &d))
        m->published = d;
}
