/* `pollwatch article FILE…`: the main text of local pages, one NDJSON line each. */
#ifndef POLLWATCH_PARSER_ARTICLE_COMMAND_H
#define POLLWATCH_PARSER_ARTICLE_COMMAND_H

/* Returns the exit status. */
int article_command(int argc, char **argv);

#endif
