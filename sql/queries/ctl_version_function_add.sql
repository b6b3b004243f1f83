-- $1 version, $2 command, $3 function, $4 parameters, $5 their types, $6 columns, $7 outcomes or NULL.
INSERT INTO hall.table_function (version, command, function, params, param_types, columns, outcomes)
VALUES ($1::int, $2::text, $3::text, $4::text[], $5::text[], $6::text[], $7::text[])
