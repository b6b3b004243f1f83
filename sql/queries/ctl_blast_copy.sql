-- Rows of a list on their way to hall.blast_recipients_add().
COPY hall.blast_load (load, line, msisdn, lang, data) FROM STDIN (FORMAT binary)
