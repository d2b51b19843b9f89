/*
 * Which section each line belongs to.
 *
 * A statement has a top (headline, masthead, by-lines, dates, a standfirst), a body and a tail
 * (signature, contacts, the page's furniture). The top ends at the first line of prose or at a
 * heading in front of it; the tail is looked for from the last line upwards. In between, only lines
 * that are furniture beyond doubt ("Share this page") leave the body.
 *
 * The words below are those of English pages of observer missions, ministries and organisations.
 * They decide only what a line *is*, never what it says.
 */
#include "parser/text_parts.h"

/* Prose is a full sentence of some length, or a line too long for a heading. */
#define PROSE_MIN_WORDS  12
#define PROSE_SURE_WORDS 25

#define HEADING_MAX_WORDS 14

#define TITLE_MAX_WORDS 50

/* A masthead is a body's name and no more. */
#define MASTHEAD_MAX_WORDS 12

static const char *const furniture[] = {
    "share this",
    "share on",
    "share:",
    "print",
    "tags",
    "tag and share",
    "tag:",
    "keywords",
    "topics:",
    "follow us",
    "follow @",
    "subscribe",
    "sign up",
    "download",
    "read the full",
    "read more",
    "read also",
    "read in",
    "read the",
    "related",
    "see also",
    "languages:",
    "home >",
    "home /",
    "home |",
    "skip to",
    "previous |",
    "\xE2\x80\xB9 previous",
    "back to",
    "table of contents",
    "reference:",
    "ref.",
    "ends",
    "-end",
    "###",
    "# # #",
    "***",
    "* * *",
    "*****",
    "-- ends",
    "\xE2\x80\x93 ends",
    "- ends",
    "end text",
    "begin text",
    "attachments",
    "useful links",
    "more from",
    "learn more",
    "page details",
    "date modified",
    "updates to this page",
    "last review",
    "tip a friend",
    "donate",
    "additional info",
    "agency:",
    "copyright",
    "\xC2\xA9",
    "photos",
    "full statement",
    "the full statement:",
    "official text:",
    "all rights reserved",
    "on the same theme",
    "top of page",
    "image:",
    "cookies",
    "for photos",
    "support us",
    "the full preliminary report is available",
    "report a violation",
};

static const char *const contact[] = {
    "contact",
    "contacts",
    "contact persons",
    "media contact",
    "media contacts",
    "press contact",
    "press contacts",
    "for further information",
    "for more information",
    "for media enquiries",
    "for media inquiries",
    "media enquiries",
    "media inquiries",
    "further information",
    "press office",
    "press service",
    "press and information",
    "enquiries",
    "inquiries",
    "for interviews",
    "telephone",
    "email",
    "e-mail",
    "tel",
    "tel.",
    "office:",
    "mobile:",
    "phone",
    "for press",
    "media office",
    "newsdesk",
    "minister's office",
    "spokesperson for enlargement",
};

/* What stands at the top of a page beside its title. */
static const char *const top_labels[] = {
    "from:",
    "published",
    "delivered",
    "location",
    "posted",
    "date:",
    "issued",
    "by ",
    "as delivered",
    "to the ",
    "check against",
    "[check",
    "for immediate release",
    "(unofficial",
    "unofficial",
    "(courtesy",
    "courtesy translation",
    "(transcript",
    "press release",
    "press releases",
    "media release",
    "media note",
    "media center",
    "press statement",
    "news",
    "news stories",
    "statement",
    "statements",
    "the press release issued",
    "the statement issued",
    "joint release",
    "office of the",
    "ambassador",
    "senator",
    "hon ",
    "the hon",
    "sc/",
    "pc.del",
    "no.",
    "preliminary statement",
    "interim statement",
    "3 minute",
    "published under",
    "publisher:",
    "member states",
    "council of the",
    "unique id",
    "fields of work",
};

/* What is said there about the text itself. */
static const char *const top_notes[] = {"check against",       "[check",    "(transcript",
                                        "(unofficial",         "(courtesy", "(exactly as",
                                        "courtesy translation"};

static const char *const offices[] = {
    "minister",       "spokesperson", "ambassador",          "secretary",    "president",
    "chair",          "head of",      "charg\xC3\xA9",       "commissioner", "director",
    "representative", "coordinator",  "special co-ordinator"};

