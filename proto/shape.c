typedef int shape_not_yet;
