DELETE FROM hall.mo_part WHERE msisdn = $1::text AND port = $2::text AND ref = $3::int AND total = $4::smallint
