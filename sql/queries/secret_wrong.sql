-- $1 sender, $2 wrong secrets in a row, $3 until when none counts.
INSERT INTO hall.wrong_secret AS w (msisdn, times, until, changed_at)
VALUES ($1, $2::smallint, $3::timestamptz, now())
ON CONFLICT (msisdn) DO UPDATE SET times = excluded.times, until = excluded.until, changed_at = excluded.changed_at
