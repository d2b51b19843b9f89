/*
 * `pollwatch check-rules`: what is wrong in the coding rules although they load, and how many of
 * their phrases any text has put to the test.
 */
#ifndef POLLWATCH_PARSER_CHECK_RULES_H
#define POLLWATCH_PARSER_CHECK_RULES_H

/* Returns the exit status: EX_DATAERR when a phrase contradicts another or can't be met. */
int check_rules_command(int argc, char **argv);

#endif
