-- $1 sender, $2 command, $3 since, $4 until: how often he used it or was asked something by it, and when first.
SELECT greatest(count(*) FILTER (WHERE o.asked), count(*) FILTER (WHERE NOT o.asked)),
       coalesce((extract(epoch FROM min(o.at)) * 1000000)::bigint, 0)
FROM (SELECT m.at, m.outcome IN ('confirm', 'need_password', 'need_otp') AS asked
      FROM hall.mo AS m
      WHERE m.msisdn = $1 AND m.at > $3::timestamptz AND m.at <= $4::timestamptz AND m.command = $2
      AND m.outcome NOT IN ('too_many', 'step', 'repeated', 'usage', 'not_for_you', 'not_now', 'declined', 'late', 'left', 'retry', 'gave_up', 'wrong_password', 'wrong_otp', 'locked')
      ORDER BY m.at DESC LIMIT 1000) AS o