static const char *const body_words[] = {"mission",
                                         "embassy",
                                         "ministry",
                                         "delegation",
                                         "council",
                                         "union",
                                         "organization",
                                         "organisation",
                                         "department",
                                         "permanent",
                                         "government",
                                         "commission",
                                         "network",
                                         "office",
                                         "center",
                                         "centre",
                                         "association",
                                         "institute",
                                         "parliamentary assembly",
                                         "community",
                                         "commonwealth",
                                         "secretariat",
                                         "foundation",
                                         "coalition",
                                         "perkumpulan"};

static const char *const title_words[] = {
    "election",    "elections",         "vote",      "voters",    "statement",
    "report",      "referendum",        "poll",      "electoral", "remarks",
    "declaration", "communiqu\xC3\xA9", "observers", "results"};

static const char *const first_headings[] = {
    "summary",      "introduction",  "background", "executive summary", "key conclusions",
    "key findings", "main findings", "preamble",   "overview",          "preliminary conclusions",
    "conclusions",  "the vote"};

static const char *const closing_notes[] = {
    "only official",
    "is official",
    "is authoritative",
    "is authentic",
    "equally authentic",
    "also available in",
    "is available in",
    "available here",
    "click here",
    "this statement is available",
    "english version",
    "available for public use",
    "disclaimer",
    "unofficial translation",
    "for information media",
    "without prejudice to positions on status",
    "newsletter",
    "stabilisation and association process",
    "can be downloaded",
    "note to editors",
    "single copy in the",
    "waging peace",
    "when using materials",
    "declaration of principles for international election observation",
    "the sole responsibility of",
    "is a nonprofit",
    "views expressed",
    "team via email",
    "nonprofit, nonpartisan",
    "based regional network",
    "did not benefit from public funds",
};

#define ANY(list, s, test) any_of((list), sizeof(list) / sizeof *(list), (s), (test))

typedef bool test_fn(struct span s, struct span word);

static bool any_of(const char *const *list, size_t n, struct span s, test_fn *test)
{
    for (size_t i = 0; i < n; i++) {
        if (test(s, span_of_str(list[i])))
            return true;
    }
    return false;
}

static bool holds_text(struct span s, struct span part)
{
    return span_find_nocase(s, part, 0) != SIZE_MAX;
}

static bool equals(struct span s, struct span word)
{
    return span_equal_nocase(s, word);
}

/* ---- what a line is, by itself ---- */

static bool is_prose(struct span s)
{
    size_t n = words_count(s);

    return n >= PROSE_SURE_WORDS || (n >= PROSE_MIN_WORDS && words_end_sentence(s));
}

static bool is_furniture(struct span s)
{
    return words_count(s) < PROSE_SURE_WORDS && ANY(furniture, s, words_start_with);
}

/* Short pieces between bars: a bar of links. */
static bool is_bar(struct span s)
{
    size_t bars = 0;

    for (size_t at = 0; (at = span_find(s, SPAN_LIT(" | "), at)) != SIZE_MAX; at += 3)
        bars++;
    return bars >= 2 && !words_end_sentence(s) && words_count(s) <= 8 * (bars + 1);
}

static bool has_email(struct span s)
{
    size_t at = span_find(s, SPAN_LIT("@"), 0);

    return at != SIZE_MAX && at > 0 && s.p[at - 1] != ' ' &&
           span_find(s, SPAN_LIT("."), at) != SIZE_MAX;
}

/* A plus and at least seven digits with spaces, brackets and dashes between them. */
static bool has_phone(struct span s)
{
    size_t digits = 0;
    bool after_plus = false;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '+') {
            after_plus = true;
            digits = 0;
        } else if (c >= '0' && c <= '9') {
            digits += after_plus;
        } else if (c != ' ' && c != '(' && c != ')' && c != '-') {
            after_plus = false;
        }
        if (digits >= 7)
            return true;
    }
    return false;
}

static bool is_contact(struct span s)
{
    return words_count(s) < 45 &&
           (has_email(s) || has_phone(s) || (!is_prose(s) && ANY(contact, s, words_start_with)) ||
            words_start_with(s, SPAN_LIT("for further information")) ||
            words_start_with(s, SPAN_LIT("for more information")));
}

static bool is_masthead(struct span s)
{
    return words_count(s) <= MASTHEAD_MAX_WORDS && !words_end_sentence(s) && !words_have_year(s) &&
           ANY(body_words, s, words_hold) && !ANY(title_words, s, words_hold);
}

/* A person with an office, without a verb: who issued it. */
static bool is_byline(struct span s)
{
    return words_count(s) <= 14 && !words_end_sentence(s) && ANY(offices, s, words_hold);
}

