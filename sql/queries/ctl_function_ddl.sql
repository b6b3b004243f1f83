-- $1 name, $2 parameter types, $3 columns, $4 their types, $5 read-only, $6 body: the statements that create the
-- function and let its callers, and nobody else, call it.  Parameters have no names: none can hide a column.
SELECT format('CREATE FUNCTION %s RETURNS TABLE (%s) LANGUAGE plpgsql SECURITY DEFINER %s '
              'SET search_path = hall_api, pg_temp AS %L',
              f.signature,
              (SELECT string_agg(format('%I %s', c.name, c.type), ', ' ORDER BY c.n)
               FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS c (name, type, n)),
              CASE WHEN $5::boolean THEN 'SET transaction_read_only = on' ELSE '' END,
              $6::text),
       format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature),
       format('GRANT EXECUTE ON FUNCTION %s TO smsd, hall_ops', f.signature)
FROM (SELECT format('hall_cmd.%I (%s)', $1::text, array_to_string($2::text[], ', ')) AS signature) AS f
