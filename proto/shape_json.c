typedef int shape_json_not_yet;
