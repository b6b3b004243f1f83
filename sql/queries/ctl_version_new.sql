-- $1 note, $2 who makes it.
INSERT INTO hall.table_version (state, note, made_by, activated_at)
VALUES ('active', $1::text, coalesce($2::text, session_user), now()) RETURNING id
