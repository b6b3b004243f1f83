-- $1: --as; $2: who sits at the terminal, whom the database believes where he is a superuser anyway.
SELECT coalesce($1::text, CASE WHEN r.rolsuper THEN $2::text END) FROM pg_roles r WHERE r.rolname = session_user
