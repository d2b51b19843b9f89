typedef int record_not_yet;