static bool is_heading_shaped(struct span s)
{
    size_t bullet = words_bullet(s);
    char last = s.n ? s.p[s.n - 1] : '\0';

    return words_count(s) <= HEADING_MAX_WORDS && !words_end_sentence(s) && last != ':' &&
           last != ',' && last != ';' && words_start_upper(span_from(s, bullet)) &&
           (bullet == 0 || (s.p[0] != '-' && (unsigned char)s.p[0] < 0x80 && s.p[0] != '*'));
}

/* A heading that opens the body: a number before it, or one of the usual words. */
static bool is_first_heading(struct span s)
{
    size_t bullet = words_bullet(s);
    struct span words = span_trim(span_from(s, bullet));

    return is_heading_shaped(s) && (bullet > 0 || ANY(first_headings, words, equals));
}

/* ---- the top ---- */

static struct span line_text(const struct text *text, const struct line *line)
{
    return span_trim(span_slice(text->text, line->at));
}

/* The line of the headline: the first that is no furniture and no masthead with a title below. */
static size_t find_headline(const line_list *lines, const struct text *text)
{
    for (size_t i = 0; i < lines->n && i < 6; i++) {
        struct span s = line_text(text, &lines->items[i]);

        if (lines->items[i].section == SECTION_HEADLINE)
            return i;
        if (words_count(s) > TITLE_MAX_WORDS && words_end_sentence(s))
            return lines->n; /* prose: there is no headline */
        if (is_furniture(s))
            continue;
        if (is_masthead(s) && i + 1 < lines->n &&
            words_count(line_text(text, &lines->items[i + 1])) <= 30 &&
            ANY(title_words, line_text(text, &lines->items[i + 1]), words_hold))
            continue;
        return i;
    }
    return lines->n;
}

static bool is_label(struct span s)
{
    return words_count(s) < PROSE_SURE_WORDS && ANY(top_labels, s, words_start_with);
}

static bool is_dateline(struct span s)
{
    return (words_have_year(s) && !is_prose(s) && words_count(s) <= 20) || is_label(s) ||
           is_masthead(s) || is_byline(s) || words_are_capitals(s);
}

/* Says that a summary stands above: the labels of a government's page, or a note on the source. */
static bool follows_label(const line_list *lines, const struct text *text, size_t i)
{
    struct span next = i + 1 < lines->n ? line_text(text, &lines->items[i + 1]) : SPAN_NULL;
    struct span last = i > 0 ? line_text(text, &lines->items[i - 1]) : SPAN_NULL;
    bool below = next.n > 0 && (words_start_with(next, SPAN_LIT("from:")) ||
                                words_start_with(next, SPAN_LIT("published")) ||
                                words_start_with(next, SPAN_LIT("location:")) ||
                                words_start_with(next, SPAN_LIT("press release")));
    bool above = last.n > 0 && words_start_with(last, SPAN_LIT("the press release issued"));

    return below || (above && words_count(line_text(text, &lines->items[i])) <= 30);
}

/* A few words right above a line with the date: "EEAS Press Team". */
static bool is_above_date(const line_list *lines, const struct text *text, size_t i)
{
    struct span next = i + 1 < lines->n ? line_text(text, &lines->items[i + 1]) : SPAN_NULL;

    return words_count(line_text(text, &lines->items[i])) <= 6 && next.n > 0 &&
           words_have_year(next) && words_count(next) <= 8;
}

/* Whether the body starts here; else marks the line. `is_next` = right below the headline. */
static bool mark_top_line(line_list *lines, const struct text *text, size_t i, bool is_next)
{
    struct line *line = &lines->items[i];
    struct span s = line_text(text, line);

    line->section = SECTION_DATELINE;
    if (line->is_standfirst ||
        (words_count(s) >= 8 && !is_label(s) && follows_label(lines, text, i))) {
        line->section = SECTION_STANDFIRST;
    } else if (is_furniture(s) || ANY(top_notes, s, words_start_with) ||
               (is_bar(s) && !words_have_year(s))) {
        line->section = SECTION_BOILERPLATE;
    } else if (is_contact(s) && !is_prose(s)) {
        line->section = SECTION_CONTACT;
    } else if (is_above_date(lines, text, i) || (words_have_date(s) && words_count(s) <= 8)) {
        return false;
    } else if (is_first_heading(s) || line->kind == BLOCK_HEADING) {
        return true;
    } else if (is_dateline(s)) {
        return false;
    } else if (words_bullet(s) > 0 && !words_end_sentence(s)) {
        line->section = SECTION_STANDFIRST;
    } else if (is_next && words_count(s) >= 5 && !words_end_sentence(s) && !is_prose(s) &&
               s.p[s.n - 1] != ':' && s.p[s.n - 1] != ',') {
        line->section = SECTION_STANDFIRST;
    } else {
        return true;
    }
    return false;
}

