/*
 * `pollwatch extract`: statements and findings of local files, without services, through the same
 * caged child that the parser uses.
 */
#ifndef POLLWATCH_PARSER_EXTRACT_H
#define POLLWATCH_PARSER_EXTRACT_H

/* Returns the exit status. */
int extract_command(int argc, char **argv);

#endif
