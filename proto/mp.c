typedef int mp_not_yet;
