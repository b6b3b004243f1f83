SELECT name, content FROM hall.table_file WHERE version = $1::int ORDER BY name
