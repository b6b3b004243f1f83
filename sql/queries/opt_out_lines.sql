-- Of each class the line that its messages must hold, by language; empty: none.
SELECT class, opt_out_zh, opt_out_en FROM hall.message_class
