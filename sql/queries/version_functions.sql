SELECT command, function, array_to_string(columns, E'\n'), array_to_string(outcomes, E'\n'),
       array_to_string(param_types, E'\n')
FROM hall.table_function WHERE version = $1::int