/* Returns the first line of the body. */
static size_t mark_top(line_list *lines, struct text *out)
{
    size_t headline = find_headline(lines, out);
    size_t i;

    if (headline == lines->n)
        return 0;
    for (i = 0; i < headline; i++)
        lines->items[i].section = SECTION_DATELINE;
    lines->items[headline].section = SECTION_HEADLINE;
    lines->items[headline].is_heading = true;
    out->title = lines->items[headline].at;
    for (i = headline + 1; i < lines->n; i++) {
        if (mark_top_line(lines, out, i, i == headline + 1)) {
            lines->items[i].section = SECTION_NONE;
            break;
        }
    }
    return i;
}

/* ---- the tail ---- */

static bool is_signature(struct span s)
{
    static const char *const openings[] = {"done at", "done in", "for the mission",    "(signed",
                                           "h.e.",    "hon.",    "head of the mission"};

    return words_count(s) <= 22 && ANY(openings, s, words_start_with);
}

static struct span word_at(struct span s, size_t at)
{
    size_t end = at;

    while (end < s.n && s.p[end] != ' ')
        end++;
    return span_of(s.p + at, end - at);
}

/* Two to five words with capitals, small ones only inside: a person; or where and who she is. */
static bool is_name_line(struct span s)
{
    size_t n = words_count(s);
    size_t upper = 0;

    if (n < 2 || n > 10 || words_end_sentence(s) || words_bullet(s) > 0)
        return false;
    for (size_t at = 0; at < s.n; at++) {
        if ((at == 0 || s.p[at - 1] == ' ') && s.p[at] != ' ' && words_start_upper(word_at(s, at)))
            upper++;
    }
    return n <= 5 ? upper >= 2 && upper + 2 >= n && words_start_upper(s) : is_byline(s);
}

/* SECTION_NONE when the line ends the tail. */
static enum section_kind tail_section(struct span s)
{
    if (is_signature(s))
        return SECTION_SIGNATURE;
    if (is_contact(s))
        return SECTION_CONTACT;
    if (is_furniture(s) || is_bar(s) || (words_count(s) < 60 && ANY(closing_notes, s, holds_text)))
        return SECTION_BOILERPLATE;
    if (is_name_line(s) || is_byline(s))
        return SECTION_SIGNATURE;
    if (is_heading_shaped(s) && words_bullet(s) == 0)
        return SECTION_BOILERPLATE;
    return SECTION_NONE;
}

static size_t mark_tail(line_list *lines, const struct text *text, size_t first)
{
    size_t end = lines->n;

    while (end > first) {
        struct line *line = &lines->items[end - 1];
        enum section_kind section = tail_section(line_text(text, line));

        if (section == SECTION_NONE)
            break;
        line->section = section;
        end--;
    }
    return end;
}

/* ---- all of it ---- */

static void mark_body_line(struct line *line, struct span s)
{
    line->section = SECTION_BODY;
    line->is_list_item = line->kind == BLOCK_LIST_ITEM || words_bullet(s) > 0;
    line->is_heading = line->kind == BLOCK_HEADING || is_heading_shaped(s);
    if (line->is_heading)
        line->is_list_item = false;
    if ((is_furniture(s) && !is_prose(s)) || (is_bar(s) && words_count(s) < PROSE_SURE_WORDS))
        line->section = SECTION_BOILERPLATE;
    else if (is_contact(s) && (has_email(s) || has_phone(s)) && !is_prose(s))
        line->section = SECTION_CONTACT;
}

static void collect_sections(const line_list *lines, struct arena *arena, struct text *out)
{
    struct section *last = NULL;

    for (size_t i = 0; i < lines->n; i++) {
        const struct line *line = &lines->items[i];

        if (!last || last->kind != line->section) {
            last = LIST_ADD(arena, &out->sections);
            *last = (struct section){.kind = line->section, .start = line->at.start};
        }
        last->end = line->at.end;
    }
}

void text_mark_lines(line_list *lines, struct arena *arena, struct text *out)
{
    size_t first = mark_top(lines, out);
    size_t end = mark_tail(lines, out, first);

    for (size_t i = first; i < end; i++)
        mark_body_line(&lines->items[i], line_text(out, &lines->items[i]));
    collect_sections(lines, arena, out);
}
