-- $1 runs, $2 their rows, $3 version of the tables, $4 columns, $5 seconds to the next level, $6 levels at most, $7 now.
SELECT hall.reminder_ran($1::uuid[], $2::text[]::integer[], $3::integer, $4::text[], $5::text[]::integer[], $6::smallint[], $7::timestamptz)
