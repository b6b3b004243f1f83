-- $1 id.  Columns as in smsd/ctl/parked.c; what the last try answered stands in the subscriber's newest MO of that time.
SELECT p.id, p.state, p.msisdn, to_char(p.at, 'YYYY-MM-DD HH24:MI:SSOF'), p.port, p.link, p.text, p.command, p.version,
       p.sqlstate, p.error, p.attempt, to_char(p.parked_at, 'YYYY-MM-DD HH24:MI:SSOF'),
       to_char(p.changed_at, 'YYYY-MM-DD HH24:MI:SSOF'), p.changed_by,
       CASE WHEN p.state = 'done' THEN (SELECT concat_ws(' ', m.command, m.outcome) FROM hall.mo AS m
        WHERE m.msisdn = p.msisdn AND m.at = p.at ORDER BY m.batch DESC LIMIT 1) END
FROM hall.parked AS p WHERE p.id = $1::uuid
