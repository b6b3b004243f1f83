-- $1 blast: what it says.
SELECT t.uuid, t.port, t.columns, t.opt_out, t.variant, t.lang, t.text FROM hall.blast_texts($1::integer) AS t
