typedef int message_not_yet;
