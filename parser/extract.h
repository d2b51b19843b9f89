/*
 * `pollwatch extract`: statements and findings of local files, without services, through the same
 * caged child that the parser uses; or, for those who extend the rules, what was understood of
 * each sentence and what was not.
 */
#ifndef POLLWATCH_PARSER_EXTRACT_H
#define POLLWATCH_PARSER_EXTRACT_H

/* Returns the exit status. */
int extract_command(int argc, char **argv);

#endif
