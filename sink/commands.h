/* The commands of pollwatch-sink. Each reads its own options and returns an exit status. */
#ifndef POLLWATCH_SINK_COMMANDS_H
#define POLLWATCH_SINK_COMMANDS_H

int service_main(int argc, char **argv);
int convert_main(int argc, char **argv);
int tail_main(int argc, char **argv);

#endif
