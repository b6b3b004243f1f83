-- $1 version, $2 name, $3 content.
INSERT INTO hall.table_file (version, name, content) VALUES ($1::int, $2::text, $3::text)
