-- $1 subscribers, $2 ids, $3 class, $4 causes, $5 wording, $6 texts, $7 languages, $8 segments, $9 port, $10 version, $11 when the
-- cause came: messages of a reminder.
SELECT hall.door_put($1::text[], $2::uuid[], $3::text, 'reminder', $4::uuid[], $5::text, $6::text[], $7::text[], $8::smallint[],
	$9::text, $10::integer, $11::timestamptz)
